import type { Table } from "../machine.js";
import type { ConnectionState } from "./events.js";

export type ConnectionEvent =
  | "connect"
  | "opened"
  | "lost"
  | "exhausted"
  | "delayElapsed"
  | "wake"
  | "networkLost"
  | "sleep"
  | "disconnect";

/** What comes with an event of the machine. */
export interface Change {
  /** A close reason, an error code, or what was called. */
  why: string;
  /** In "waiting": milliseconds until the next try. */
  delay?: number;
}

/** See docs/states.md. */
export const connectionTable: Table<ConnectionState, ConnectionEvent> = {
  closed: { connect: "opening" },
  opening: {
    opened: "open",
    lost: "waiting",
    exhausted: "failed",
    sleep: "offline",
    disconnect: "closed",
  },
  open: { lost: "waiting", exhausted: "failed", sleep: "offline", disconnect: "closed" },
  waiting: {
    delayElapsed: "opening",
    connect: "opening",
    wake: "opening",
    networkLost: "offline",
    sleep: "offline",
    exhausted: "failed",
    disconnect: "closed",
  },
  offline: {
    delayElapsed: "opening",
    wake: "opening",
    connect: "opening",
    exhausted: "failed",
    disconnect: "closed",
  },
  failed: { connect: "opening", disconnect: "closed" },
};
