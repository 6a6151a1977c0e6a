import { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";

/** What the server said with CONNECT_ERROR. Servers in Python send a text, others `{message, data}`. */
export function refusal(data: unknown): TautlineError {
  const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
    message?: unknown;
    data?: unknown;
  };
  const text = typeof message === "string" ? message : "the server refused the namespace";
  const code = text === "Invalid namespace" ? "unknown-namespace" : "refused";
  return new TautlineError(code, text, { data: reason });
}

/** It let us in without telling an id. */
export function oldServer(): TautlineError {
  return new TautlineError(
    "unsupported-version",
    "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
  );
}

/** The app's own function failed, or gave what can't be sent. */
export function authFailure(cause: unknown): TautlineError {
  return cause instanceof TautlineError
    ? cause
    : new TautlineError("refused", "the auth function failed", { cause });
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
