import type { Cancel, Timers } from "../platform/platform.js";
import type { Switch } from "./switch.js";

/** A hidden host waits so many milliseconds for a moment in which no ack is due. */
const GRACE = 5000;
/** Tabs have so long to pause when the host hands over, and the server to answer what is due. */
const HANDING = 1000;
/** The heir has so long to take the lock. */
const YIELDING = 500;

/** Who hands over. */
export interface HandOverOwner {
  /** The connection is to be closed, and the heir told to take the lock. */
  yield(): void;
  /** The lock is let go, if the heir has not taken it. */
  robbed(): void;
}

/** How a host lets another tab take its place. */
export class HandOver {
  /** Since when there is one that could. */
  private _hasHeirSince: number | undefined;
  private _deadline: Cancel | undefined;

  constructor(
    private readonly _timers: Timers,
    private readonly _owner: HandOverOwner,
  ) {}

  /** True at once where nothing is under way, and in the end also where acks are due. */
  isDue({ isIdle }: Switch, hasHeir: boolean): boolean {
    const now = this._timers.now();
    if (!hasHeir) this._hasHeirSince = undefined;
    return hasHeir && (isIdle || now - (this._hasHeirSince ??= now) > GRACE);
  }

  /** Gives the tabs their time. Returns what ends the waiting. */
  begin(): Cancel {
    this._hasHeirSince = undefined;
    this._wait(HANDING, () => this._finish());
    return () => {
      this._deadline?.();
      this._deadline = undefined;
    };
  }

  /** Goes on when everything has arrived. */
  proceed({ isIdle, isPaused, line }: Switch): void {
    if (isIdle && isPaused) line.probe(() => this._finish());
  }

  private _finish(): void {
    // an answer may come late, or not at all
    if (!this._deadline) return;
    this._wait(YIELDING, () => this._owner.robbed());
    this._owner.yield();
  }

  private _wait(ms: number, then: () => void): void {
    this._deadline?.();
    this._deadline = this._timers.after(ms, then);
  }
}
