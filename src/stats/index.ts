/** What a connection has done, and how far the server is. */
export { rtt, stats } from "./stats.js";
export type { ManagerLike, ManagerStats } from "./stats.js";
