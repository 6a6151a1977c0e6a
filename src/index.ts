/**
 * The public surface. What isn't named here is private: it may change with any release.
 */
import { defaults } from "./defaults.js";
import { createIo, type Io } from "./io.js";
import { type Manager as BareManager } from "./manager/manager.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Io = /* @__PURE__ */ createIo(defaults);
export { io as connect, io as default };

/** Keeps one connection alive and carries many namespaces over it. */
export const Manager = /* @__PURE__ */ (() => io.Manager)();
export type Manager<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
> = BareManager<ListenEvents, EmitEvents>;

export { createIo } from "./io.js";
export { TautlineError } from "./errors.js";
export { Socket } from "./manager/managed-socket.js";
export { protocol } from "./protocol/socket-packet.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";

export type {
  Auth,
  AuthCallback,
  AuthContext,
  AuthData,
  AuthReason,
  AuthReturn,
} from "./connection/auth.js";
export type { Channel } from "./connection/channel.js";
export type { ChannelState } from "./connection/channel-table.js";
export type { Connection } from "./connection/connection.js";
export type {
  ConnectionEvents as ManagerEvents,
  ConnectionState as ManagerState,
} from "./connection/events.js";
export type { Parts } from "./connection/parts.js";
export type { SessionEvents as EngineEvents } from "./engine/events.js";
export type { EngineOptions, TransportName } from "./engine/options.js";
export type { Session as Engine } from "./engine/session.js";
export type { Attempt, ErrorCode } from "./errors.js";
export type { Io, LookupOptions } from "./io.js";
export type { ManagerOptions } from "./manager/manager.js";
export type { BufferOptions } from "./pipeline/outbox.js";
export type { Delivery } from "./pipeline/policy.js";
export type { NetworkEvent, NetworkSignals } from "./platform/platform.js";
export type { CloseReason, DisconnectDescription } from "./protocol/close-reason.js";
export type { BinaryData, EngineFrame, EnginePacket } from "./protocol/engine-packet.js";
export type { CustomParser } from "./protocol/parser-codec.js";
export type { SocketPacket } from "./protocol/socket-packet.js";
export type { Emission } from "./socket/emission.js";
export type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
export type { SocketReservedEvents } from "./socket/socket-events.js";
export type { SocketOptions } from "./socket/socket-options.js";
export type {
  Transport,
  TransportClass,
  TransportFailure,
  TransportOptions,
  TransportSink,
} from "./transports/transport.js";
