import { quote, TautlineError } from "../errors.js";
import { checkHeaders } from "../options/check-headers.js";
import { host, hostTimers, pageLocation } from "../platform/browser.js";
import { isLocalNetworkBlocked } from "../platform/local-network.js";
import type { Timers, WebSocketClass } from "../platform/platform.js";
import { endpointUrl, originOf } from "../transports/transport.js";
import { type Endpoint, isLoopback, normalisePath, parseEndpoint, parseQuery } from "../url.js";
import type { Asking } from "./asking.js";
import { type Cause, docsOf, FIXES } from "./causes.js";
import { canFetch, PageCheck } from "./page-check.js";
import { checkPolling } from "./polling-check.js";
import { connects, type Finding, type Findings, verdictOn } from "./verdict.js";
import { checkWebSocket } from "./websocket-check.js";

/** Options of {@link diagnose}: the relevant ones of the `io()` that does not connect. */
export interface DiagnoseOptions {
  /** Path of the server on its host. @default "/socket.io/" */
  path?: string;
  query?: string | Record<string, unknown>;
  /** Of the HTTP requests. */
  extraHeaders?: Record<string, string>;
  /** Send cookies to other origins. @default false */
  withCredentials?: boolean;
  /** Sent to the server's middleware. @default none */
  auth?: object;
  /** Milliseconds in all. @default 2800 */
  timeout?: number;
  /** Ends it early, with the result so far. */
  signal?: AbortSignal;
  /** A class to use instead of the host's. */
  WebSocket?: WebSocketClass;
}

/** What is wrong, and what to do. */
export interface Report {
  /** The most important cause; "none" when nothing is wrong. */
  readonly cause: Cause;
  /** What was observed, one sentence for each of `causes`, in the same order. */
  readonly evidence: readonly string[];
  /** How to fix the cause. */
  readonly fix: string;
  /** The address of its section in the docs. */
  readonly docs: string;
  /** Whether a client connects, even if over one transport only. */
  readonly connects: boolean;
  /** All causes, the most important first. */
  readonly causes: readonly Cause[];
  /** How long it took, in milliseconds. */
  readonly ms: number;
}

/** Leaves time for an answer within 3 s. */
const TIMEOUT = 2800;

/**
 * Finds out why a client does not connect, or not over each transport. It opens one session over polling and one over WebSocket,
 * enters the namespace, and leaves: the server sees two clients for a moment.
 *
 * @param address - as `io()` takes it, with the namespace as its path. @default the page's origin
 * @returns always resolves: what can't be asked is a cause too
 * @example const { cause, evidence, fix } = await diagnose("https://chat.example");
 */
export async function diagnose(address?: string, options?: DiagnoseOptions): Promise<Report> {
  const { timeout = TIMEOUT, signal, WebSocket, ...how } = options ?? {};
  const timers = hostTimers(true);
  const startedAt = timers.now();
  const report = (findings: Finding[], doesConnect = false): Report => {
    const causes = [...new Set(findings.map(({ cause }) => cause))];
    const [cause = "none"] = causes;
    return {
      cause,
      evidence: findings.map(({ evidence }) => evidence),
      fix: FIXES[cause],
      docs: docsOf(cause),
      connects: doesConnect,
      causes,
      ms: Math.round(timers.now() - startedAt),
    };
  };
  let endpoint: Endpoint;
  let asking: Omit<Asking, "signal" | "deadline">;
  try {
    endpoint = parseEndpoint(address, pageLocation());
    if (!endpoint.hostname)
      throw new TautlineError("invalid-option", "without a page, the address needs a host");
  } catch (error) {
    return report([{ cause: "invalid-address", evidence: messageOf(error) }]);
  }
  try {
    checkTimes(timeout, signal);
    asking = askingOf(endpoint, how, timers);
  } catch (error) {
    return report([{ cause: "invalid-option", evidence: messageOf(error) }]);
  }
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const cancel = timers.after(timeout, stop);
  const page = new PageCheck(endpoint, stop);
  try {
    const whole: Asking = { ...asking, signal: abort.signal, deadline: startedAt + timeout };
    const [polling, websocket] = await Promise.all([
      canFetch() ? checkPolling(whole) : undefined,
      checkWebSocket(whole, WebSocket),
    ]);
    // the event of a policy violation is fired in a separate task
    await new Promise<void>((done) => timers.after(0, done));
    const isSilent = polling?.first.kind === "failed" && !polling.isThere;
    const isLocalBlocked = isSilent && (await isLocalNetworkBlocked(endpoint.hostname));
    const isOtherScheme =
      isSilent && websocket.stage === "refused" && (await answersElsewhere(endpoint, abort.signal));
    const findings: Findings = {
      page: page.findings,
      polling,
      websocket,
      isOtherScheme,
      isLocalBlocked,
    };
    return report(verdictOn(findings), connects(findings));
  } finally {
    cancel();
    page.stop();
    signal?.removeEventListener("abort", stop);
    // checks that still run add nothing new
    stop();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function checkTimes(timeout: unknown, signal: unknown): void {
  if (!(typeof timeout === "number" && timeout > 0))
    throw new TautlineError(
      "invalid-option",
      `\`timeout\` is a number of milliseconds above 0, not ${quote(timeout)}`,
    );
  if (signal !== undefined && !("aborted" in Object(signal)))
    throw new TautlineError("invalid-option", `\`signal\` is an AbortSignal, not ${quote(signal)}`);
}

function askingOf(
  endpoint: Endpoint,
  { path, query, extraHeaders, withCredentials = false, auth }: DiagnoseOptions,
  timers: Timers,
): Omit<Asking, "signal" | "deadline"> {
  if (path !== undefined && typeof path !== "string")
    throw new TautlineError("invalid-option", `\`path\` is a text, not ${quote(path)}`);
  if (extraHeaders !== undefined && Object(extraHeaders) !== extraHeaders)
    throw new TautlineError(
      "invalid-option",
      `\`extraHeaders\` is an object, not ${quote(extraHeaders)}`,
    );
  if (
    auth !== undefined &&
    (Object(auth) !== auth || typeof auth === "function" || Array.isArray(auth))
  )
    throw new TautlineError(
      "invalid-option",
      `\`auth\` is an object with the data that the function of io() gives, not ${quote(auth)}`,
    );
  const { hostname, port, secure, path: namespace } = endpoint;
  const own = typeof query === "string" ? parseQuery(query) : query;
  const address = (scheme: "http" | "ws", transport: string, sid?: string): string =>
    endpointUrl(
      {
        hostname,
        port,
        secure,
        path: normalisePath(path).replace(/\/?$/, "/"),
        query: { ...own, ...endpoint.query, EIO: 4, transport, ...(sid && { sid }) },
        timers,
        owner: endpoint,
      },
      scheme,
      true,
    );
  // a lone surrogate, or data that is not JSON, is reported now
  address("http", "polling");
  const nsp = namespace === "/" ? "" : `${namespace},`;
  return {
    timers,
    address,
    connectPacket: `40${nsp}${auth ? JSON.stringify(auth) : ""}`,
    headers: checkHeaders(extraHeaders) ?? {},
    withCredentials,
  };
}

/** Whether the server answers with `http:` and `https:` exchanged. A page over `https:` may not try it. */
async function answersElsewhere(endpoint: Endpoint, signal: AbortSignal): Promise<boolean> {
  const { hostname, port, secure } = endpoint;
  if (secure && pageLocation()?.protocol === "https:" && !isLoopback(hostname)) return false;
  const isUsual = port === (secure ? "443" : "80");
  const other = { hostname, secure: !secure, port: isUsual ? (secure ? "80" : "443") : port };
  try {
    await (host.fetch as typeof fetch)(originOf(other, "http") + "/", {
      signal,
      mode: "no-cors",
      credentials: "omit",
      cache: "no-store",
    });
    return true;
  } catch {
    return false;
  }
}
