import type { Cancel, Timers } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import { PATIENCE } from "./messages.js";

/** A guest asks so often whether the host is alive, in milliseconds. */
const PERIOD = 500;
/** Timers of hidden pages tick once a second: the tick after the next would be too late. */
const HIDDEN_PATIENCE = 800;
/** Who takes a silent host's place waits for a random part of this more, as others think the same. */
const SPREAD = 150;
/** A host that is busy may be silent for longer: it handles so many bytes of a tab in a millisecond. */
const SPEED = 2000;

/** Who is told by a watch. */
export interface WatchOwner {
  /** Bytes of this tab that the host has not passed on, as far as is known. */
  readonly work: number;
  /** The host is to be asked whether it is alive. */
  ping(): void;
  /** The host has not answered for too long. */
  silent(): void;
}

/** What a guest knows of whether its host is alive. */
export class Watch {
  /** When it was asked for the first time since it has said something. */
  private _askedAt: number | undefined;

  constructor(
    private readonly _timers: Timers,
    private readonly _host: Pick<TabHost, "locks" | "isHidden">,
    private readonly _owner: WatchOwner,
  ) {}

  /** The host has said something. */
  heard(): void {
    this._askedAt = undefined;
  }

  /** Asks again and again, until what it returns is called. */
  begin(): Cancel {
    const { _timers: timers, _owner: owner, _host: host } = this;
    const spread = Math.random() * SPREAD;
    let cancel: Cancel;
    let isOver = false;
    const isSilent = (): boolean => {
      const patience = (host.isHidden ? HIDDEN_PATIENCE : PATIENCE) + owner.work / SPEED;
      return timers.now() - (this._askedAt ?? Infinity) >= patience + spread;
    };
    const decide = (): void => {
      if (!isOver && isSilent()) owner.silent();
    };
    const plan = (): void => {
      cancel = timers.after(PERIOD, () => {
        plan();
        if (!isSilent()) {
          this._askedAt ??= timers.now();
          owner.ping();
        }
        // the answer comes behind what the browser has brought while this tab did not run
        else host.locks.query().then(decide, decide);
      });
    };
    // whoever begins has asked
    this._askedAt = timers.now();
    plan();
    return () => {
      isOver = true;
      cancel();
    };
  }
}
