import type { Cancel, Timers } from "../platform/platform.js";

/** A timer that fires so many milliseconds late was throttled or frozen, or the machine slept. */
const LATE = 1500;

/**
 * The server pings; when it has not for `pingInterval + pingTimeout` milliseconds, the connection is dead.
 * A beat only moves the deadline: the timer that is under way looks at it when it fires.
 */
export class Heartbeat {
  private readonly _timers: Timers;
  private readonly _overdue: (isCertain: boolean) => void;
  private _deadline = Infinity;
  private _period = 0;
  /** Since the timer was set. */
  private _isBeaten = false;
  private _timer: Cancel | undefined;

  /**
   * @param overdue - the deadline has passed. It isn't certain when the timer came too late to be trusted: the pings may
   * be waiting behind it
   */
  constructor(timers: Timers, overdue: (isCertain: boolean) => void) {
    this._timers = timers;
    this._overdue = overdue;
  }

  /** @param period - pingInterval + pingTimeout, in milliseconds */
  start(period: number): void {
    this._period = period;
    this.beat();
  }

  /** A ping arrived, or another sign of life. */
  beat(): void {
    this._deadline = this._timers.now() + this._period;
    this._isBeaten = true;
    if (!this._timer) this._arm(this._period);
  }

  /**
   * True when the deadline has passed: timers of hidden and frozen pages come too late to say so.
   *
   * @param now - on the clock of the timers
   */
  isMissed(now: number): boolean {
    return now > this._deadline;
  }

  stop(): void {
    this._deadline = Infinity;
    this._timer?.();
    this._timer = undefined;
  }

  private _arm(ms: number): void {
    this._isBeaten = false;
    const due = this._timers.now() + ms;
    this._timer = this._timers.after(ms, () => {
      this._timer = undefined;
      const now = this._timers.now();
      const left = this._deadline - now;
      if (left > 0) this._arm(left);
      // a clock that was stopped does not know when the timer fired
      else if (this._isBeaten && now < due + 1) this._arm(this._period);
      else this._overdue(now - due <= LATE);
    });
  }
}
