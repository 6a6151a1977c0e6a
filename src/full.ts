/** Everything: all parts, the texts that explain errors, and all functions. */
import { defaults } from "./defaults.js";
import { hints } from "./engine/hints.js";
import { createIo, type Io } from "./io.js";
import { type Manager as BareManager } from "./manager/manager.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
import { WebTransportTransport } from "./transports/webtransport.js";

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Io = /* @__PURE__ */ createIo(defaults, {
  transports: { ...defaults.transports, webtransport: WebTransportTransport },
  hints,
});
export { io as connect, io as default };

/** Keeps one connection alive and carries many namespaces over it. */
export const Manager = /* @__PURE__ */ (() => io.Manager)();
export type Manager<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> = BareManager<ListenEvents, EmitEvents>;

export { createIo } from "./io.js";
export { atLeastOnce } from "./delivery/at-least-once.js";
export { exactlyOnce } from "./delivery/exactly-once.js";
export { TautlineError } from "./errors.js";
export { Socket } from "./manager/managed-socket.js";
export { protocol } from "./protocol/socket-packet.js";
export { events, next } from "./reading/reading.js";
export { drained, flush } from "./reading/waiting.js";
export { rtt, stats } from "./stats/stats.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";
export type { Parts } from "./connection/parts.js";
export type { LookupOptions } from "./io.js";
export type { ManagerOptions } from "./manager/manager.js";
export type { DisconnectDescription } from "./protocol/close-reason.js";
export type { SocketOptions } from "./socket/socket-options.js";
export type { DefaultEventsMap, EventsMap, Io };
