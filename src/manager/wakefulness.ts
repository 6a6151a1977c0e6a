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
  readonly #signals: NetworkSignals | undefined;
  readonly #sleeper: Sleeper;
  readonly #timers: Timers;
  #subscription: Cancel | undefined;
  #delay: Cancel | undefined;

  constructor(signals: NetworkSignals | undefined, sleeper: Sleeper, timers: Timers) {
    this.#signals = signals;
    this.#sleeper = sleeper;
    this.#timers = timers;
  }

  start(): void {
    if (this.#subscription || !this.#signals) return;
    // some hosts tell what they know from inside subscribe()
    this.#subscription = () => {};
    this.#subscription = this.#signals.subscribe((event) => this.#heard(event));
  }

  stop(): void {
    this.#subscription?.();
    this.#delay?.();
    this.#subscription = this.#delay = undefined;
    this.isOffline = false;
  }

  #heard(event: NetworkEvent): void {
    const sleeper = this.#sleeper;
    // a listener may have been told while it was unsubscribed
    if (!this.#subscription) return;
    switch (event) {
      case "wake":
        this.#delay?.();
        sleeper.wake();
        return sleeper.doubt();
      case "online":
      case "networkchange":
        this.isOffline = false;
        sleeper.networkChanged();
        sleeper.doubt();
        this.#delay?.();
        this.#delay = this.#timers.after(Math.random() * SPREAD, () => sleeper.wake());
        return;
      case "offline":
        this.isOffline = true;
        this.#delay?.();
        sleeper.networkLost();
        return sleeper.doubt();
      case "sleep":
        this.#delay?.();
        return sleeper.sleep();
    }
  }
}
