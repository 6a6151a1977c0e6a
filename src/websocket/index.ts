/** `tautline/websocket`: a WebSocket that reconnects, for servers that are not Socket.IO. */
export { ReconnectingWebSocket } from "./reconnecting-websocket.js";
export { watch } from "./watch.js";
export { json } from "./json.js";
export { drained } from "./drained.js";
export { type CloseExplanation, explainClose } from "./explain-close.js";
export { TautlineError } from "../errors.js";
export type { ErrorCode } from "../errors.js";
export type {
  ReconnectingEvent,
  StateEvent,
  WebSocketCloseEvent,
  WebSocketErrorEvent,
  WebSocketEventMap,
} from "./events.js";
export type {
  MessageCodec,
  ProtocolsSource,
  UrlSource,
  WebSocketConstructor,
  WebSocketData,
  WebSocketOptions,
} from "./options.js";
export type { HeartbeatOptions, Watch, WatchedSocket, WatchOptions, WatchPart } from "./watch.js";
export type { WebSocketState } from "./websocket-table.js";
export type { NetworkEvent, NetworkSignals } from "../platform/platform.js";
