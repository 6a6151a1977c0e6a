import type { ErrorCode } from "../errors.js";
import type { Environment } from "../platform/environment.js";
import type { CloseReason } from "../protocol/close-reason.js";
import type { ChannelEvent, ChannelState } from "./channel-table.js";
import type { ConnectionEvent } from "./connection-table.js";
import type { ConnectionState, SharedState } from "./events.js";

/** The version of the format. */
export const REPORT_VERSION = 1;

/** What every entry has. */
export interface Timed {
  /** Its place in the order of what happened, from 0. A gap: what stood there is not kept any more. */
  n: number;
  /** Milliseconds since the recording began. Packets of one turn of the event loop have the same time. */
  at: number;
}

export type PacketName =
  | "connect"
  | "disconnect"
  | "event"
  | "ack"
  | "connect_error"
  | "binary_event"
  | "binary_ack"
  | "ping";

/** The head of a packet. */
export interface PacketEntry extends Timed {
  kind: "in" | "out";
  type: PacketName;
  nsp: string;
  /** Name of the event, at most 64 characters of it. */
  event?: string;
  /** Ack id: of an event that wants an answer, or of the answer. */
  id?: number;
  /** Text counts a byte a character. */
  bytes: number;
  transport: string;
  /** Acks: the number of the packet that this one answers, where that is still kept. */
  of?: number;
  /** Acks: milliseconds since that packet. */
  ms?: number;
  /** What the option `keep` returned, as JSON; at most 1,000 characters of it. */
  data?: string;
}

/** One transport that was tried and failed. */
export interface AttemptEntry {
  transport: string;
  ms: number;
  code: ErrorCode;
  status?: number;
}

/** What is no packet. */
export type NoteEntry = Timed &
  (
    | {
        kind: "state";
        state: ConnectionState;
        old: ConnectionState;
        /** Of the table in docs/states.md. */
        event: ConnectionEvent;
        /** A close reason, an error code, or what was called. */
        why: string;
        /** In "waiting": milliseconds until the next try. */
        delay?: number;
        /** In "opening" and "waiting": the number of the reconnect, from 1. */
        attempt?: number;
      }
    | {
        kind: "channel";
        nsp: string;
        state: ChannelState;
        old: ChannelState;
        /** Of the table in docs/states.md. */
        event: ChannelEvent;
      }
    /** "opened": the handshake came over it. "probed": it answers, and the session moves. "stayed": it did not work. */
    | {
        kind: "transport";
        what: "opened" | "probed" | "upgraded" | "stayed";
        transport: string;
        code?: ErrorCode;
        attempts?: AttemptEntry[];
      }
    /** A connect failed. */
    | { kind: "failure"; code: ErrorCode; attempts: AttemptEntry[] }
    /** A connection ended. `code`: of an error; `status`: of a response; `closeCode`: of a WebSocket. */
    | { kind: "close"; reason: CloseReason; code?: ErrorCode; status?: number; closeCode?: number }
    /** A packet of the app's was dropped. */
    | { kind: "drop"; code: ErrorCode; nsp: string; event?: string; delivery?: string }
    /** A namespace was refused. */
    | { kind: "refused"; nsp: string; code: string }
    /** A refused namespace is asked for again after `delay` milliseconds. */
    | { kind: "wait"; nsp: string; delay: number }
    /** The host's signals; "doubt": the line has to prove that it is alive. */
    | { kind: "signal"; signal: string }
    /** With the `share` option: what the tab is to the connection, and how many tabs share it. */
    | ({ kind: "shared" } & SharedState)
    /** The answer to a probe. */
    | { kind: "probe"; ms: number }
  );

export type Entry = PacketEntry | NoteEntry;

/** A namespace, now. */
export interface ChannelSnapshot {
  nsp: string;
  state: ChannelState;
  /** How many of its packets wait. */
  waiting: number;
}

/** A connection, now. */
export interface Snapshot {
  state: ConnectionState;
  /** Name of the transport in use, while the connection is open. */
  transport?: string;
  /** Reconnects since it was last open; 0 while it is open. */
  attempt: number;
  /** Milliseconds since it opened; 0 while it is not open. */
  uptime: number;
  /** Packets that wait in its sockets. */
  waiting: number;
  /** Bytes that were handed over and have not left yet. */
  bufferedAmount: number;
  channels: ChannelSnapshot[];
  /** With the `share` option, as far as it was told: what the tab is to the connection. */
  shared?: SharedState;
}

/** What was recorded, as JSON can hold it. */
export interface Report {
  /** Of this form. A change that a reader has to know of raises it; fields and kinds of entries may be added without. */
  version: 1;
  /** The version of Tautline. */
  library: string;
  /** When the report was made: ISO 8601. */
  made: string;
  /** When the recording began: ISO 8601. */
  began: string;
  /** Milliseconds from there to the report, or to the end of the recording. */
  duration: number;
  environment: Environment;
  /** Where the manager connects to: `protocol://host:port`. */
  server?: string;
  /** Of the manager: how the connection is kept, and the names of the transports. */
  options: Record<string, number | boolean | string[]>;
  /** At the end. */
  now: Snapshot;
  /** What happened and is not kept any more. */
  lost: { packets: number; notes: number };
  /** Oldest first. */
  entries: Entry[];
}
