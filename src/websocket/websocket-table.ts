import type { Table } from "../machine.js";

/** What a {@link ReconnectingWebSocket} is doing. */
export type WebSocketState = "closed" | "opening" | "open" | "waiting" | "closing";

export type WebSocketEventName = "open" | "opened" | "lost" | "ended" | "close";

/** The event `open` begins a new connection now, in each state. */
export const websocketTable: Table<WebSocketState, WebSocketEventName> = {
  closed: { open: "opening" },
  opening: { open: "opening", opened: "open", lost: "waiting", ended: "closed", close: "closing" },
  open: { open: "opening", lost: "waiting", ended: "closed", close: "closing" },
  waiting: { open: "opening", close: "closed" },
  closing: { open: "opening", ended: "closed" },
};
