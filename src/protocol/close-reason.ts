/** Socket.IO's words for the end of a connection, letter for letter. */
export type CloseReason =
  | "io server disconnect"
  | "io client disconnect"
  | "ping timeout"
  | "transport close"
  | "transport error"
  | "parse error"
  | "forced close";

/** What was seen when a connection ended. */
export interface DisconnectDescription {
  description: unknown;
  /** The CloseEvent or XMLHttpRequest. */
  context?: unknown;
}

/** What comes with a close reason. */
export type CloseDetails = DisconnectDescription | Error | undefined;
