import { afterYield } from "./browser.js";
import type { Cancel, Timers } from "./platform.js";

/** One timer for many deadlines: it rings at the earliest, and is then to be set anew. */
export class Alarm {
  private readonly _timers: Timers;
  private readonly _ring: () => void;
  private _at = Infinity;
  private _cancel: Cancel | undefined;

  constructor(timers: Timers, ring: () => void) {
    this._timers = timers;
    this._ring = ring;
  }

  /**
   * Rings at this time, unless it rings before. When the time has come already, the host does its own work first.
   *
   * @param at - on the clock of the timers
   */
  set(at: number): void {
    if (at >= this._at) return;
    this.clear();
    this._at = at;
    const ring = (): void => {
      this.clear();
      this._ring();
    };
    const wait = at - this._timers.now();
    this._cancel = wait > 0 ? this._timers.after(wait, ring) : afterYield(this._timers, ring);
  }

  clear(): void {
    this._cancel?.();
    this._cancel = undefined;
    this._at = Infinity;
  }
}
