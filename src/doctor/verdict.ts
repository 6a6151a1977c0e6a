import { quote } from "../errors.js";
import { NO_STATUS, NORMAL_CLOSURE } from "../protocol/close-codes.js";
import { isTooEarly } from "./asking.js";
import type { Cause } from "./causes.js";
import type { PageFindings } from "./page-check.js";
import { type Answer, type PollingFindings, told, type Trouble } from "./polling-check.js";
import type { WebSocketFindings } from "./websocket-check.js";

/** The results of all checks. */
export interface Findings {
  readonly page: PageFindings;
  /** Undefined where the host has no fetch. */
  readonly polling: PollingFindings | undefined;
  readonly websocket: WebSocketFindings;
  /** The server answers under the other scheme. */
  readonly isOtherScheme: boolean;
  /** The browser does not let the page reach the local network. */
  readonly isLocalBlocked: boolean;
}

/** One cause, and what was observed. */
export interface Finding {
  readonly cause: Cause;
  readonly evidence: string;
}

/**
 * The causes that follow from the findings, the most important first; none when nothing is wrong. It depends on the
 * findings only.
 */
export function verdictOn(findings: Findings): Finding[] {
  const known = new Set<Cause>();
  // both transports may show the same
  return weigh(findings).filter(({ cause }) => !known.has(cause) && known.add(cause));
}

function weigh(findings: Findings): Finding[] {
  const { page, polling, websocket, isOtherScheme, isLocalBlocked } = findings;
  if (page.isForbidden)
    return [found("csp", "the page's Content-Security-Policy has blocked a request to the server")];
  const reached = isReached(polling) || isAnswered(websocket);
  if (!reached && page.isOffline)
    return [found("offline", "the host says that it has no network, and nothing answered")];
  if (!reached && page.isMixed)
    return [
      found(
        "mixed-content",
        "the page is https:, the server is not, and nothing could be sent to it",
      ),
    ];
  if (!reached && isLocalBlocked)
    return [
      found(
        "local-network-blocked",
        "the browser has denied the page its permission to reach the local network",
      ),
    ];
  if (!reached && isOtherScheme)
    return [found("wrong-scheme", "nothing answered, but under the other scheme something does")];
  if (!reached) return [unreachable(polling, websocket)];
  if (polling?.isOld || websocket.isOld)
    return [found("unsupported-version", "the server speaks Engine.IO 3, as Socket.IO 2 does")];
  const welcome = websocket.welcome ?? polling?.welcome;
  const ofPolling = polling && verdictOnPolling(polling, websocket, page);
  const ofWebSocket = verdictOnWebSocket(websocket, polling);
  // if neither is Socket.IO, both report the same
  const isForeign = ofPolling && ofWebSocket && !polling.handshake && websocket.stage !== "working";
  return [
    ...(ofPolling ? [ofPolling] : []),
    ...(ofWebSocket && !isForeign ? [ofWebSocket] : []),
    ...(welcome?.kind === "refused" ? [refused(welcome.message)] : []),
  ];
}

/** Whether a client would connect over any transport. */
export function connects({ polling, websocket }: Findings): boolean {
  const welcome = websocket.welcome ?? (polling?.trouble ? undefined : polling?.welcome);
  return welcome?.kind === "let-in";
}

function found(cause: Cause, evidence: string): Finding {
  return { cause, evidence };
}

function isReached(polling: PollingFindings | undefined): boolean {
  if (!polling) return false;
  const { first, isThere } = polling;
  return first.kind === "answer" || first.kind === "redirect" || !!isThere;
}

function isAnswered({ stage }: WebSocketFindings): boolean {
  return !["impossible", "refused", "hanging"].includes(stage);
}

function isSocketIo({ stage }: WebSocketFindings): boolean {
  return stage === "working" || stage === "deaf";
}

/** Node has details that a browser does not have. */
const SYSTEM: readonly (readonly [RegExp, Cause])[] = [
  [/^(ENOTFOUND|EAI_)/, "dns"],
  [/^ECONNREFUSED/, "connection-refused"],
  [/^ERR_SSL_(WRONG_VERSION|PACKET_LENGTH|HTTP_REQUEST)/, "wrong-scheme"],
  [/CERT|^ERR_TLS|SSL|UNABLE_TO_VERIFY|EPROTO/, "tls"],
];

function unreachable(polling: PollingFindings | undefined, websocket: WebSocketFindings): Finding {
  const first = polling?.first;
  if (first?.kind === "silent" || (!first && websocket.stage === "hanging"))
    return found(
      "timeout",
      first?.kind === "silent" && first.status !== undefined
        ? `GET: ${told(first)}`
        : "no request was answered in time",
    );
  const code = systemCode(first?.kind === "failed" ? first.cause : websocket.cause);
  const [, cause] = SYSTEM.find(([pattern]) => pattern.test(code)) ?? [];
  if (cause) return found(cause, `the system says ${code}`);
  return found("unreachable", `no request was answered, and ${reasonOf(first)}`);
}

/** Node's fetch gives its own refusals no code: "bad port". */
function reasonOf(answer: Answer | undefined): string {
  const { cause } = ((answer as { cause?: unknown } | undefined)?.cause ?? {}) as {
    cause?: unknown;
  };
  return cause instanceof Error
    ? `the host says ${quote(cause.message)}`
    : "the host does not say why";
}

/** The code of the innermost error that has one. */
function systemCode(error: unknown): string {
  let code = "";
  for (let depth = 0, one = error; depth < 5 && Object(one) === one; depth++) {
    const {
      code: own,
      cause,
      errors,
    } = one as { code?: unknown; cause?: unknown; errors?: unknown[] };
    if (typeof own === "string") code = own;
    one = cause ?? errors?.[0];
  }
  return code;
}

function verdictOnPolling(
  polling: PollingFindings,
  websocket: WebSocketFindings,
  { isCrossOrigin }: PageFindings,
): Finding | undefined {
  const { first, handshake, trouble } = polling;
  const evidence = `GET: ${told(first)}`;
  if (first.kind === "silent")
    return isSlow(websocket) ? slow(websocket.openMs) : found("polling-hangs", evidence);
  if (first.kind === "redirect") return found("redirect", evidence);
  if (first.kind === "failed") {
    if (!polling.isThere) return found("unreachable", evidence);
    // Socket.IO accepts WebSockets of every origin
    if (isSocketIo(websocket)) return found(isCrossOrigin ? "cors" : "unreachable", evidence);
    if (websocket.stage === "hanging")
      return found("cors", `${evidence}; something is there, and WebSockets hang`);
    const why = isCrossOrigin ? "may not be read (no CORS headers)" : "could not be read";
    return found(
      "not-socketio",
      `something is there, its answer ${why}, and no Engine.IO handshake came over a WebSocket: no Socket.IO ` +
        "at this path, or an error page of a proxy",
    );
  }
  if (!handshake) return found(causeOfStatus(first, websocket), evidence);
  if (!trouble) return undefined;
  return verdictOnSession(polling, trouble);
}

/** The time was over before it could be known that nothing comes. */
function isSlow({ stage, openMs = 0, ms, code }: WebSocketFindings): boolean {
  return (
    code === undefined && (stage === "mute" || stage === "deaf") && isTooEarly(openMs, ms - openMs)
  );
}

function slow(ms = 0): Finding {
  return found(
    "slow",
    `the first answer took ${Math.round(ms)} ms, and the time was over before all had come`,
  );
}

function verdictOnSession(
  { firstMs, isHeard, needsCookies }: PollingFindings,
  { request, answer, waited }: Trouble,
): Finding {
  const evidence = `${request} with a session id: ${told(answer)}`;
  if (answer.kind === "answer" && answer.refusal === 1)
    return found(
      "session-unknown",
      needsCookies ? `${evidence}; with cookies it was known` : evidence,
    );
  if (isHeard || answer.kind === "closed")
    return found(
      "connect-unanswered",
      isHeard
        ? "polling works, and CONNECT of the namespace was not answered in time"
        : `CONNECT was not answered, and ${told(answer)}`,
    );
  if (answer.kind === "silent")
    return isTooEarly(firstMs, waited) ? slow(firstMs) : found("polling-hangs", evidence);
  if (request === "POST") return found("post-blocked", evidence);
  return found(answer.kind === "answer" ? causeOfStatus(answer) : "polling-hangs", evidence);
}

function causeOfStatus(answer: Answer & { kind: "answer" }, websocket?: WebSocketFindings): Cause {
  const { status, refusal } = answer;
  if (refusal === 0) return "polling-disabled";
  if (refusal === 4) return "http-forbidden";
  if (refusal === 5) return "unsupported-version";
  if (status === 200 || status === 426) return "not-socketio";
  if (status === 401 || status === 407) return "http-unauthorized";
  if (status === 403) return "http-forbidden";
  // a WebSocket handshake of Socket.IO shows that the path is right
  if (status === 404) return websocket?.stage === "working" ? "polling-disabled" : "wrong-path";
  if (status === 429) return "rate-limited";
  return status >= 500 && status < 600 ? "server-error" : "http-status";
}

function verdictOnWebSocket(
  websocket: WebSocketFindings,
  polling: PollingFindings | undefined,
): Finding | undefined {
  const { stage, code, ms, openMs, isHeard, cause } = websocket;
  if (isSlow(websocket)) return slow(openMs);
  const closed = code === undefined ? "" : ` (close code ${code})`;
  switch (stage) {
    case "working":
      return undefined;
    case "impossible":
      return found(
        "no-websocket",
        // hosts quote the address, whose query may contain a token
        cause
          ? `the class throws: ${quote(String(cause).replace(/\b(?:ws|http)s?:[^\s'"]+/gi, "(address)"))}`
          : "there is no class",
      );
    case "refused": {
      const { handshake } = polling ?? {};
      const isOff = handshake && !handshake.upgrades.includes("websocket");
      return found(
        isOff ? "websocket-disabled" : "websocket-blocked",
        `the WebSocket was closed before it was open${closed}, after ${ms} ms` +
          (isOff ? "; the handshake names no WebSocket" : ""),
      );
    }
    case "hanging":
      if (polling && isTooEarly(polling.firstMs, ms)) return slow(polling.firstMs);
      return found("websocket-hangs", "the WebSocket neither opened nor closed in time");
    case "dropped":
      return found(
        "websocket-silent",
        `the WebSocket opened, and was closed without a word${closed}`,
      );
    case "mute":
      // a server that sends nothing to a client, and is not Socket.IO over HTTP, is another kind of server
      return found(
        polling && !polling.handshake ? "not-socketio" : "websocket-silent",
        "the WebSocket opened, and nothing came",
      );
    case "foreign":
      return found("not-socketio", "what came first over the WebSocket is no Engine.IO handshake");
    case "deaf":
      // a server that closes by itself sends one of these codes
      if (isHeard || code === NORMAL_CLOSURE || code === NO_STATUS)
        return found(
          "connect-unanswered",
          isHeard
            ? "the WebSocket works, and CONNECT of the namespace was not answered in time"
            : `CONNECT was not answered, and the server closed the WebSocket${closed}`,
        );
      return found(
        "websocket-silent",
        `the WebSocket opened, and what was sent was not answered${closed}`,
      );
  }
}

function refused(message: string): Finding {
  return found(
    message === "Invalid namespace" ? "unknown-namespace" : "refused",
    `the server says ${quote(message)}`,
  );
}
