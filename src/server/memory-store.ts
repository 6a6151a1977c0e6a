import type { DedupeStore } from "./store.js";
import { type MemoryOptions, Streams } from "./streams.js";

/** Remembers in the memory of this process: for several servers in one process. `dedupe()` by itself needs none. */
export class MemoryStore implements DedupeStore {
  private readonly _streams: Streams;

  /** @throws TautlineError `invalid-option` */
  constructor(options: MemoryOptions = {}) {
    this._streams = new Streams(options);
  }

  claim(stream: string, sequence: number): boolean {
    return this._streams.find(stream).window.claim(sequence);
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    const { answers } = this._streams;
    answers.give(answers.expect(this._streams.find(stream), sequence), args);
  }

  reply(stream: string, sequence: number): unknown[] | undefined {
    return this._streams.find(stream).answers?.get(sequence)?.args;
  }
}
