import { call, reportError, type TautlineError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import { Deadline, Deadlines } from "./deadlines.js";

/** An app's ack: gets the answer's arguments, after an error or null when it is error-first. */
export type AckCallback = (...args: unknown[]) => void;

/** An ack that can fail, or that somebody watches. */
class Entry extends Deadline {
  /** Called when it is settled, whatever the outcome. */
  settled: (() => void) | undefined;

  constructor(
    readonly id: number,
    readonly fn: AckCallback,
    readonly isErrorFirst: boolean,
  ) {
    super();
  }
}

/** Answers an error-first callback: spreading its arguments into the call costs half of spreading them into an array. */
function succeed(fn: AckCallback, args: unknown[]): void {
  try {
    fn(null, ...args);
  } catch (error) {
    reportError(error);
  }
}

/** Who waits for an answer. An ack without a deadline that can't fail is its callback, and nothing else. */
export class Acks {
  private readonly _timers: Timers;
  private readonly _timedOut: (id: number) => void;
  private _next = 0;
  private _waiting: Map<number, AckCallback | Entry> | undefined;
  private _deadlines: Deadlines<Entry> | undefined;

  /** @param timedOut - told of deadlines that have passed; `fail` is still to be called */
  constructor(timers: Timers, timedOut: (id: number) => void) {
    this._timers = timers;
    this._timedOut = timedOut;
  }

  /** An id that no ack had before. */
  nextId(): number {
    return this._next++;
  }

  /** A copy, oldest first. */
  get ids(): number[] {
    return [...(this._waiting?.keys() ?? [])];
  }

  /**
   * @param isErrorFirst - it takes an error first; otherwise it hears of an answer and of nothing else
   * @param timeout - milliseconds; undefined: it waits for as long as it takes
   */
  add(id: number, fn: AckCallback, isErrorFirst: boolean, timeout: number | undefined): void {
    const waiting = (this._waiting ??= new Map<number, AckCallback | Entry>());
    if (!isErrorFirst) {
      waiting.set(id, fn);
      return;
    }
    const entry = new Entry(id, fn, true);
    waiting.set(id, entry);
    if (timeout === undefined) return;
    this._deadlines ??= new Deadlines<Entry>(this._timers, (passed) => this._timedOut(passed.id));
    this._deadlines.add(entry, timeout);
  }

  /** True when its callback takes an error. */
  canFail(id: number): boolean {
    const entry = this._waiting?.get(id);
    return typeof entry === "object" && entry.isErrorFirst;
  }

  /** Calls `settled` when the ack is settled, whatever the outcome; at once when it is not there. */
  whenSettled(id: number, settled: () => void): void {
    const entry = this._waiting?.get(id);
    if (!entry) return settled();
    const known = typeof entry === "object" ? entry : new Entry(id, entry, false);
    known.settled = settled;
    this._waiting?.set(id, known);
  }

  /** The server answered. Unknown ids are ignored. */
  answer(id: number, args: unknown[]): void {
    const entry = this._take(id);
    if (typeof entry === "function") call(entry, undefined, args);
    else if (!entry) return;
    else if (entry.isErrorFirst) succeed(entry.fn, args);
    else call(entry.fn, undefined, args);
  }

  /** There will be no answer. A callback that takes no error is forgotten. */
  fail(id: number, error: TautlineError): void {
    const entry = this._take(id);
    if (typeof entry === "object" && entry.isErrorFirst) call(entry.fn, undefined, [error]);
  }

  /** Leaves no timer behind when nothing is waited for. */
  rest(): void {
    this._deadlines?.release();
  }

  private _take(id: number): AckCallback | Entry | undefined {
    const entry = this._waiting?.get(id);
    if (!entry) return undefined;
    this._waiting?.delete(id);
    // an empty ring and the timer stay: the next emit will want them
    if (typeof entry === "object") {
      entry.cancel();
      entry.settled?.();
    }
    return entry;
  }
}
