/** One connection for all tabs: docs/shared.md. */
export { shared, type SharedOptions } from "./share.js";
export { inWorker, type SharedHost, type SharedWorkerLike } from "./worker-host.js";
export { serveTabs } from "./worker.js";
export type { Shared, SharedState } from "../connection/events.js";
