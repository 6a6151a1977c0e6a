import { call } from "../emitter.js";
import { listenTo } from "../platform/browser.js";
import type { AckCallback } from "./acks.js";
import type { EmitOptions } from "./emit-options.js";
import { abortion } from "./outcomes.js";

interface Entry {
  args: unknown[];
  options: EmitOptions;
  done: AckCallback | undefined;
  tries: number;
  /** Tells the answer of the latest try from late ones. */
  pending: boolean;
}

/**
 * The `retries` option: one packet in flight, first in first out, each try with an ack id of its own, until it is
 * answered or `retries` + 1 tries have failed.
 */
export class RetryQueue {
  readonly #retries: number;
  readonly #isConnected: () => boolean;
  readonly #send: (args: unknown[], options: EmitOptions, done: AckCallback) => void;
  readonly #entries: Entry[] = [];

  /** @param send - emits with an error-first ack */
  constructor(
    retries: number,
    isConnected: () => boolean,
    send: (args: unknown[], options: EmitOptions, done: AckCallback) => void,
  ) {
    this.#retries = retries;
    this.#isConnected = isConnected;
    this.#send = send;
  }

  add(args: unknown[], options: EmitOptions, done: AckCallback | undefined): void {
    const entry = { args, options, done, tries: 0, pending: false };
    this.#entries.push(entry);
    const { signal } = options;
    if (signal) this.#watch(entry, signal);
    this.drain(false);
  }

  /** Sends the head; when `again`, even if it is under way: the connection is a new one. */
  drain(again: boolean): void {
    const head = this.#entries[0];
    if (!head || !this.#isConnected() || (head.pending && !again)) return;
    head.pending = true;
    head.tries++;
    this.#send(head.args, head.options, (error, ...answer) => this.#tried(head, error, answer));
  }

  /** Empties it; what becomes of the entries is for the caller to tell. */
  clear(settle: (done: AckCallback, tried: boolean) => void): void {
    for (const { done, tries } of this.#entries.splice(0)) if (done) settle(done, tries > 0);
  }

  /** Aborting takes back what waits; of a try that is under way the sender tells. */
  #watch(entry: Entry, signal: AbortSignal): void {
    const abort = (): void => {
      const at = this.#entries.indexOf(entry);
      if (entry.pending || at < 0) return;
      this.#entries.splice(at, 1);
      stop();
      const error = abortion(signal, entry.tries ? "maybe-sent" : "not-sent");
      if (done) call(done, undefined, [error]);
      this.drain(false);
    };
    const stop = listenTo(signal, "abort", abort);
    const { done } = entry;
    entry.done = (...args) => {
      stop();
      done?.(...args);
    };
  }

  #tried(entry: Entry, error: unknown, answer: unknown[]): void {
    if (entry !== this.#entries[0]) return;
    entry.pending = false;
    const isOver = entry.tries > this.#retries || entry.options.signal?.aborted;
    if (!error || isOver) {
      this.#entries.shift();
      if (entry.done) call(entry.done, undefined, error ? [error] : [null, ...answer]);
    }
    this.drain(false);
  }
}
