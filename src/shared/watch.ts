import type { Cancel, Timers } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import { PATIENCE } from "./messages.js";

/** Milliseconds between two questions of a guest to the host. */
const PERIOD = 500;
/** Timers of hidden pages fire once a second, so waiting for the second tick would be too late. */
const HIDDEN_PATIENCE = 800;
/** A guest that replaces a silent host first waits a random part of this, because other guests do the same. */
const SPREAD = 150;
/** A busy host may be silent for longer: it handles this many bytes of a tab in a millisecond. */
const SPEED = 2000;

/** Receives the events of a watch. */
export interface WatchOwner {
  /** Bytes of this tab that the host has not passed on, as far as is known. */
  readonly work: number;
  /** The host should be asked whether it is alive. */
  ping(): void;
  /** The host has not answered for too long. */
  silent(): void;
}

/** Checks whether the host of a guest is alive. */
export class Watch {
  /** When it was asked first since its last message. */
  private _askedAt: number | undefined;

  constructor(
    private readonly _timers: Timers,
    private readonly _host: Pick<TabHost, "locks" | "isHidden">,
    private readonly _owner: WatchOwner,
  ) {}

  /** A message of the host has arrived. */
  heard(): void {
    this._askedAt = undefined;
  }

  /** Asks repeatedly, until the returned function is called. */
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
        // messages that arrived while this tab did not run are handled before its answer
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
