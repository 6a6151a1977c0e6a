/** One connection for all tabs: docs/shared.md. */
export { shared, type SharedOptions } from "./share.js";
export type { SharedState } from "../connection/events.js";
