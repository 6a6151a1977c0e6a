/**
 * What went wrong, as a literal that code can act on. docs/errors.md has a section for each.
 *
 * - connecting: `offline`, `timeout`, `unreachable`, `websocket-blocked`, `cors`, `http-status`,
 *   `not-socketio`, `unsupported-version`, `session-unknown`, `csp`, `local-network-blocked`, `refused`,
 *   `unauthorized`, `auth-failed`, `unknown-namespace`
 * - an open connection: `parse-error`, `transport-error`, `transport-close`
 * - emitting: `reserved-event`, `invalid-event`, `unserializable`, `too-many-attachments`, `too-large`
 * - delivery: `ack-timeout`, `disconnected`, `aborted`, `evicted`, `expired`, `overflow`, `undeliverable`,
 *   `dedupe-missing`
 * - the store of an outbox: `storage-full`, `storage-blocked`, `storage-failed`, `storage-newer`
 * - streams: `unknown-stream`, `invalid-frame`, `stream-failed`
 * - a contract of the app's: `contract`
 * - tests: `run-failed`
 * - the app's own call: `invalid-option`
 */
export type ErrorCode =
  | "offline"
  | "timeout"
  | "unreachable"
  | "websocket-blocked"
  | "cors"
  | "http-status"
  | "not-socketio"
  | "unsupported-version"
  | "session-unknown"
  | "csp"
  | "local-network-blocked"
  | "refused"
  | "unauthorized"
  | "auth-failed"
  | "unknown-namespace"
  | "parse-error"
  | "transport-error"
  | "transport-close"
  | "reserved-event"
  | "invalid-event"
  | "unserializable"
  | "too-many-attachments"
  | "too-large"
  | "ack-timeout"
  | "disconnected"
  | "aborted"
  | "evicted"
  | "expired"
  | "overflow"
  | "dedupe-missing"
  | "undeliverable"
  | "storage-full"
  | "storage-blocked"
  | "storage-failed"
  | "storage-newer"
  | "unknown-stream"
  | "invalid-frame"
  | "stream-failed"
  | "contract"
  | "run-failed"
  | "invalid-option";

/** One transport that was tried while connecting. */
export interface Attempt {
  /** Name of the transport: "websocket", "polling", "webtransport" or a custom one. */
  transport: string;
  /** How long it took to fail, in milliseconds. */
  ms: number;
  code: ErrorCode;
  /** HTTP status, where the host lets us see it. */
  status?: number | undefined;
  cause?: unknown;
}

/** What a {@link TautlineError} carries besides code and message. */
export interface ErrorDetails {
  cause?: unknown;
  /** "TransportError" on failed connects, as in socket.io-client. */
  type?: string;
  /** HTTP status or error event of the transport that failed. */
  description?: unknown;
  /** The XMLHttpRequest or Response of a failed request. */
  context?: unknown;
  /** What a server's middleware attached to its refusal. */
  data?: unknown;
  /** What the code means, in a sentence. */
  hint?: string | undefined;
  /** Everything that was tried, in order of failure. */
  attempts?: Attempt[];
  /** Emits: whether the packet can have reached the server. "not-sent" is safe to send again. */
  delivery?: "not-sent" | "maybe-sent";
  /** Retrying cannot help. */
  isFinal?: boolean | undefined;
  /** Milliseconds that the server asked to wait before the next try. */
  retryAfter?: number | undefined;
}

/**
 * Codes for which retrying cannot help: the page, the app or the server has to change first. See docs/errors.md for
 * each code.
 */
const FINAL = /^(csp|invalid-o|unknown|unsup)/;

/**
 * Whether retrying is pointless.
 *
 * @param status - of `http-status`
 */
export function isFinal(code: ErrorCode, status = 0): boolean {
  // statuses that a server repeats: not authorised, forbidden, not found
  return code === "http-status" ? [401, 403, 404].includes(status) : FINAL.test(code);
}

/** The only class of error that Tautline throws, rejects with or emits. */
export class TautlineError extends Error {
  override readonly name = "TautlineError";
  declare readonly cause?: unknown;
  declare readonly type?: string;
  declare readonly description?: unknown;
  declare readonly context?: unknown;
  declare readonly data?: unknown;
  declare readonly hint?: string;
  declare readonly attempts?: Attempt[];
  declare readonly delivery?: "not-sent" | "maybe-sent";
  declare readonly isFinal?: boolean;
  declare readonly retryAfter?: number;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details?: ErrorDetails,
  ) {
    super(message);
    Object.assign(this, FINAL.test(code) && { isFinal: true }, details);
  }
}

/** Quotes untrusted input in an error message: JSON-escaped, cut to 80 characters. */
export function quote(value: unknown): string {
  // toString() of an object may throw or be missing
  const text = Object(value) === value ? Object.prototype.toString.call(value) : String(value);
  return JSON.stringify(text.length > 80 ? text.slice(0, 80) + "\u2026" : text);
}

/**
 * Hands an error that an app's callback threw to the host's global error handler. Where the host has no such function, a microtask
 * throws it: a promise would make it an unhandled rejection, of which React Native only warns.
 */
export function reportError(error: unknown): void {
  const host = globalThis as { reportError?: (error: unknown) => void };
  if (typeof host.reportError === "function") host.reportError(error);
  else
    // eslint-disable-next-line no-restricted-globals -- see above
    queueMicrotask(() => {
      throw error;
    });
}

/** A callback of the app. */
export type AnyListener = (...args: unknown[]) => void;

/** Calls an app's callback; what it throws goes to the host's global error handler. */
export function call(fn: AnyListener, self: unknown, args: unknown[]): void {
  try {
    fn.apply(self, args);
  } catch (error) {
    reportError(error);
  }
}
