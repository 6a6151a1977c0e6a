import type { Cancel, Timers } from "../platform/platform.js";

/**
 * The server pings; when it has not for `pingInterval + pingTimeout` milliseconds, the connection is dead.
 * A beat only moves the deadline: the timer that is under way looks at it when it fires.
 */
export class Heartbeat {
  readonly #timers: Timers;
  readonly #missed: () => void;
  #deadline = Infinity;
  #period = 0;
  #timer: Cancel | undefined;

  constructor(timers: Timers, missed: () => void) {
    this.#timers = timers;
    this.#missed = missed;
  }

  /** @param period - pingInterval + pingTimeout, in milliseconds */
  start(period: number): void {
    this.#period = period;
    this.beat();
  }

  /** A ping arrived. */
  beat(): void {
    this.#deadline = Date.now() + this.#period;
    this.#timer ??= this.#timers.after(this.#period, this.#look);
  }

  /** True when the deadline has passed by `now`: timers of hidden and frozen pages come too late to say so. */
  isMissed(now: number): boolean {
    return now > this.#deadline;
  }

  stop(): void {
    this.#deadline = Infinity;
    this.#timer?.();
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const left = this.#deadline - Date.now();
    if (left <= 0) this.#missed();
    else if (left < Infinity) this.#timer = this.#timers.after(left, this.#look);
  };
}
