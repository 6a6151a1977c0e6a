/**
 * The public surface. What isn't named here is private: it may change with any release.
 */
import { Manager as BareManager } from "./manager/manager.js";
import { createLookup, type Lookup } from "./io.js";
import { diagnosis } from "./engine/diagnosis.js";
import { hints } from "./engine/hints.js";
import { memory } from "./engine/memory.js";
import type { EngineParts } from "./engine/parts.js";
import { upgrade } from "./engine/upgrader.js";
import { Socket as BareSocket } from "./socket/socket.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
import { Polling } from "./transports/polling.js";
import { WebSocketTransport } from "./transports/websocket.js";
import { WebTransportTransport } from "./transports/webtransport.js";

const parts: EngineParts = {
  transports: {
    websocket: WebSocketTransport,
    polling: Polling,
    webtransport: WebTransportTransport,
  },
  memory,
  upgrade,
  diagnosis,
  hints,
};

/** Keeps one connection alive and carries many namespaces over it. Knows all transports by name. */
export class Manager extends BareManager {
  protected override get parts(): EngineParts {
    return parts;
  }
}

/** One namespace, as the app sees it. */
export const Socket = BareSocket;
export type Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = Manager,
> = BareSocket<ListenEvents, EmitEvents, Io>;

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Lookup<Manager> = createLookup(Manager);
export { io as connect, io as default };

export { TautlineError } from "./errors.js";
export { protocol } from "./protocol/socket-packet.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";

export type { EngineOptions, TransportName } from "./engine/options.js";
export type { SessionEvents as EngineEvents } from "./engine/events.js";
export type { Session as Engine } from "./engine/session.js";
export type { Attempt, ErrorCode } from "./errors.js";
export type { ManagerEvents, ManagerState } from "./manager/events.js";
export type { LookupOptions, ManagerOptions } from "./manager/options.js";
export type { ManagerStats } from "./manager/stats.js";
export type { NetworkEvent, NetworkSignals } from "./platform/platform.js";
export type { CloseReason, DisconnectDescription } from "./protocol/close-reason.js";
export type { CustomParser } from "./protocol/parser-codec.js";
export type { BinaryData, EngineFrame, EnginePacket } from "./protocol/engine-packet.js";
export type { SocketPacket } from "./protocol/socket-packet.js";
export type { Auth } from "./socket/auth.js";
export type { SocketReservedEvents } from "./socket/conversation.js";
export type { DeliveryMode } from "./socket/delivery.js";
export type { Emission } from "./socket/emit-options.js";
export type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";
export type { BufferOptions } from "./socket/outbox.js";
export type { EventReader, EventsOptions } from "./socket/reading.js";
export type { SocketOptions } from "./socket/socket.js";
export type { WaitOptions } from "./socket/waiting.js";
export type {
  Transport,
  TransportClass,
  TransportFailure,
  TransportOptions,
  TransportSink,
} from "./transports/transport.js";
