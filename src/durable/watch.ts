import type { Cancel, Timers } from "../platform/platform.js";
import type { Voice } from "./tabs.js";

/**
 * Milliseconds that the tab with the turn has for an answer, twice, because the tab that asks may have been busy too.
 */
const SILENCE = 3000;
/** Milliseconds after which it is asked again, even when this tab has nothing to send. */
const REST = 30_000;

/**
 * A tab that waits for its turn checks whether the tab with the turn still runs, because a tab that hangs keeps its
 * lock.
 */
export class Watch {
  private _cancel: Cancel | undefined;
  private _isAsking = false;
  private _heardAt = 0;

  constructor(
    private readonly _timers: Timers,
    private readonly _voice: Voice,
    private readonly _silent: () => void,
  ) {}

  begin(): void {
    if (this._voice.isHeard) this._ask(false);
  }

  /** The other tab runs. */
  heard(): void {
    if (!this._cancel) return;
    this.end();
    this._heardAt = this._timers.now();
    this._cancel = this._timers.after(REST, () => this._ask(false));
  }

  /** There is something to send. */
  hurry(): void {
    if (!this._cancel || this._isAsking) return;
    this._cancel();
    this._isAsking = true;
    const rest = Math.max(SILENCE - (this._timers.now() - this._heardAt), 0);
    this._cancel = this._timers.after(rest, () => this._ask(false));
  }

  end(): void {
    this._cancel?.();
    this._cancel = undefined;
    this._isAsking = false;
  }

  private _ask(isAgain: boolean): void {
    this.end();
    this._isAsking = true;
    this._cancel = this._timers.after(SILENCE, () => {
      if (!isAgain) return this._ask(true);
      // the next turn ends this; otherwise it is tried again
      this._ask(false);
      this._silent();
    });
    this._voice.say({ asks: true });
  }
}
