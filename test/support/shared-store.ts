/**
 * What several nodes share of `dedupe()`, in the memory of the test; it forgets nothing. To extend: wrap its methods, so
 * that they take time or fail.
 */
import type { DedupeStore } from "../../src/server/store.js";

export class SharedStore implements Required<DedupeStore> {
  readonly #claimed = new Set<string>();
  readonly #replies = new Map<string, unknown[]>();

  claim(stream: string, sequence: number): boolean {
    const key = `${stream} ${sequence}`;
    return !this.#claimed.has(key) && this.#claimed.add(key) !== undefined;
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    this.#replies.set(`${stream} ${sequence}`, args);
  }

  reply(stream: string, sequence: number): unknown[] | undefined {
    return this.#replies.get(`${stream} ${sequence}`);
  }
}
