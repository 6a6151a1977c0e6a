import { type Attempt, type ErrorCode, type ErrorDetails, TautlineError } from "../errors.js";
import { host, isOnline } from "../platform/browser.js";
import type { TransportFailure } from "../transports/transport.js";

/** What engine.io says in its refusals. */
const SESSION_UNKNOWN = 1;
const UNSUPPORTED_VERSION = 5;
/** "Upgrade Required": what a plain WebSocket server says to an HTTP request. */
const UPGRADE_REQUIRED = 426;

/** The code in engine.io's answer to a request that it refuses: `{"code":1,"message":"Session ID unknown"}`. */
function refusalIn(body = ""): number | undefined {
  try {
    const { code, message } = JSON.parse(body) as { code: unknown; message: unknown };
    return typeof code === "number" && typeof message === "string" ? code : undefined;
  } catch {
    return undefined;
  }
}

/** One failed try -> its code. */
export function attemptCode({ code, status, body }: TransportFailure): ErrorCode {
  if (code) return code;
  if (!status) return isOnline() ? "unreachable" : "offline";
  switch (refusalIn(body)) {
    case SESSION_UNKNOWN:
      return "session-unknown";
    case UNSUPPORTED_VERSION:
      return "unsupported-version";
    default:
      return status === UPGRADE_REQUIRED ? "not-socketio" : "http-status";
  }
}

/** What the codes mean, in plain words; docs/errors.md says what to do. */
const HINTS: { [code in ErrorCode]?: string } = {
  offline: "the device is offline",
  timeout: "no answer in time: a firewall or proxy may swallow it",
  unreachable: "nothing answered: wrong host or port, server down, DNS or TLS problem",
  "websocket-blocked": "HTTP works, but WebSocket fails: a proxy or the server blocks it",
  cors: "the server's CORS headers don't let this page in",
  "http-status": "an HTTP error status: check the path option and the proxies",
  "not-socketio": "this isn't a Socket.IO server: check the URL and the path option",
  "unsupported-version": "the server is Socket.IO 2 or older: version 3 or 4 is needed",
  "session-unknown": "the load balancer has no sticky sessions, which long-polling needs",
};

/** The failure of a transport, as the error that the app gets. */
export function transportError(
  code: ErrorCode,
  { message, description, context, cause }: TransportFailure,
  details?: ErrorDetails,
): TautlineError {
  return new TautlineError(code, message, {
    type: "TransportError",
    description,
    context,
    cause,
    hint: HINTS[code],
    ...details,
  });
}

/** All that was tried, as the error that the app gets. */
export function explain(
  attempts: Attempt[],
  failures: TransportFailure[],
  code: ErrorCode = principal(attempts),
): TautlineError {
  // HTTP knows more of the reason than WebSocket, which is told nothing
  const failure = failures.find(({ message }) => message.startsWith("xhr")) ?? failures[0];
  return failure
    ? transportError(code, failure, { attempts })
    : new TautlineError(code, "timeout", { hint: HINTS[code], attempts });
}

/** The attempt that tells most. */
function principal(attempts: Attempt[]): ErrorCode {
  const known = attempts.filter(({ code }) => code !== "unreachable" && code !== "timeout");
  const best = polled(known) ?? known[0] ?? attempts[attempts.length - 1];
  return best?.code ?? "timeout";
}

function polled(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(({ transport }) => transport === "polling");
}

/** An address that an engine.io server refuses without making a session. */
export interface ProbeTarget {
  url: string;
  crossOrigin: boolean;
  withCredentials: boolean;
}

/**
 * A host doesn't say why a WebSocket or a cross-origin request failed. One more request tells "nothing there"
 * from "there, but blocked" or "there, but CORS": engine.io answers a session id that it doesn't know with a
 * refusal of its own.
 *
 * @returns a better code, or undefined when there is none
 */
export async function investigate(
  attempts: readonly Attempt[],
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<ErrorCode | undefined> {
  const { fetch } = host;
  const polling = polled(attempts);
  // what HTTP was told is as good as it gets
  if (!fetch || !isOnline() || (polling && polling.code !== "unreachable")) return;
  const { url, crossOrigin, withCredentials } = target;
  const request: RequestInit = {
    signal,
    credentials: withCredentials ? "include" : "same-origin",
  };
  if (!polling)
    try {
      const response = await fetch(url, request);
      const { status } = response;
      const refusal = refusalIn(await response.text());
      if (refusal === UNSUPPORTED_VERSION) return "unsupported-version";
      if (refusal !== undefined) return "websocket-blocked";
      return status === UPGRADE_REQUIRED || status < 300 ? "not-socketio" : "http-status";
    } catch {
      // no answer that may be read: is there one at all?
    }
  if (!crossOrigin) return;
  try {
    await fetch(url, { ...request, mode: "no-cors" });
    return polling ? "cors" : "websocket-blocked";
  } catch {
    return;
  }
}
