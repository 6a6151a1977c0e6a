import type { Table } from "../machine.js";

export type TabState = "away" | "seeking" | "guest" | "host" | "handing" | "alone";
export type TabEvent =
  "joined" | "heard" | "elected" | "refused" | "silent" | "handOver" | "stolen" | "left";

/** See docs/states.md. */
export const tabTable: Table<TabState, TabEvent> = {
  away: { joined: "seeking" },
  seeking: {
    heard: "guest",
    elected: "host",
    refused: "alone",
    silent: "seeking",
    left: "away",
  },
  guest: { heard: "guest", elected: "host", silent: "seeking", left: "away" },
  host: { handOver: "handing", stolen: "seeking", left: "away" },
  handing: { stolen: "seeking", left: "away" },
  alone: { left: "away" },
};
