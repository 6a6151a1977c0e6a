/**
 * The same API without the transports: `transports` takes classes, and only those are bundled.
 *
 * @example
 * import { io, WebSocket } from "tautline/slim";
 * io(url, { transports: [WebSocket] });
 */
import { createLookup, type Lookup } from "./io.js";
import { Manager } from "./manager/manager.js";
import { Socket as BareSocket } from "./socket/socket.js";
import type { DefaultEventsMap, EventsMap } from "./socket/event-types.js";

/** One namespace, as the app sees it. */
export const Socket = BareSocket;
export type Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = Manager,
> = BareSocket<ListenEvents, EmitEvents, Io>;

/** Connects to a namespace of a Socket.IO server and returns its socket. */
export const io: Lookup<Manager> = /* @__PURE__ */ createLookup(Manager);
export { io as connect, io as default, Manager };
export { TautlineError } from "./errors.js";
export { protocol } from "./protocol/socket-packet.js";
export { Fetch, XHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";
