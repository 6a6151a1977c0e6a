import { type Attempt, type ErrorCode, TautlineError } from "../errors.js";
import { fetchFunction, isOnline } from "../platform/browser.js";
import type { TransportFailure } from "../transports/transport.js";

/** The answer of engine.io to a request that it refuses: `{"code":1,"message":"Session ID unknown"}`. */
interface EngineRefusal {
  code: number;
  message: string;
}

const SESSION_UNKNOWN = 1;
const UNSUPPORTED_VERSION = 5;
/** "Upgrade Required": what a plain WebSocket server says to an HTTP request. */
const UPGRADE_REQUIRED = 426;

function refusalIn(body: string | undefined): EngineRefusal | undefined {
  try {
    const parsed = JSON.parse(body ?? "") as Partial<EngineRefusal> | null;
    return typeof parsed?.code === "number" && typeof parsed.message === "string"
      ? (parsed as EngineRefusal)
      : undefined;
  } catch {
    return undefined;
  }
}

/** One failed try -> its code. */
export function attemptCode({ code, status, body }: TransportFailure): ErrorCode {
  if (code) return code;
  if (!status) return isOnline() ? "unreachable" : "offline";
  const refusal = refusalIn(body);
  if (refusal?.code === SESSION_UNKNOWN) return "session-unknown";
  if (refusal?.code === UNSUPPORTED_VERSION) return "unsupported-version";
  return status === UPGRADE_REQUIRED ? "not-socketio" : "http-status";
}

/** What the codes mean, in plain words; docs/errors.md says what to do. */
const HINTS: { [code in ErrorCode]?: string } = {
  offline: "the device is offline",
  timeout: "no answer in time: a firewall or proxy may swallow the connection",
  unreachable: "nothing answered: wrong host or port, server down, DNS or TLS problem",
  "websocket-blocked":
    "the server answers over HTTP, but WebSocket fails: a proxy blocks it, or the server has it switched off",
  cors: "the server answers, but its CORS headers don't allow this page to read it",
  "http-status":
    "the server refused with an HTTP error status: check the path option and the proxies",
  "not-socketio":
    "something answered, but it isn't a Socket.IO server: check the URL and the path option",
  "unsupported-version": "the server is Socket.IO 2 or older: version 3 or 4 is needed",
  "session-unknown":
    "another server than before answered: the load balancer has no sticky sessions, which long-polling needs",
};

/** The failure of an open connection, or of an upgrade, as the error that the app gets. */
export function transportError(code: ErrorCode, failure: TransportFailure): TautlineError {
  const { message, description, context, cause } = failure;
  return new TautlineError(code, message, { type: "TransportError", description, context, cause });
}

/** All that was tried, as the error that the app gets. */
export function explain(
  attempts: Attempt[],
  failures: TransportFailure[],
  code: ErrorCode = principal(attempts),
): TautlineError {
  // HTTP knows more of the reason than WebSocket, which is told nothing
  const failure = failures.find(({ message }) => message.startsWith("xhr")) ?? failures[0];
  return new TautlineError(code, failure?.message ?? "timeout", {
    ...(failure && {
      type: "TransportError",
      description: failure.description,
      context: failure.context,
    }),
    cause: failure?.cause,
    hint: HINTS[code],
    attempts,
  });
}

/** The attempt that tells most. */
function principal(attempts: Attempt[]): ErrorCode {
  const known = attempts.filter(({ code }) => code !== "unreachable" && code !== "timeout");
  const polling = known.find(({ transport }) => transport === "polling");
  return (polling ?? known[0] ?? attempts[attempts.length - 1])?.code ?? "timeout";
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
  const fetch = fetchFunction();
  const polled = attempts.find(({ transport }) => transport === "polling");
  // what HTTP was told is as good as it gets
  if (!fetch || !isOnline() || (polled && polled.code !== "unreachable")) return;
  const pollingFailed = polled !== undefined;
  const credentials = target.withCredentials ? "include" : "same-origin";
  if (!pollingFailed)
    try {
      const response = await fetch(target.url, { signal, credentials });
      const { status } = response;
      const refusal = refusalIn(await response.text());
      if (refusal)
        return refusal.code === UNSUPPORTED_VERSION ? "unsupported-version" : "websocket-blocked";
      return status === UPGRADE_REQUIRED || status < 300 ? "not-socketio" : "http-status";
    } catch {
      // no answer that may be read: is there one at all?
    }
  if (!target.crossOrigin) return;
  try {
    await fetch(target.url, { signal, credentials, mode: "no-cors" });
    return pollingFailed ? "cors" : "websocket-blocked";
  } catch {
    return;
  }
}
