/** For Node's socket.io servers: what `delivery: exactlyOnce()` needs there. */
export { dedupe } from "./dedupe.js";
export type { DedupeOptions, ServerLike } from "./dedupe.js";
export type { DedupeStore } from "./store.js";
export type { ConnectionLike, MemoryOptions } from "./streams.js";
export type { PacketLike, ServerSocketLike } from "./gate.js";
export { receiveStream, stream } from "./streaming.js";
export { receiveUploads } from "./uploads.js";
export { overWebSockets } from "./over-web-sockets.js";
export type { StreamPeerSocket } from "./stream-entry.js";
export type { StreamBounds } from "./stream-registry.js";
export type { ReceiveOptions, ServeOptions, StreamContext, StreamServer } from "./streaming.js";
export type { AnnouncedFile, UploadSink, UploadsOptions } from "./uploads.js";
export type { WebSocketServerLike } from "./over-web-sockets.js";
