/**
 * The same API without any part: what an app names is all that its bundle contains.
 *
 * @example
 * import { createIo, memory, signals, upgrade, WebSocket, XHR } from "tautline/slim";
 * const io = createIo({ transports: { websocket: WebSocket, polling: XHR }, upgrade, memory, signals });
 */
import { createIo, type Io } from "./io.js";

/** Connects with the classes that the `transports` option names, and nothing else. */
export const io: Io = /* @__PURE__ */ createIo();
export { io as connect, io as default };

export { createIo } from "./io.js";
export { Manager } from "./manager/manager.js";
export { Socket } from "./manager/managed-socket.js";
export { TautlineError } from "./errors.js";
export { protocol } from "./protocol/socket-packet.js";

export { signals } from "./connection/vigil.js";
export { createRetries as retries } from "./delivery/retries.js";
export { diagnosis } from "./engine/diagnosis.js";
export { memory } from "./engine/memory.js";
export { upgrade } from "./engine/upgrader.js";
export { hints } from "./engine/hints.js";
export { createParserCodec as parser } from "./protocol/parser-codec.js";
export { Fetch, Polling, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";
export type { Parts } from "./connection/parts.js";
export type { Io, LookupOptions } from "./io.js";
