import { TautlineError } from "../errors.js";
import {
  type Answer,
  failure,
  type Frame,
  invalid,
  isCount,
  type Reply,
  toWire,
} from "../stream/frames.js";
import { Sender } from "../stream/sender.js";
import type { Side } from "../stream/side.js";
import { Fifo } from "./fifo.js";
import { type EntryOwner, StreamEntry, type StreamPeerSocket } from "./stream-entry.js";

/** Bounds of the streams of one event. */
export interface StreamBounds<S = StreamPeerSocket> {
  /** How long a stream waits for a client that is away, and how long its end is remembered, in milliseconds. @default 60000 */
  keep?: number;
  /** How long a connected client may leave unanswered what only it can answer, in milliseconds. @default 600000 */
  idleTimeout?: number;
  /** How many streams of this event may be open. @default 1000 */
  maxStreams?: number;
  /** How many of them one socket may open. @default 64 */
  maxPerSocket?: number;
  /**
   * Whose streams these are, for example `(socket) => socket.data.userId`: others can't go on with them, even with the id.
   *
   * @default whoever knows the id
   */
  owner?: (socket: S) => unknown;
  /** Told of each stream that ends with an error. What it returns, the client is told instead; no promise. */
  onError?: (error: unknown, stream: { id: string }) => unknown;
}

/** The server's side of a stream, and what begins when the client knows of it. */
export interface Opened {
  readonly side: Side;
  readonly begin?: () => void;
}

/** Makes it for a new stream. Rejects: it is refused. */
export type Opener = (
  frame: Frame,
  entry: StreamEntry,
  socket: StreamPeerSocket,
) => Promise<Opened>;

const MAX_ID = 64;
const UNKNOWN = new TautlineError(
  "unknown-stream",
  "this stream is not known here, or not any more",
);
const TAKEN_OVER = new TautlineError("unknown-stream", "another client has taken this stream over");

/** All streams of one event. What clients send is validated here and in the engine, nowhere else. */
export class StreamRegistry implements EntryOwner {
  readonly event: string;
  readonly keep: number;
  readonly idleTimeout: number;
  private readonly _maxStreams: number;
  private readonly _maxPerSocket: number;
  private readonly _owner: StreamBounds["owner"];
  private readonly _onError: StreamBounds["onError"];
  private readonly _open = new Map<string, StreamEntry>();
  /** Ended, and remembered for those who were away; the oldest is forgotten first. */
  private readonly _ended = new Fifo<string, StreamEntry>();
  private readonly _bySocket = new Map<StreamPeerSocket, Set<StreamEntry>>();

  constructor(
    event: string,
    options: StreamBounds<never>,
    check: (ok: boolean, what: string) => void,
  ) {
    const { keep = 60_000, idleTimeout = 600_000, maxStreams = 1000, maxPerSocket = 64 } = options;
    const { owner, onError } = options;
    check(typeof event === "string" && event !== "", "event");
    check(keep >= 0, "keep");
    check(idleTimeout > 0, "idleTimeout");
    check(maxStreams > 0, "maxStreams");
    check(maxPerSocket > 0, "maxPerSocket");
    check(!owner || typeof owner === "function", "owner");
    check(!onError || typeof onError === "function", "onError");
    this.event = event;
    this.keep = keep;
    this.idleTimeout = idleTimeout;
    this._maxStreams = maxStreams;
    this._maxPerSocket = maxPerSocket;
    this._owner = owner as StreamBounds["owner"];
    this._onError = onError;
  }

  /** How many are open. */
  get size(): number {
    return this._open.size;
  }

  /** Hears what this socket's client sends. */
  attach(socket: StreamPeerSocket, opener: Opener): void {
    if (this._bySocket.has(socket)) return;
    this._bySocket.set(socket, new Set());
    socket.on(this.event, (frame: unknown, reply: unknown) => {
      const answer = typeof reply === "function" ? (reply as Reply) : () => {};
      // all input of clients arrives here, or as an answer in `Side`: no error of it is thrown further
      try {
        const { id } = Object(frame) as Partial<Frame>;
        if (typeof id !== "string" || !id || id.length > MAX_ID) throw invalid("id");
        this._hear(socket, frame as Frame, answer, opener);
      } catch (error) {
        answer({ error: toWire(error) });
      }
    });
    socket.on("disconnect", () => {
      for (const entry of this._bySocket.get(socket) ?? []) entry.detach();
      this._bySocket.delete(socket);
    });
  }

  ended(entry: StreamEntry, error: TautlineError | undefined): void {
    if (error) entry.outcome = { error: toWire(this._report(error, entry)) };
    if (!this._open.delete(entry.id)) return;
    this._leave(entry);
    this._ended.set(entry.id, entry);
    while (this._ended.size > this._maxStreams) this._forget(this._ended.oldest as StreamEntry);
  }

  expired(entry: StreamEntry): void {
    const { id, side } = entry;
    if (this._ended.get(id) === entry) return this._forget(entry);
    const error = new TautlineError("ack-timeout", "nothing was heard of the other side in time");
    // its end is not remembered, because no client has asked for it
    if (side) side.end(error);
    else entry.controller.abort(error);
    this._forget(entry);
  }

  private _forget(entry: StreamEntry): void {
    entry.forget();
    this._leave(entry);
    for (const map of [this._open, this._ended])
      if (map.get(entry.id) === entry) map.delete(entry.id);
  }

  private _leave(entry: StreamEntry): void {
    if (entry.socket) this._bySocket.get(entry.socket)?.delete(entry);
  }

  private _hear(socket: StreamPeerSocket, frame: Frame, reply: Reply, opener: Opener): void {
    const { id } = frame;
    const entry = this._open.get(id) ?? this._ended.get(id);
    const isOpening = !frame.error && !frame.complete && !("data" in frame);
    if (isOpening) return void this._opened(socket, frame, reply, opener, entry);
    const isKnown = entry?.user === this._userOf(socket, id);
    // an abort may come over the next connection, before anything else
    if (!entry || !isKnown || (entry.socket !== socket && !frame.error)) throw UNKNOWN;
    if (entry.outcome) return reply(entry.outcome);
    // parsers represent bytes differently
    const { data } = frame;
    entry.hear(
      data instanceof ArrayBuffer ? { ...frame, data: new Uint8Array(data) } : frame,
      reply,
    );
    // a client that aborts it does not resume it
    if (frame.error) {
      if (!entry.side)
        entry.controller.abort(new TautlineError("aborted", "the client has aborted it"));
      this._forget(entry);
    }
  }

  private async _opened(
    socket: StreamPeerSocket,
    frame: Frame,
    reply: Reply,
    opener: Opener,
    known: StreamEntry | undefined,
  ): Promise<void> {
    let entry = known;
    try {
      const user = this._userOf(socket, frame.id);
      const mine = this._bySocket.get(socket);
      if (!mine) return;
      if (entry && entry.user !== user) throw UNKNOWN;
      if (entry?.outcome) return reply(entry.outcome);
      if (!entry) {
        if (mine.size >= this._maxPerSocket || this._open.size >= this._maxStreams)
          throw new TautlineError("overflow", "there are too many streams: try again later");
        entry = new StreamEntry(this, frame.id, user);
        this._open.set(frame.id, entry);
      }
      // a client that is refused does not affect the stream
      checkOffset(entry.side, frame);
      this._leave(entry);
      mine.add(entry);
      entry.attach(socket, TAKEN_OVER);
      const side = entry.side ?? (await this._made(entry, frame, socket, opener));
      // it came back over another connection meanwhile, or is gone
      if (entry.socket !== socket || this._open.get(entry.id) !== entry) return;
      checkOffset(side, frame);
      if (side instanceof Sender) {
        reply({ offset: frame.offset ?? 0 });
        entry.bind(frame);
      } else {
        entry.bind({ id: entry.id, offset: side.offset });
        const answer: Answer = { offset: side.offset, ...entry.answer };
        reply(entry.decorate?.(answer) ?? answer);
      }
      entry.begin();
    } catch (error) {
      reply({ error: toWire(error) });
    }
  }

  private async _made(
    entry: StreamEntry,
    frame: Frame,
    socket: StreamPeerSocket,
    opener: Opener,
  ): Promise<Side> {
    try {
      return entry.start(await (entry.opening ??= opener(frame, entry, socket)));
    } catch (error) {
      this._forget(entry);
      throw this._report(error, entry);
    }
  }

  /** Whose this socket is. */
  private _userOf(socket: StreamPeerSocket, id: string): unknown {
    try {
      return this._owner?.(socket);
    } catch (error) {
      throw this._report(error, { id });
    }
  }

  /** Tells the app; gives what the client is to be told. */
  private _report(thrown: unknown, { id }: { id: string }): unknown {
    const error = failure(thrown);
    try {
      const told = this._onError?.(error, { id }) ?? error;
      if (typeof (told as Partial<PromiseLike<unknown>>).then !== "function") return told;
      // it comes too late to say what the client may know
      void Promise.resolve(told).catch(() => {});
      return new TautlineError("stream-failed", "the stream has failed");
    } catch {
      return error;
    }
  }
}

/** @throws TautlineError `unknown-stream`: the items from there on are not kept */
function checkOffset(side: Side | undefined, { offset = 0 }: Frame): void {
  if (!(side instanceof Sender)) return;
  if (!isCount(offset) || offset < side.offset || offset > side.position) throw UNKNOWN;
}
