import { backoffDelay } from "../backoff.js";
import type { Timers } from "../platform/platform.js";
import type { ConnectionSettings } from "./options.js";

/** How long a connection must last to prove that the server works, in milliseconds. */
const MIN_UPTIME = 5000;

/** When to try again, and how often it was tried. The settings may be changed at any time. */
export class Schedule {
  /** Reconnects since the connection was last open; 0 while it is a first connect. */
  attempt = 0;
  private readonly _settings: ConnectionSettings;
  private readonly _timers: Timers;
  /** How many delays there were since the connection last proved that the server is well. */
  private _delays = 0;
  private _openedAt: number | undefined;

  constructor(settings: ConnectionSettings, timers: Timers) {
    this._settings = settings;
    this._timers = timers;
  }

  /** Milliseconds since the connection opened; 0 while it isn't open. */
  get uptime(): number {
    return this._openedAt === undefined ? 0 : this._timers.now() - this._openedAt;
  }

  /** Milliseconds to wait after so many delays. */
  after(delays: number): number {
    const { _settings } = this;
    return backoffDelay(delays, {
      min: _settings.reconnectionDelay(),
      max: _settings.reconnectionDelayMax(),
      jitter: _settings.randomizationFactor(),
    });
  }

  /**
   * Milliseconds until the next try.
   *
   * @param isFallingBack - it goes another way: at once, but only once, for both may be failing
   * @param retryAfter - milliseconds that the server asked for; counts up to `reconnectionDelayMax`
   */
  next(isFallingBack: boolean, retryAfter = 0): number {
    const delay = this.after(this._delays++);
    if (isFallingBack && this._delays === 1) return 0;
    return Math.max(delay, Math.min(retryAfter, this._settings.reconnectionDelayMax()));
  }

  opened(): void {
    this._openedAt = this._timers.now();
  }

  /**
   * An open connection is lost: whether its address is to blame.
   *
   * @param isFallingBack - as in {@link next}: the other way there is tried before another address
   */
  isAddressBad(isFallingBack: boolean): boolean {
    return this._isHasty && !(isFallingBack && !this._delays);
  }

  /** The connection is not open any more. */
  ended(): void {
    if (!this._isHasty) this._delays = 0;
    this._openedAt = undefined;
  }

  reset(): void {
    this.attempt = this._delays = 0;
  }
  private get _isHasty(): boolean {
    return this.uptime < (this._settings.opts.minUptime ?? MIN_UPTIME);
  }
}
