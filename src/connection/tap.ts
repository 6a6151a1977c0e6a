import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import type { ChannelEvent, ChannelState } from "./channel-table.js";
import type { Change, ConnectionEvent } from "./connection-table.js";
import type { ConnectionEvents, ConnectionState } from "./events.js";
import type { Report } from "./report.js";

/** What is told beside packets, transitions and the manager's events. */
export type Note =
  /** The host said so, or (`doubt`) a line has to prove that it is alive. */
  | { kind: "signal"; signal: string }
  /** The answer to a probe came after `ms`. */
  | { kind: "probe"; ms: number }
  /** The server, or the app's `auth`, has refused a namespace. */
  | { kind: "refused"; nsp: string; code: string }
  /** A refused namespace is asked for again after so many milliseconds. */
  | { kind: "wait"; nsp: string; delay: number };

/** Who sees packets. */
export interface PacketTap {
  /** A packet came in. */
  received(packet: SocketPacket): void;
  /** A packet was handed over. */
  sent(encoded: Encoded): void;
}

/** An observer of everything that a connection does, in order: `tautline/recorder`. It must not throw. */
export interface Tap {
  /** The state of the connection has changed. Called before any reaction and any event. */
  moved(state: ConnectionState, old: ConnectionState, event: ConnectionEvent, by: Change): void;
  /** The same of a namespace. */
  channelMoved(nsp: string, state: ChannelState, old: ChannelState, event: ChannelEvent): void;
  /** An event of the manager, before its listeners are called. */
  told<K extends keyof ConnectionEvents>(event: K, args: Parameters<ConnectionEvents[K]>): void;
  note(note: Note): void;
  /** What was seen so far; of `socket.report()`. */
  report(): Report;
  readonly packets: PacketTap;
}
