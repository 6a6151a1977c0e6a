/**
 * The default entry during development (the condition "development"): the same, with a sentence for each error and
 * warnings of misspelt options.
 */
import { defaults } from "./defaults.js";
import { hints } from "./engine/hints.js";
import { createIo, type Io } from "./io.js";
import { warnUnknownOptions } from "./options/warn-unknown-options.js";

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Io = /* @__PURE__ */ createIo(defaults, { hints, checks: warnUnknownOptions });
export { io as connect, io as default };
export const Manager = /* @__PURE__ */ (() => io.Manager)();

export { createIo } from "./io.js";
export { TautlineError } from "./errors.js";
export { Socket } from "./manager/managed-socket.js";
export { protocol } from "./protocol/socket-packet.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";
