import { type Attempt, type ErrorCode, isFinal, TautlineError } from "../errors.js";
import { isOnline } from "../platform/browser.js";
import { parseJson } from "../protocol/handshake.js";
import type { TransportFailure } from "../transports/transport.js";
import type { Finding, Hints } from "./parts.js";

/** What engine.io says in its refusals. */
const SESSION_UNKNOWN = 1;
export const UNSUPPORTED_VERSION = 5;
/** "Upgrade Required": what a plain WebSocket server says to an HTTP request. */
export const UPGRADE_REQUIRED = 426;
const TOO_LARGE = 413;

/** The code in engine.io's answer to a request that it refuses: `{"code":1,"message":"Session ID unknown"}`. */
export function refusalIn(status = 0, body = ""): number | undefined {
  // others answer with JSON of this shape too, but not with these statuses and numbers
  if (status !== 400 && status !== 403) return undefined;
  const { code, message } = Object(parseJson(body)) as { code: unknown; message: unknown };
  return typeof code === "number" && code <= UNSUPPORTED_VERSION && typeof message === "string"
    ? code
    : undefined;
}

/** One failed try at a server -> its code. */
export function attemptCode(failure: TransportFailure, hostname?: string): ErrorCode {
  const { code, status, body } = failure;
  if (code) return code;
  if (!status) return isOnline(hostname) ? "unreachable" : "offline";
  if (status === TOO_LARGE) return "too-large";
  if (status === UPGRADE_REQUIRED) return "not-socketio";
  const refusal = refusalIn(status, body);
  if (refusal === SESSION_UNKNOWN) return "session-unknown";
  return refusal === UNSUPPORTED_VERSION ? "unsupported-version" : "http-status";
}

/**
 * The failure of a transport as the error that the app gets, with the verdict: whether and when a retry has a chance.
 *
 * @param failure - of no kind when nothing failed, and the time was over
 */
export function transportError(
  code: ErrorCode,
  failure: Partial<TransportFailure>,
  hints?: Hints,
  attempts?: Attempt[],
): TautlineError {
  const { kind, message, description, context, cause, status, retryAfter, hint } = failure;
  return new TautlineError(code, message ?? "timeout", {
    ...(kind && { type: "TransportError", description, context, cause }),
    ...(attempts && { attempts }),
    ...(isFinal(code, status) && { isFinal: true }),
    ...(retryAfter
      ? { retryAfter, hint: `the server asks to wait ${Math.ceil(retryAfter / 1000)} s` }
      : { hint: hint ?? hints?.[code] }),
  });
}

/** All that was tried, as the error that the app gets. */
export function explain(
  attempts: Attempt[],
  failures: TransportFailure[],
  hints?: Hints,
  finding?: Finding,
): TautlineError {
  // a failed HTTP request tells more than a failed WebSocket
  const failure = failures.find(({ message }) => /^(xhr|fetch|http) /.test(message)) ?? failures[0];
  return transportError(
    finding?.code ?? principal(attempts),
    { ...failure, ...finding },
    hints,
    attempts,
  );
}

/** The code of the attempt that tells most. */
function principal(attempts: readonly Attempt[]): ErrorCode {
  const known = attempts.filter(({ code }) => code !== "unreachable" && code !== "timeout");
  const best = polled(known) ?? known[0] ?? attempts[attempts.length - 1];
  return best?.code ?? "timeout";
}

export function polled(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(({ transport }) => transport === "polling");
}
