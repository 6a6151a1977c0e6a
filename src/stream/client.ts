import { ASYNC_ITERATOR } from "../async-iterator.js";
import { checkOption } from "../options/check-options.js";
import { randomId } from "../platform/browser.js";
import { type FollowOptions, follow, type StreamSocket } from "./follow.js";
import { countOne } from "./frames.js";
import { Receiver } from "./receiver.js";
import { Sender, type Source } from "./sender.js";

/** How {@link stream} and {@link sendStream} go on. */
export interface StreamOptions extends FollowOptions {
  /** How many items may be under way, sent and not handled yet. @default 64 */
  window?: number | undefined;
}

/** How {@link stream} reads. */
export interface ReadOptions extends StreamOptions {
  /** With `id`, after a reload: how many items were read before. @default 0 */
  offset?: number | undefined;
}

/** How {@link sendStream} sends. */
export interface SendOptions extends StreamOptions {
  /** What the server is told of the stream before its first item. */
  input?: unknown;
}

/** What {@link stream} gives: to be read with `for await`. */
export interface StreamReader<T> extends AsyncIterableIterator<T> {
  /** To be kept with `offset`, to go on after a reload. */
  readonly id: string;
  /** How many items were handed out. */
  readonly offset: number;
}

/**
 * A stream of the server, to be read with `for await`. It goes on where it was after each reconnection; leaving the loop ends it
 * on the server. An error of the server ends the loop, with its code and message.
 *
 * @param input - what is asked: anything that JSON can hold, and binary data
 * @throws TautlineError `invalid-option`; reading rejects with `aborted`, `disconnected`, `ack-timeout`, `unknown-stream`,
 * `invalid-frame`, or the server's own code
 * @example for await (const word of stream(socket, "answer", question)) show(word);
 */
export function stream<T = unknown>(
  socket: StreamSocket,
  event: string,
  input?: unknown,
  options: ReadOptions = {},
): StreamReader<T> {
  const { id = randomId(), offset = 0 } = options;
  const window = check(options);
  const reader = new Receiver<T>(countOne, window, offset);
  follow(
    socket,
    event,
    id,
    reader,
    () => ({ offset: reader.offset, limit: window, input }),
    options,
  );
  return Object.assign(reader as unknown as StreamReader<T>, { id });
}

/**
 * Sends the items of `source` to the server, within a window: it is asked for the next one when the server has handled enough.
 * Resolves with what the server answers in the end.
 *
 * @param source - an iterable or an async iterable
 * @throws TautlineError `invalid-option`; rejects with `aborted`, `disconnected`, `ack-timeout`, `unknown-stream`,
 * `invalid-frame`, `too-large`, or the server's own code
 * @example const stored = await sendStream(socket, "readings", sensor.readings());
 */
export function sendStream<R = unknown>(
  socket: StreamSocket,
  event: string,
  source: Iterable<unknown> | AsyncIterable<unknown>,
  options: SendOptions = {},
): Promise<R> {
  const { id = randomId(), input } = options;
  const window = check(options);
  const sender = new Sender(iterate(source), countOne, window);
  return sending(sender, (ended) =>
    follow(socket, event, id, sender, () => ({ limit: window, input }), options, ended),
  );
}

/** The promise of what the server answers in the end. */
export function sending<R>(
  sender: Sender,
  begin: (ended: (error?: unknown) => void) => void,
): Promise<R> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error) reject(error as Error);
      else resolve(sender.result as R);
    });
  });
}

export function iterate(source: Iterable<unknown> | AsyncIterable<unknown>): Source {
  const async = (source as AsyncIterable<unknown>)[ASYNC_ITERATOR];
  return async
    ? (async.call(source) as Source)
    : ((source as Iterable<unknown>)[Symbol.iterator]() as Source);
}

/** Gives the window: one item at least. */
export function check(
  { signal, window, timeout, idleTimeout }: StreamOptions,
  standard = 64,
): number {
  checkOption("signal", signal);
  checkOption("timeout", timeout);
  checkOption("idleTimeout", idleTimeout);
  checkOption("limit", window);
  return Math.ceil(window ?? standard) || 1;
}
