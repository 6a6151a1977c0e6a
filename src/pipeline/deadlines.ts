import { Alarm } from "../platform/alarm.js";
import type { Timers } from "../platform/platform.js";

/** Expiring is done in slices of about this many milliseconds: between them the host does its own work. */
const SLICE = 12;

/** Something that expires: a place in a ring of {@link Deadlines}, which it leaves at no cost. In none, it is its own ring. */
export class Deadline {
  /** On the clock of the timers. */
  due = Infinity;
  previous: Deadline = this;
  next: Deadline = this;

  get isPending(): boolean {
    return this.next !== this;
  }

  /** It does not expire any more. Called again, it does nothing. */
  cancel(): void {
    this.next.previous = this.previous;
    this.previous.next = this.next;
    this.previous = this.next = this;
  }
}

/**
 * Many deadlines, one timer. Those with the same period expire in the order in which they were added, so that only the
 * oldest of each period is ever looked at.
 */
export class Deadlines<T extends Deadline> {
  private readonly _expired: (item: T) => void;
  private readonly _timers: Timers;
  private readonly _alarm: Alarm;
  /** By period. The head of a ring is no deadline of its own. */
  private readonly _rings = new Map<number, Deadline>();

  /** @param expired - called for each item once, after it has left its ring; it must not throw */
  constructor(timers: Timers, expired: (item: T) => void) {
    this._expired = expired;
    this._timers = timers;
    this._alarm = new Alarm(timers, () => this._expire());
  }

  /** @param period - milliseconds from now, at least 1; Infinity: never. An item that was added before begins anew. */
  add(item: T, period: number): void {
    item.cancel();
    if (!(period < Infinity)) return;
    let ring = this._rings.get(period);
    if (!ring) this._rings.set(period, (ring = new Deadline()));
    // what is added while others expire is never due in the same pass
    item.due = this._timers.now() + Math.max(period, 1);
    item.next = ring;
    item.previous = ring.previous;
    ring.previous = item.previous.next = item;
    this._wakeAt(item.due);
  }

  /** When nothing is pending, no timer is left. Items that leave don't look: the next one will want the timer. */
  release(): void {
    for (const ring of this._rings.values()) if (ring.isPending) return;
    this._rings.clear();
    this._alarm.clear();
  }

  /** Where there are thousands of periods, several wait for one look at them all, and are a little late. */
  private _wakeAt(due: number): void {
    this._alarm.set(due + (this._rings.size >> 6));
  }

  private _expire(): void {
    const start = this._timers.now();
    for (const [period, ring] of this._rings) {
      while (ring.isPending) {
        const item = ring.next as T;
        if (item.due > start || this._timers.now() - start > SLICE) {
          this._wakeAt(item.due);
          break;
        }
        item.cancel();
        this._expired(item);
      }
      if (!ring.isPending) this._rings.delete(period);
    }
  }
}
