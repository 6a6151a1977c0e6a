import { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";

/** What the server said with CONNECT_ERROR, or to fresh auth data. Servers in Python send a text, others `{message, data}`. */
export function refusal(data: unknown, isNamespace = true): TautlineError {
  const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
    message?: unknown;
    data?: unknown;
  };
  const what = isNamespace ? "namespace" : "auth data";
  const text = typeof message === "string" ? message : `the server refused the ${what}`;
  const isUnknown = isNamespace && text === "Invalid namespace";
  return new TautlineError(isUnknown ? "unknown-namespace" : "refused", text, { data: reason });
}

/** It let us in without telling an id. */
export function oldServer(): TautlineError {
  return new TautlineError(
    "unsupported-version",
    "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
  );
}

/** The app's own function threw or rejected. It can say itself that asking again is pointless. */
export function authFailure(cause: unknown): TautlineError {
  return cause instanceof TautlineError && cause.code === "unauthorized"
    ? cause
    : new TautlineError("auth-failed", "the auth function failed", { cause });
}

export function lostBeforeAnswer(reason: CloseReason, details: CloseDetails): TautlineError {
  if (details instanceof TautlineError) return details;
  return new TautlineError(
    reason === "ping timeout" ? "timeout" : "transport-close",
    `the connection ended before the server let the namespace in: ${reason}`,
    { description: details },
  );
}

/** The server has said no each time that `auth` was asked. */
export function unauthorized({ message, data, cause }: TautlineError): TautlineError {
  return new TautlineError("unauthorized", message, { data, cause });
}
