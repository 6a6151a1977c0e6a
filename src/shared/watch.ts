import type { Cancel, Timers } from "../platform/platform.js";
import { PATIENCE } from "./messages.js";

/** A guest asks so often whether the host is alive, in milliseconds. */
const PERIOD = 500;
/** Who takes a silent host's place waits for a random part of this more, as others think the same. */
const SPREAD = 200;
/** A host that is busy may be silent for longer: it handles so many bytes of a tab in a millisecond. */
const SPEED = 2000;
/** A timer that is so late was frozen or throttled, and what the host has said may wait behind it. */
const LATE = 1000;

/** Who is told by a watch. */
export interface WatchOwner {
  /** Bytes of this tab that the host has not passed on, as far as is known. */
  readonly work: number;
  /** The host is to be asked whether it is alive. */
  ping(): void;
  /** It has said nothing for too long. */
  silent(): void;
}

/** What a guest knows of whether its host is alive. */
export class Watch {
  private _heardAt = 0;

  constructor(
    private readonly _timers: Timers,
    private readonly _owner: WatchOwner,
  ) {}

  /** The host has said something. */
  heard(): void {
    this._heardAt = this._timers.now();
  }

  /** Asks again and again, until what it returns is called. */
  begin(): Cancel {
    const { _timers: timers, _owner: owner } = this;
    const patience = PATIENCE + Math.random() * SPREAD;
    let cancel: Cancel;
    const plan = (): void => {
      const due = timers.now() + PERIOD;
      cancel = timers.after(PERIOD, () => {
        const now = timers.now();
        // a time in which this tab itself did nothing is not the host's silence
        this._heardAt += Math.max(0, now - due);
        // what waits is read before the next look: one period is enough for that
        if (now - due > LATE) this._heardAt = Math.max(this._heardAt, now - patience + PERIOD);
        plan();
        if (now - this._heardAt < patience + owner.work / SPEED) owner.ping();
        else owner.silent();
      });
    };
    this.heard();
    plan();
    return () => cancel();
  }
}
