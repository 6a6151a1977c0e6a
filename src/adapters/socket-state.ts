import type { ConnectionState } from "../connection/events.js";
import type { TautlineError } from "../errors.js";
import type { Manager } from "../manager/manager.js";
import type { EventsOf } from "../reading/reading.js";
import type { DefaultEventsMap, WithReserved } from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import type { SocketReservedEvents } from "../socket/socket-events.js";

/** Any socket of `io()`. */
export type AnySocket = Socket<DefaultEventsMap, DefaultEventsMap, Manager>;

/** The events of a socket, with the library's own. */
export type Heard<S> = WithReserved<EventsOf<NonNullable<S>>, SocketReservedEvents>;

/** What a socket and its connection are doing. */
export interface SocketState {
  /** The server has accepted the namespace. */
  isConnected: boolean;
  /** Of the connection, which other namespaces may share: see docs/states.md. */
  state: ConnectionState;
  /** Name of the transport in use; undefined while there is none. */
  transport: string | undefined;
  /** In "waiting" and "opening": the number of the reconnect, from 1. */
  attempt: number | undefined;
  /** In "waiting": milliseconds from its beginning until the next try. */
  delay: number | undefined;
  /** Milliseconds of the last round trip. Measured while some component reads it: when connected, and at each heartbeat. */
  rtt: number | undefined;
  /** What the last `connect_error` said; undefined once it is connected. */
  error: TautlineError | undefined;
}

/** Before anything is known; what a server renders. */
export const UNKNOWN_STATE: SocketState = {
  isConnected: false,
  state: "closed",
  transport: undefined,
  attempt: undefined,
  delay: undefined,
  rtt: undefined,
  error: undefined,
};
