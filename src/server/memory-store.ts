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
  readonly #streams = new Map<string, Seen>();
  readonly #maxStreams: number;
  readonly #maxReplies: number;

  constructor({ maxStreams = 10_000, maxReplies = 100 }: MemoryStoreOptions = {}) {
    this.#maxStreams = maxStreams;
    this.#maxReplies = maxReplies;
  }

  advance(stream: string, sequence: number): boolean {
    const seen = this.#streams.get(stream) ?? { last: 0, replies: new Map<number, unknown[]>() };
    // to the end: the first one is always the one that was silent longest
    this.#streams.delete(stream);
    this.#streams.set(stream, seen);
    for (const oldest of this.#streams.keys()) {
      if (this.#streams.size <= this.#maxStreams) break;
      this.#streams.delete(oldest);
    }
    if (sequence <= seen.last) return false;
    seen.last = sequence;
    return true;
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    const replies = this.#streams.get(stream)?.replies;
    replies?.set(sequence, args);
    if (replies && replies.size > this.#maxReplies)
      for (const oldest of replies.keys()) {
        replies.delete(oldest);
        break;
      }
  }

  reply(stream: string, sequence: number): unknown[] | undefined {
    return this.#streams.get(stream)?.replies.get(sequence);
  }
}
