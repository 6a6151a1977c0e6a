import type { Cancel, Timers } from "../platform/platform.js";
import type { Switch } from "./switch.js";

/** Milliseconds that a hidden host waits for a moment without pending acks. */
const GRACE = 5000;
/** Milliseconds that tabs have to pause at a hand-over, and the server has to answer pending acks. */
const HANDING = 1000;
/** Milliseconds that the next host has to take the lock. */
const YIELDING = 500;

/** The host that hands over. */
export interface HandOverOwner {
  /** Closes the connection, and tells the next host to take the lock. */
  yield(): void;
  /** Releases the lock, if the next host has not taken it. */
  robbed(): void;
}

/** How a host lets another tab become the host. */
export class HandOver {
  /** Since when there is a tab that could take over. */
  private _hasHeirSince: number | undefined;
  private _deadline: Cancel | undefined;

  constructor(
    private readonly _timers: Timers,
    private readonly _owner: HandOverOwner,
  ) {}

  /** True at once when nothing is in flight; after the limit also with pending acks. */
  isDue({ isIdle }: Switch, hasHeir: boolean): boolean {
    const now = this._timers.now();
    if (!hasHeir) this._hasHeirSince = undefined;
    return hasHeir && (isIdle || now - (this._hasHeirSince ??= now) > GRACE);
  }

  /** Gives the tabs time to pause. Returns a function that ends the waiting. */
  begin(): Cancel {
    this._hasHeirSince = undefined;
    this._wait(HANDING, () => this._finish());
    return () => {
      this._deadline?.();
      this._deadline = undefined;
    };
  }

  /** Continues when everything has arrived. */
  proceed({ isIdle, isPaused, line }: Switch): void {
    if (isIdle && isPaused) line.probe(() => this._finish());
  }

  private _finish(): void {
    // an answer may arrive late, or never
    if (!this._deadline) return;
    this._wait(YIELDING, () => this._owner.robbed());
    this._owner.yield();
  }

  private _wait(ms: number, then: () => void): void {
    this._deadline?.();
    this._deadline = this._timers.after(ms, then);
  }
}
