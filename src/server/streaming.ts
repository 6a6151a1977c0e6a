import { TautlineError } from "../errors.js";
import { countOne, type Frame, isCount } from "../stream/frames.js";
import { Receiver } from "../stream/receiver.js";
import { Sender, type Source } from "../stream/sender.js";
import type { StreamEntry, StreamPeerSocket } from "./stream-entry.js";
import { type Opened, type Opener, type StreamBounds, StreamRegistry } from "./stream-registry.js";

/** A socket.io `Server`, a namespace, one socket of it, or what `overWebSockets()` gives. */
export interface StreamServer {
  on(event: "connection", listener: (socket: never) => void): unknown;
}

/** What a handler knows of its stream. */
export interface StreamContext<S = unknown> {
  readonly id: string;
  /** The socket over which it was opened. The client may be on another one by now. */
  readonly socket: S;
  /** Aborted when the stream ends with an error: the client has left, or did not come back in time. */
  readonly signal: AbortSignal;
  /** Where to begin: 0, but with `fromOffset`. */
  readonly offset: number;
}

/** How {@link stream} sends. */
export interface ServeOptions<S = unknown> extends StreamBounds<S> {
  /** How many items may be under way, and are kept for a client that comes back. @default 64 */
  window?: number;
  /**
   * The handler can begin at `offset`: then a client can go on although this process does not know its stream (after a restart, or
   * on another node). Otherwise it is told `unknown-stream`.
   *
   * @default false
   */
  fromOffset?: boolean;
}

/** How {@link receiveStream} receives. */
export interface ReceiveOptions<S = unknown> extends StreamBounds<S> {
  /** How many items may wait for the handler. @default 64 */
  limit?: number;
}

/** Checks an option of the function of this name. */
export function checker(name: string): (ok: boolean, what: string) => void {
  return (ok, what) => {
    if (!ok) throw new TautlineError("invalid-option", `${name}(): invalid ${what}`);
  };
}

/** Streams of one event and namespace are known to all of its sockets. */
const registries = new WeakMap<object, Map<string, StreamRegistry>>();

/** Answers the event on every socket of a server or namespace, or on one socket. */
export function serve(
  source: StreamServer,
  event: string,
  options: StreamBounds<never>,
  check: (ok: boolean, what: string) => void,
  opener: Opener,
): void {
  check(typeof (source as Partial<StreamServer> | null)?.on === "function", "server");
  const { nsp } = source as { nsp?: unknown };
  const isSocket = typeof nsp === "object" && nsp !== null;
  if (!isSocket) {
    const registry = new StreamRegistry(event, options, check);
    source.on("connection", (socket: StreamPeerSocket) => registry.attach(socket, opener));
    return;
  }
  const known = registries.get(nsp) ?? new Map<string, StreamRegistry>();
  registries.set(nsp, known);
  const registry = known.get(event) ?? new StreamRegistry(event, options, check);
  known.set(event, registry);
  registry.attach(source as unknown as StreamPeerSocket, opener);
}

/**
 * Answers an event with a stream: what the generator yields, the client reads with `stream()` of `tautline/stream`. The generator is
 * asked for the next item when the client has room. Its return value is that of the client's last `next()`.
 *
 * @param handler - what it throws, the client's loop throws, with its `code` and `message`
 * @throws TautlineError `invalid-option`
 * @example stream(io, "answer", async function* (question, { signal }) { yield* model.ask(question, { signal }); });
 */
export function stream<S = unknown, Input = unknown>(
  server: StreamServer,
  event: string,
  handler: (input: Input, context: StreamContext<S>) => AsyncIterable<unknown> | Iterable<unknown>,
  options: ServeOptions<S> = {},
): void {
  const check = checker("stream");
  const { window = 64, fromOffset = false } = options;
  check(typeof handler === "function", "handler");
  check(window >= 1, "window");
  serve(server, event, options, check, async (frame, entry, socket) => {
    const { offset = 0, input } = frame as Frame & { input?: unknown };
    if (!isCount(offset) || (offset && !fromOffset))
      throw new TautlineError("unknown-stream", "this stream is not known here, or not any more");
    const items = await handler(
      input as Input,
      contextOf(entry, socket, offset) as StreamContext<S>,
    );
    return { side: new Sender(iterator(items), countOne, window, offset) };
  });
}

/**
 * Receives what clients send with `sendStream()` of `tautline/stream`. The handler reads the items with `for await`; who reads
 * slowly slows the client down. What it resolves with, the client's promise does.
 *
 * @param handler - what it throws, the client's promise rejects with, with its `code` and `message`
 * @throws TautlineError `invalid-option`
 * @example receiveStream(io, "readings", async (items) => { for await (const item of items) await store(item); });
 */
export function receiveStream<S = unknown, Item = unknown>(
  server: StreamServer,
  event: string,
  handler: (
    items: AsyncIterableIterator<Item>,
    context: StreamContext<S> & { readonly input: unknown },
  ) => unknown,
  options: ReceiveOptions<S> = {},
): void {
  const check = checker("receiveStream");
  const { limit = 64 } = options;
  check(typeof handler === "function", "handler");
  check(limit >= 1, "limit");
  serve(server, event, options, check, async (frame, entry, socket) => {
    const receiver = new Receiver<Item>(countOne, limit, 0, true);
    const { input } = frame as Frame & { input?: unknown };
    const context = { ...(contextOf(entry, socket, 0) as StreamContext<S>), input };
    return Promise.resolve(receive(receiver, entry, limit, () => handler(receiver, context)));
  });
}

export function contextOf(entry: StreamEntry, socket: unknown, offset: number): StreamContext {
  return { id: entry.id, socket, signal: entry.controller.signal, offset };
}

/** What handles the items of a receiver, and answers the client with what comes of it. */
export function receive<T>(
  receiver: Receiver<T>,
  entry: StreamEntry,
  limit: number,
  handle: () => unknown,
): Opened {
  entry.answer = { limit };
  const run = async (): Promise<void> => {
    const result = await handle();
    // a handler may stop before it has seen the end
    const rest = await receiver.next();
    if (!rest.done) throw new TautlineError("aborted", "the receiver wants no more");
    if (receiver.state === "ended") return;
    entry.outcome = { offset: receiver.offset, complete: true, result };
    receiver.finish(result);
  };
  const begin = (): void => void run().catch((error: unknown) => receiver.fail(error));
  return { side: receiver, begin };
}

function iterator(items: AsyncIterable<unknown> | Iterable<unknown>): Source {
  const { [Symbol.asyncIterator]: asynchronous } = items as AsyncIterable<unknown>;
  return (asynchronous?.call(items) ?? (items as Iterable<unknown>)[Symbol.iterator]()) as Source;
}
