import { afterYield } from "./browser.js";
import type { Cancel, Timers } from "./platform.js";

/** One timer for many deadlines: it rings at the earliest, and is then to be set anew. */
export class Alarm {
  readonly #timers: Timers;
  readonly #ring: () => void;
  #at = Infinity;
  #cancel: Cancel | undefined;

  constructor(timers: Timers, ring: () => void) {
    this.#timers = timers;
    this.#ring = ring;
  }

  /**
   * Rings at this time, unless it rings before. When the time has come already, the host does its own work first.
   *
   * @param at - milliseconds since the epoch
   */
  set(at: number): void {
    if (at >= this.#at) return;
    this.clear();
    this.#at = at;
    const ring = (): void => {
      this.clear();
      this.#ring();
    };
    const wait = at - Date.now();
    this.#cancel = wait > 0 ? this.#timers.after(wait, ring) : afterYield(this.#timers, ring);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#at = Infinity;
  }
}
