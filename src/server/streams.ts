import { Answers } from "./answers.js";
import { check } from "./check.js";
import { Fifo } from "./fifo.js";
import { Stream } from "./stream.js";

/** How many streams are remembered for one connection. */
export const MAX_PER_CONNECTION = 100;

/** Bounds of what is remembered. */
export interface MemoryOptions {
  /** Streams that are remembered while their client is away; the one that is away longest is forgotten. @default 10000 */
  maxStreams?: number;
  /**
   * About how many bytes the answers to acks may take that are remembered for repetitions, in all. One stream may use a
   * 64th of it, and each answer, given or due, takes 256 bytes and its content. @default 67108864
   */
  maxReplyBytes?: number;
}

/** What is needed of an Engine.IO connection. */
export interface ConnectionLike {
  once(event: "close", listener: () => void): unknown;
}

/** The streams that are known. Those of connected clients are never forgotten; of the others, a bounded number isn't. */
export class Streams {
  readonly answers: Answers;
  private readonly _known = new Map<string, Stream>();
  /** Those without a connection; the one that is without one for longest comes first. */
  private readonly _idle = new Fifo<Stream, Stream>();
  /** The same for all but one of those that one connection had: they are forgotten before any other. */
  private readonly _further = new Fifo<Stream, Stream>();
  private readonly _connections = new WeakMap<ConnectionLike, Set<Stream>>();
  private readonly _maxIdle: number;

  /** @throws TautlineError `invalid-option` */
  constructor({ maxStreams = 10_000, maxReplyBytes = 2 ** 26 }: MemoryOptions) {
    check(maxStreams >= 0, "maxStreams");
    check(maxReplyBytes >= 0, "maxReplyBytes");
    this._maxIdle = maxStreams;
    this.answers = new Answers(maxReplyBytes);
  }

  /** The stream of this id, which is not forgotten while the connection lives. */
  enter(connection: ConnectionLike, id: string): Stream {
    let entered = this._connections.get(connection);
    if (!entered) {
      const streams = (entered = new Set());
      this._connections.set(connection, streams);
      connection.once("close", () => {
        let idle = this._idle;
        for (const one of [...streams].reverse())
          if (!--one.users) {
            idle.set(one, one);
            idle = this._further;
          }
        const { _idle: first, _further: further } = this;
        while (first.size + further.size > this._maxIdle)
          this._forget((further.oldest ?? first.oldest) as Stream);
      });
    }
    const stream = this._known.get(id) ?? new Stream(id);
    const isKnown = entered.delete(stream);
    // the one that was used last comes last
    entered.add(stream);
    if (isKnown) return stream;
    stream.users++;
    this._known.set(id, stream);
    this._wake(stream);
    if (entered.size > MAX_PER_CONNECTION) {
      const [oldest] = entered as Set<Stream> & [Stream];
      entered.delete(oldest);
      // not into the idle ones first, where it would evict another client's stream
      if (!--oldest.users) this._forget(oldest);
    }
    return stream;
  }

  private _wake(stream: Stream): void {
    this._idle.delete(stream);
    this._further.delete(stream);
  }

  private _forget(stream: Stream): void {
    this._known.delete(stream.id);
    this._wake(stream);
    stream.answers?.forEach((answer) => this.answers.forget(answer));
  }
}
