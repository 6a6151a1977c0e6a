import { TautlineError } from "../errors.js";
import { Answers } from "./answers.js";
import { Stream } from "./stream.js";

/** One connection can't make the server remember more. */
const MAX_PER_CONNECTION = 100;

/** Bounds of what is remembered. */
export interface MemoryOptions {
  /** Streams that are remembered while their client is away; the one that is away longest is forgotten. @default 10000 */
  maxStreams?: number;
  /** Answers to acks that are remembered for each stream, those that are still due included. @default 1000 */
  maxReplies?: number;
  /** About how many bytes of answers are remembered in all; one stream may use a 64th of it. @default 67108864 */
  maxReplyBytes?: number;
}

/** What is needed of an Engine.IO connection. */
export interface ConnectionLike {
  once(event: "close", listener: () => void): unknown;
}

/** The streams that are known. Those of connected clients are never forgotten; of the others, a bounded number isn't. */
export class Streams {
  readonly answers: Answers;
  private readonly _used = new Map<string, Stream>();
  /** The one that was silent longest comes first. */
  private readonly _idle = new Map<string, Stream>();
  private readonly _connections = new WeakMap<ConnectionLike, Set<Stream>>();
  private readonly _maxIdle: number;

  constructor({
    maxStreams = 10_000,
    maxReplies = 1000,
    maxReplyBytes = 64 * 1024 * 1024,
  }: MemoryOptions) {
    const bounds = { maxStreams, maxReplies, maxReplyBytes };
    for (const [name, value] of Object.entries(bounds))
      if (typeof value !== "number" || !(value >= 0))
        throw new TautlineError("invalid-option", `${name} is not a number from 0 on`);
    this._maxIdle = maxStreams;
    this.answers = new Answers(maxReplies, maxReplyBytes);
  }

  /** The stream of this id, which counts as used now. */
  find(id: string): Stream {
    const used = this._used.get(id);
    if (used) return used;
    const stream = this._idle.get(id) ?? new Stream(id);
    this._rest(stream);
    return stream;
  }

  /** The stream of this id, which is not forgotten while the connection lives. */
  enter(connection: ConnectionLike, id: string): Stream {
    const stream = this._used.get(id) ?? this._idle.get(id) ?? new Stream(id);
    let entered = this._connections.get(connection);
    if (!entered) {
      const streams = (entered = new Set());
      this._connections.set(connection, streams);
      connection.once("close", () => {
        for (const one of streams) if (!--one.users) this._rest(one);
      });
    }
    if (entered.has(stream)) return stream;
    entered.add(stream);
    stream.users++;
    this._idle.delete(id);
    this._used.set(id, stream);
    if (entered.size > MAX_PER_CONNECTION)
      for (const oldest of entered) {
        entered.delete(oldest);
        if (!--oldest.users) this._forget(oldest);
        break;
      }
    return stream;
  }

  private _rest(stream: Stream): void {
    this._used.delete(stream.id);
    this._idle.delete(stream.id);
    this._idle.set(stream.id, stream);
    for (const oldest of this._idle.values()) {
      if (this._idle.size <= this._maxIdle) break;
      this._forget(oldest);
    }
  }

  private _forget(stream: Stream): void {
    this._used.delete(stream.id);
    this._idle.delete(stream.id);
    for (const answer of stream.answers?.values() ?? []) this.answers.forget(answer);
  }
}
