import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";

/** A closing session ends after as many milliseconds without progress. */
const CLOSE_TIMEOUT = 5000;

/** The time that a closing session has for what it still has to send. */
export class Farewell {
  private readonly _timers: Timers;
  private readonly _over: () => void;
  private _timer: Cancel | undefined;

  /** @param over - there was no progress for too long */
  constructor(timers: Timers, over: () => void) {
    this._timers = timers;
    this._over = over;
    this.progress();
  }

  /** A write has left: the time begins anew. */
  progress(): void {
    this.stop();
    this._timer = this._timers.after(CLOSE_TIMEOUT, this._over);
  }

  stop(): void {
    this._timer?.();
  }
}

/**
 * Closes when the page is about to be left.
 *
 * @param stayed - called in the next task, which runs only if the user stays
 */
export function leaveWithPage(timers: Timers, close: () => void, stayed: () => void): Cancel {
  let cancel: Cancel | undefined;
  const stop = listenTo(globalThis, "beforeunload", () => {
    close();
    cancel = timers.after(0, stayed);
  });
  return () => {
    stop();
    cancel?.();
  };
}
