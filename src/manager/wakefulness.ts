import type { Cancel, NetworkEvent, NetworkSignals, Timers } from "../platform/platform.js";

/** A network that is back brings everybody back: nobody comes sooner than a random part of this, in milliseconds. */
const SPREAD = 250;

/** What the signals of the host mean for a connection. */
export interface Sleeper {
  /** Waiting is pointless: try now. */
  wake(): void;
  /** The network changed: what was learnt of it is forgotten. */
  networkChanged(): void;
  /** The network may be gone, or another one: is the connection alive? */
  doubt(): void;
  /** The host says that there is no network. */
  networkLost(): void;
  /** The page is put away: leave nothing open. */
  sleep(): void;
}

/** Listens to the host's signals while a manager wants to be connected. */
export class Wakefulness {
  /** The last word of the host on the network. */
  isOffline = false;
  private readonly _signals: NetworkSignals | undefined;
  private readonly _sleeper: Sleeper;
  private readonly _timers: Timers;
  private _subscription: Cancel | undefined;
  private _delay: Cancel | undefined;

  constructor(signals: NetworkSignals | undefined, sleeper: Sleeper, timers: Timers) {
    this._signals = signals;
    this._sleeper = sleeper;
    this._timers = timers;
  }

  start(): void {
    if (this._subscription || !this._signals) return;
    // some hosts tell what they know from inside subscribe()
    this._subscription = () => {};
    this._subscription = this._signals.subscribe((event) => this._heard(event));
  }

  stop(): void {
    this._subscription?.();
    this._delay?.();
    this._subscription = this._delay = undefined;
    this.isOffline = false;
  }

  private _heard(event: NetworkEvent): void {
    const sleeper = this._sleeper;
    // a listener may have been told while it was unsubscribed
    if (!this._subscription) return;
    switch (event) {
      case "wake":
        this._delay?.();
        sleeper.wake();
        return sleeper.doubt();
      case "online":
      case "networkchange":
        this.isOffline = false;
        sleeper.networkChanged();
        sleeper.doubt();
        this._delay?.();
        this._delay = this._timers.after(Math.random() * SPREAD, () => sleeper.wake());
        return;
      case "offline":
        this.isOffline = true;
        this._delay?.();
        sleeper.networkLost();
        return sleeper.doubt();
      case "sleep":
        this._delay?.();
        return sleeper.sleep();
    }
  }
}
