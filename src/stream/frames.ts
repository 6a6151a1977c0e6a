import { type ErrorCode, TautlineError } from "../errors.js";

/** An error as it travels. */
export interface WireError {
  code: string;
  message: string;
}

/**
 * What one side asks of the other: the argument of an event, with an ack. docs/streams.md has the whole contract.
 *
 * - open, client to server: `id`, `offset`, `limit`, and what the stream is about
 * - data, sender to receiver: `id`, `offset`, and `data`, or `complete` with `result`
 * - abort, either way: `id`, `error`
 */
export interface Frame {
  id: string;
  offset?: number;
  limit?: number;
  data?: unknown;
  complete?: boolean;
  result?: unknown;
  error?: WireError;
}

/** What a frame is answered with. */
export interface Answer {
  /** All before it has been received and handled. */
  offset?: number;
  /** How much may be under way, in the unit of offsets. */
  limit?: number;
  complete?: boolean;
  result?: unknown;
  error?: WireError;
}

/** Answers a frame; called once. */
export type Reply = (answer: Answer) => void;

/** The other side, for as long as one connection lasts. */
export interface Peer {
  /** @param answered - not called any more when the connection is lost */
  send(frame: Omit<Frame, "id">, answered?: (answer: Answer) => void): void;
}

/**
 * How much one item counts in offsets. Undefined, which no item is, counts nothing; what is no safe integer is no item.
 *
 * @param offset - of the item
 */
export type Measure = (data: unknown, offset: number) => number;

/** Items count one each. */
export const countOne: Measure = (data) => +(data !== undefined);

/** Chunks count their bytes. */
export const countBytes: Measure = (data) =>
  data === undefined
    ? 0
    : ArrayBuffer.isView(data) || data instanceof ArrayBuffer
      ? data.byteLength
      : NaN;

const LONGEST = 500;

/** Whether it can be an offset or a limit. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The other side violates the protocol. */
export function invalid(what: string): TautlineError {
  return new TautlineError("invalid-frame", `the other side sent a wrong ${what}`);
}

/** What an app has thrown: `reject()` and `throw null` are errors too. */
export function failure(error: unknown): TautlineError {
  return (error ||
    new TautlineError("stream-failed", "it failed with " + String(error))) as TautlineError;
}

/** @param error - whatever an app has thrown: it may have no text, or getters that throw */
export function toWire(error: unknown): WireError {
  let code: unknown;
  let text = "no text";
  try {
    const read = Object(error) as Partial<WireError>;
    code = read.code;
    text = String(read.message ?? error);
  } catch {
    // its text can't be read
  }
  return {
    code: typeof code === "string" ? code.slice(0, LONGEST) : "stream-failed",
    message: text.slice(0, LONGEST),
  };
}

/** An error of the other side: its code may be any word, and its message any text. */
export function fromWire(error: unknown): TautlineError {
  if (typeof (Object(error) as Partial<WireError>).message !== "string") return invalid("error");
  const { code, message } = toWire(error);
  return new TautlineError(code as ErrorCode, message, { type: "remote" });
}
