import { call } from "../emitter.js";
import { reportError, type TautlineError } from "../errors.js";
import { Alarm } from "../platform/alarm.js";
import { monotonicNow } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";

/** An app's ack: gets the answer's arguments, after an error or null when it is error-first. */
export type AckCallback = (...args: unknown[]) => void;

/** A place in a ring: whoever is in it leaves at no cost, however many there are. */
class Place {
  previous: Place = this;
  next: Place = this;

  join(ring: Place): void {
    this.next = ring;
    this.previous = ring.previous;
    ring.previous = this.previous.next = this;
  }

  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this.next = this;
  }
}

class Entry extends Place {
  /** Called when it is settled, whatever the outcome. */
  settled: (() => void) | undefined;

  /**
   * @param plain - it takes no error: it is here for `settled` alone
   * @param deadline - on the clock of `monotonicNow()`; undefined: it waits for as long as it takes
   */
  constructor(
    readonly id: number,
    readonly fn: AckCallback,
    readonly plain: boolean,
    readonly deadline: number | undefined,
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

/** Expiring is done in slices of about this many milliseconds. */
const SLICE = 12;

/** Who is told of deadlines that have passed. */
export interface AckOwner {
  /** `settle` is still to be called. */
  timedOut(id: number): void;
}

/**
 * Who waits for an answer. All deadlines share one timer: those with the same timeout expire in the order in which
 * they came, so that only the oldest of each timeout has to be looked at.
 */
export class Acks {
  private readonly _timers: Timers;
  private readonly _owner: AckOwner;
  private _next = 0;
  private _waiting: Map<number, AckCallback | Entry> | undefined;
  /** By timeout: a ring of entries, in the order of their deadlines. */
  private _queues: Map<number, Place> | undefined;
  private _alarm: Alarm | undefined;

  constructor(timers: Timers, owner: AckOwner) {
    this._timers = timers;
    this._owner = owner;
  }

  /** The id that the next ack gets. */
  get nextId(): number {
    return this._next;
  }

  get ids(): Iterable<number> {
    return this._waiting?.keys() ?? [];
  }

  /** A plain callback: it hears of an answer, and of nothing else. */
  addPlain(fn: AckCallback): void {
    this._keep(this._next++, fn);
  }

  /**
   * A callback that takes an error first.
   *
   * @param timeout - milliseconds; undefined: it waits for as long as it takes
   */
  addErrorFirst(fn: AckCallback, timeout: number | undefined): void {
    const id = this._next++;
    const isTimed = timeout !== undefined && timeout < Infinity;
    const deadline = isTimed ? monotonicNow() + timeout : undefined;
    const entry = new Entry(id, fn, false, deadline);
    this._keep(id, entry);
    if (!isTimed || deadline === undefined) return;
    const queues = (this._queues ??= new Map<number, Place>());
    let queue = queues.get(timeout);
    if (!queue) queues.set(timeout, (queue = new Place()));
    entry.join(queue);
    this._alarm ??= new Alarm(this._timers, () => this._expire());
    this._alarm.set(deadline);
  }

  has(id: number): boolean {
    return this._waiting?.has(id) ?? false;
  }

  /** True when its callback takes an error. */
  canFail(id: number): boolean {
    const entry = this._waiting?.get(id);
    return typeof entry === "object" && !entry.plain;
  }

  /** Calls `settled` when the ack is settled, whatever the outcome. */
  whenSettled(id: number, settled: () => void): void {
    const entry = this._waiting?.get(id);
    if (!entry) return;
    const known = typeof entry === "object" ? entry : new Entry(id, entry, true, undefined);
    known.settled = settled;
    this._keep(id, known);
  }

  /** The server answered. Unknown ids are ignored. */
  answer(id: number, args: unknown[]): void {
    const entry = this._take(id);
    if (typeof entry === "function") call(entry, undefined, args);
    else if (entry?.plain) call(entry.fn, undefined, args);
    else if (entry) succeed(entry.fn, args);
  }

  /** There will be no answer. A plain callback is forgotten. */
  settle(id: number, error: TautlineError): void {
    const entry = this._take(id);
    if (typeof entry === "object" && !entry.plain) call(entry.fn, undefined, [error]);
  }

  /** Nothing waits any more, or it is of no use: no timer is left. */
  release(): void {
    for (const queue of this._queues?.values() ?? []) if (queue.next !== queue) return;
    this._alarm?.clear();
    this._queues = undefined;
  }

  private _keep(id: number, entry: AckCallback | Entry): void {
    (this._waiting ??= new Map<number, AckCallback | Entry>()).set(id, entry);
  }

  private _take(id: number): AckCallback | Entry | undefined {
    const entry = this._waiting?.get(id);
    if (!entry) return undefined;
    this._waiting?.delete(id);
    // an empty queue and the timer stay: the next emit will want them
    if (typeof entry === "object") {
      entry.leave();
      entry.settled?.();
    }
    return entry;
  }

  private _expire(): void {
    const start = monotonicNow();
    for (const [timeout, queue] of [...(this._queues ?? [])]) {
      if (queue.next === queue) this._queues?.delete(timeout);
      while (queue.next !== queue) {
        const { id, deadline = 0 } = queue.next as Entry;
        if (deadline > start || monotonicNow() - start > SLICE) {
          this._alarm?.set(deadline);
          break;
        }
        queue.next.leave();
        this._owner.timedOut(id);
      }
    }
  }
}
