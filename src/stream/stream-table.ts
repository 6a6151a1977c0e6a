import type { Table } from "../machine.js";

export type StreamState = "waiting" | "opening" | "flowing" | "ended";
export type StreamEvent = "ask" | "bind" | "lose" | "end";

/** One side of a stream, sender or receiver. */
export const streamTable: Table<StreamState, StreamEvent> = {
  waiting: { ask: "opening", bind: "flowing", end: "ended" },
  opening: { bind: "flowing", lose: "waiting", end: "ended" },
  flowing: { bind: "flowing", lose: "waiting", end: "ended" },
  ended: {},
};
