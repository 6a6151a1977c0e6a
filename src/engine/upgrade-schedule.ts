import type { Cancel, Timers } from "../platform/platform.js";

/** Milliseconds from a failed upgrade to the next try; doubled each time, up to the maximum. */
const FIRST = 60_000;
const LONGEST = 15 * 60_000;

/** When a session tries to move to a better transport. */
export class UpgradeSchedule {
  readonly #timers: Timers;
  readonly #attempt: () => void;
  #delay = FIRST;
  #timer: Cancel | undefined;

  constructor(timers: Timers, attempt: () => void) {
    this.#timers = timers;
    this.#attempt = attempt;
  }

  /** At once. */
  now(): void {
    this.stop();
    this.#attempt();
  }

  /** It failed: again after a while. */
  later(): void {
    this.stop();
    this.#timer = this.#timers.after(this.#delay, this.#attempt);
    this.#delay = Math.min(this.#delay * 2, LONGEST);
  }

  stop(): void {
    this.#timer?.();
    this.#timer = undefined;
  }
}
