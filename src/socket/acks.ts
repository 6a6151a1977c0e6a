import { call } from "../emitter.js";
import type { TautlineError } from "../errors.js";
import { afterYield } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";

/** An app's ack: gets the answer's arguments, after an error or null when it is error-first. */
export type AckCallback = (...args: unknown[]) => void;

interface Entry {
  fn: AckCallback;
  /** It takes no error: it is here for `settled` alone. */
  plain?: true;
  /** The queue of its timeout, when it has one. */
  timeout: number | undefined;
  /** In milliseconds since the epoch. */
  deadline: number;
  /** Called when it is settled, whatever the outcome. */
  settled?: () => void;
}

/** Expiring is done in slices of about this many milliseconds. */
const SLICE = 12;

/**
 * Who waits for an answer. All deadlines share one timer: those with the same timeout expire in the order in which
 * they came, so that only the oldest of each timeout has to be looked at.
 */
export class Acks {
  readonly #timers: Timers;
  readonly #expired: (id: number) => void;
  #next = 0;
  readonly #waiting = new Map<number, AckCallback | Entry>();
  readonly #queues = new Map<number, Map<number, Entry>>();
  #timer: Cancel | undefined;
  #timerAt = Infinity;

  /** @param expired - a deadline has passed; `settle` is still to be called */
  constructor(timers: Timers, expired: (id: number) => void) {
    this.#timers = timers;
    this.#expired = expired;
  }

  /** The id that the next ack gets. */
  get nextId(): number {
    return this.#next;
  }

  get ids(): Iterable<number> {
    return this.#waiting.keys();
  }

  /** A plain callback: it hears of an answer, and of nothing else. */
  addPlain(fn: AckCallback): void {
    this.#waiting.set(this.#next++, fn);
  }

  /**
   * A callback that takes an error first.
   *
   * @param timeout - milliseconds; undefined: it waits for as long as it takes
   */
  addErrorFirst(fn: AckCallback, timeout: number | undefined): void {
    const id = this.#next++;
    const entry: Entry = { fn, timeout, deadline: Infinity };
    this.#waiting.set(id, entry);
    if (timeout === undefined || !(timeout < Infinity)) return;
    entry.deadline = Date.now() + timeout;
    let queue = this.#queues.get(timeout);
    if (!queue) this.#queues.set(timeout, (queue = new Map<number, Entry>()));
    queue.set(id, entry);
    if (entry.deadline < this.#timerAt) this.#arm(entry.deadline);
  }

  has(id: number): boolean {
    return this.#waiting.has(id);
  }

  /** True when its callback takes an error. */
  canFail(id: number): boolean {
    const entry = this.#waiting.get(id);
    return typeof entry === "object" && !entry.plain;
  }

  /** Calls `settled` when the ack is settled, whatever the outcome. */
  whenSettled(id: number, settled: () => void): void {
    const entry = this.#waiting.get(id);
    if (typeof entry === "object") entry.settled = settled;
    else if (entry)
      this.#waiting.set(id, {
        fn: entry,
        plain: true,
        timeout: undefined,
        deadline: Infinity,
        settled,
      });
  }

  /** The server answered. Unknown ids are ignored. */
  answer(id: number, args: unknown[]): void {
    const entry = this.#take(id);
    if (typeof entry === "function") call(entry, undefined, args);
    else if (entry) {
      call(entry.fn, undefined, entry.plain ? args : [null, ...args]);
    }
  }

  /** There will be no answer. A plain callback is forgotten. */
  settle(id: number, error: TautlineError): void {
    const entry = this.#take(id);
    if (typeof entry === "object" && !entry.plain) call(entry.fn, undefined, [error]);
  }

  /** Nothing waits any more, or it is of no use: no timer is left. */
  release(): void {
    for (const queue of this.#queues.values()) if (queue.size) return;
    this.#timer?.();
    this.#timer = undefined;
    this.#timerAt = Infinity;
    this.#queues.clear();
  }

  #take(id: number): AckCallback | Entry | undefined {
    const entry = this.#waiting.get(id);
    if (!entry) return undefined;
    this.#waiting.delete(id);
    // an empty queue and the timer stay: the next emit will want them
    if (typeof entry === "object") {
      if (entry.timeout !== undefined) this.#queues.get(entry.timeout)?.delete(id);
      entry.settled?.();
    }
    return entry;
  }

  #arm(at: number): void {
    this.#timer?.();
    this.#timerAt = at;
    this.#timer = this.#timers.after(Math.max(0, at - Date.now()), () => this.#expire());
  }

  #expire(): void {
    this.#timer = undefined;
    const start = Date.now();
    let earliest = Infinity;
    for (const [timeout, queue] of [...this.#queues]) {
      if (!queue.size) this.#queues.delete(timeout);
      for (const [id, { deadline }] of queue) {
        if (deadline > start) {
          earliest = Math.min(earliest, deadline);
          break;
        }
        if (Date.now() - start > SLICE) {
          this.#timer = afterYield(this.#timers, () => this.#expire());
          return;
        }
        this.#expired(id);
      }
    }
    this.#timerAt = Infinity;
    if (earliest < Infinity) this.#arm(earliest);
  }
}
