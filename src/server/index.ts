/** For Node's socket.io servers: what `delivery: exactlyOnce()` needs there. */
export { dedupe } from "./dedupe.js";
export type { DedupeOptions, ServerLike } from "./dedupe.js";
export type { DedupeStore } from "./store.js";
export type { ConnectionLike, MemoryOptions } from "./streams.js";
export type { PacketLike, ServerSocketLike } from "./gate.js";
export { onReauth } from "./reauth.js";
export type { ReauthSocketLike } from "./reauth.js";
export { contract } from "./contract.js";
export type { ServerContractOptions, ServerViolation } from "./contract.js";
export { EventError } from "../contract/event-error.js";
export type { ServerEmits, ServerListens } from "../contract/event-maps.js";
