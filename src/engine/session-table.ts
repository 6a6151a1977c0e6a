import type { Table } from "../machine.js";

export type SessionState = "opening" | "open" | "closing" | "closed";
export type SessionEvent = "handshake" | "close" | "drained" | "lost";

/** See docs/states.md. A session is single-use. */
export const sessionTable: Table<SessionState, SessionEvent> = {
  opening: { handshake: "open", close: "closed", lost: "closed" },
  open: { close: "closing", lost: "closed" },
  closing: { drained: "closed", lost: "closed" },
  closed: {},
};
