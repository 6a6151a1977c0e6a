export { diagnose, type DiagnoseOptions, type Report } from "./diagnose.js";
export type { Cause } from "./causes.js";
