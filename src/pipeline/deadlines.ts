import { Alarm } from "../platform/alarm.js";
import { monotonicNow } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";

/** Expiring is done in slices of about this many milliseconds. */
const SLICE = 12;

/** A place in a ring: whoever is in it leaves at no cost, however many there are. */
export class Deadline {
  private _previous: Deadline = this;
  private _next: Deadline = this;
  /** In milliseconds of the monotonic clock. */
  private _due = 0;

  /** Whatever was due is not waited for any more. Calling it again does nothing. */
  cancel(): void {
    this._previous._next = this._next;
    this._next._previous = this._previous;
    this._previous = this._next = this;
  }

  /** Puts `deadline` at the end of the ring that begins here. */
  protected append(deadline: Deadline, due: number): void {
    deadline._due = due;
    deadline._next = this;
    deadline._previous = this._previous;
    this._previous = deadline._previous._next = deadline;
  }

  protected get due(): number {
    return this._due;
  }

  /** The first of the ring that begins here; undefined when there is none. */
  protected get first(): Deadline | undefined {
    return this._next === this ? undefined : this._next;
  }

  /** A host without a monotonic clock may have set it back: nothing is due later than in one period. */
  protected static clamp(deadline: Deadline, latest: number): number {
    return (deadline._due = Math.min(deadline._due, latest));
  }
}

/** The deadlines of one period, in the order in which they came: that is the order in which they pass. */
class Ring extends Deadline {
  constructor(readonly period: number) {
    super();
  }

  add(deadline: Deadline): number {
    const due = monotonicNow() + this.period;
    this.append(deadline, due);
    return due;
  }

  get isEmpty(): boolean {
    return !this.first;
  }

  /** Takes out the first deadline if it has passed; otherwise tells when it will. */
  take(now: number): Deadline | number {
    const { first } = this;
    if (!first) return Infinity;
    const due = Deadline.clamp(first, now + this.period);
    if (due > now) return due;
    first.cancel();
    return first;
  }
}

/** Any number of deadlines on one timer. Adding one and taking it back costs the same, however many there are. */
export class Deadlines<T extends Deadline> {
  private readonly _passed: (deadline: T) => void;
  private readonly _rings = new Map<number, Ring>();
  private readonly _alarm: Alarm;

  /** @param passed - told of each deadline that has passed; it has been taken out */
  constructor(timers: Timers, passed: (deadline: T) => void) {
    this._passed = passed;
    this._alarm = new Alarm(timers, () => this._expire());
  }

  /** @param period - milliseconds from now, finite */
  add(deadline: T, period: number): void {
    let ring = this._rings.get(period);
    if (!ring) this._rings.set(period, (ring = new Ring(period)));
    this._alarm.set(ring.add(deadline));
  }

  /** Leaves no timer behind when nothing is due any more. */
  rest(): void {
    for (const ring of this._rings.values()) if (!ring.isEmpty) return;
    this._alarm.clear();
    this._rings.clear();
  }

  private _expire(): void {
    const start = monotonicNow();
    for (const [period, ring] of [...this._rings]) {
      if (ring.isEmpty) this._rings.delete(period);
      for (;;) {
        // the page may breathe: what has passed meanwhile is looked at in the next slice
        const passed = monotonicNow() - start > SLICE ? start : ring.take(start);
        if (typeof passed === "number") {
          if (!ring.isEmpty) this._alarm.set(passed);
          break;
        }
        this._passed(passed as T);
      }
    }
  }
}
