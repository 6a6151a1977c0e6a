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
  private readonly _retries: number;
  private readonly _isConnected: () => boolean;
  private readonly _send: (args: unknown[], options: EmitOptions, done: AckCallback) => void;
  private readonly _entries: Entry[] = [];

  /** @param send - emits with an error-first ack */
  constructor(
    retries: number,
    isConnected: () => boolean,
    send: (args: unknown[], options: EmitOptions, done: AckCallback) => void,
  ) {
    this._retries = retries;
    this._isConnected = isConnected;
    this._send = send;
  }

  add(args: unknown[], options: EmitOptions, done: AckCallback | undefined): void {
    const entry = { args, options, done, tries: 0, pending: false };
    this._entries.push(entry);
    const { signal } = options;
    if (signal) this._watch(entry, signal);
    this.drain(false);
  }

  /** Sends the head; when `again`, even if it is under way: the connection is a new one. */
  drain(again: boolean): void {
    const head = this._entries[0];
    if (!head || !this._isConnected() || (head.pending && !again)) return;
    head.pending = true;
    head.tries++;
    this._send(head.args, head.options, (error, ...answer) => this._tried(head, error, answer));
  }

  /** Empties it; what becomes of the entries is for the caller to tell. */
  clear(settle: (done: AckCallback, tried: boolean) => void): void {
    for (const { done, tries } of this._entries.splice(0)) if (done) settle(done, tries > 0);
  }

  /** Aborting takes back what waits; of a try that is under way the sender tells. */
  private _watch(entry: Entry, signal: AbortSignal): void {
    const abort = (): void => {
      const at = this._entries.indexOf(entry);
      if (entry.pending || at < 0) return;
      this._entries.splice(at, 1);
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

  private _tried(entry: Entry, error: unknown, answer: unknown[]): void {
    if (entry !== this._entries[0]) return;
    entry.pending = false;
    const isOver = entry.tries > this._retries || entry.options.signal?.aborted;
    if (!error || isOver) {
      this._entries.shift();
      if (entry.done) call(entry.done, undefined, error ? [error] : [null, ...answer]);
    }
    this.drain(false);
  }
}
