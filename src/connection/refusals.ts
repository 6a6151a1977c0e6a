import { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";

/**
 * What the server said with CONNECT_ERROR. Servers in Python send a text, others `{message, data}`.
 *
 * @param isEntered - the namespace is there: the server has refused fresh data
 */
export function refusal(data: unknown, isEntered = false): TautlineError {
  const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
    message?: unknown;
    data?: unknown;
  };
  const text = typeof message === "string" ? message : "the server refused the namespace";
  const code = text === "Invalid namespace" && !isEntered ? "unknown-namespace" : "refused";
  return new TautlineError(code, text, { data: reason });
}

/** It let us in without telling an id. */
export function oldServer(): TautlineError {
  return new TautlineError(
    "unsupported-version",
    "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
  );
}

/** How the hosts' `fetch`, and those who build upon it, say that the network has failed. There is no class for it. */
const OUTAGE = /fetch|network|load failed|timed? ?out|disconnected/i;

/** The app's own function failed: it says no, or the network that it needs has failed. */
export function authFailure(cause: unknown): TautlineError {
  const { message } = Object(cause) as { message?: string };
  const code = OUTAGE.test(message ?? "") ? "unreachable" : "refused";
  return new TautlineError(code, "the auth function failed", { cause });
}

export function lostBeforeAnswer(reason: CloseReason, details: CloseDetails): TautlineError {
  if (details instanceof TautlineError) return details;
  return new TautlineError(
    reason === "ping timeout" ? "timeout" : "transport-close",
    `the connection ended before the server let the namespace in: ${reason}`,
    { description: details },
  );
}

/** The server, or the app's own function, has said no each time that `auth` was asked. */
export function unauthorized({ message, data, cause }: TautlineError): TautlineError {
  return new TautlineError("unauthorized", message, { data, cause });
}
