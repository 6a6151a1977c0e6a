import type { DedupeStore } from "./store.js";

/** What is known of one stream of packets. */
interface Seen {
  last: number;
  replies: Map<number, unknown[]>;
}

/** Bounds of a {@link MemoryStore}. */
export interface MemoryStoreOptions {
  /** Streams that are remembered, one for each client socket; the one that was silent longest is forgotten. @default 10000 */
  maxStreams?: number;
  /** Answers to acks that are remembered for each stream. @default 100 */
  maxReplies?: number;
}

/** Remembers in the memory of this process. */
export class MemoryStore implements DedupeStore {
  private readonly _streams = new Map<string, Seen>();
  private readonly _maxStreams: number;
  private readonly _maxReplies: number;

  constructor({ maxStreams = 10_000, maxReplies = 100 }: MemoryStoreOptions = {}) {
    this._maxStreams = maxStreams;
    this._maxReplies = maxReplies;
  }

  advance(stream: string, sequence: number): boolean {
    const seen = this._streams.get(stream) ?? { last: 0, replies: new Map<number, unknown[]>() };
    // to the end: the first one is always the one that was silent longest
    this._streams.delete(stream);
    this._streams.set(stream, seen);
    for (const oldest of this._streams.keys()) {
      if (this._streams.size <= this._maxStreams) break;
      this._streams.delete(oldest);
    }
    if (sequence <= seen.last) return false;
    seen.last = sequence;
    return true;
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    const replies = this._streams.get(stream)?.replies;
    replies?.set(sequence, args);
    if (replies && replies.size > this._maxReplies)
      for (const oldest of replies.keys()) {
        replies.delete(oldest);
        break;
      }
  }

  reply(stream: string, sequence: number): unknown[] | undefined {
    return this._streams.get(stream)?.replies.get(sequence);
  }
}
