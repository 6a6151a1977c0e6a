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
  /** A text; with polling it may be an HTTP status, which the type, as in socket.io-client, doesn't say. */
  description: string;
  /** The CloseEvent or XMLHttpRequest. */
  context?: unknown;
}

/** What comes with "transport close" where nobody but the page has ended the connection. */
export const PAGE_PUT_AWAY: DisconnectDescription = { description: "the page was put away" };
export const PAGE_LEFT: DisconnectDescription = { description: "the page was about to be left" };

/** The same where tabs share a connection, and the tab that had it let it go. */
export const HOST_GONE: DisconnectDescription = {
  description: "the tab that had the connection let it go",
};

/** What comes with a close reason. */
export type CloseDetails = DisconnectDescription | Error | undefined;
