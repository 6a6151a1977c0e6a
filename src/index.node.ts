/** The default entry in Node (the condition "node"): the same, with the features of Node (docs/node.md). */
import { defaults } from "./defaults.js";
import { createIo, type Io } from "./io.js";
import { node } from "./node/index.js";

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Io = /* @__PURE__ */ createIo(defaults, node);
export { io as connect, io as default };
export const Manager = /* @__PURE__ */ (() => io.Manager)();

export { createIo } from "./io.js";
export { TautlineError } from "./errors.js";
export { protocol } from "./protocol/socket-packet.js";
export { Socket } from "./socket/socket.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";
