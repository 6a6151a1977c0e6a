/** For Node's socket.io servers: what `delivery: "exactly-once"` needs there. */
export { dedupe } from "./dedupe.js";
export { MemoryStore } from "./memory-store.js";
export type { DedupeOptions, ServerLike, ServerSocketLike } from "./dedupe.js";
export type { MemoryStoreOptions } from "./memory-store.js";
export type { DedupeStore } from "./store.js";
