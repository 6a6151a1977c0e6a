import { browserSignals } from "../platform/browser-signals.js";
import type { Cancel, NetworkEvent, NetworkSignals, Timers } from "../platform/platform.js";
import type { ProbeAnswer } from "../pipeline/line.js";
import type { Tap } from "./tap.js";

/** When a network returns, many clients return at once: each waits a random part of this time, in milliseconds. */
const SPREAD = 250;
/** A decision that comes so many milliseconds late was frozen with its page, and so was the answer. */
const LATE = 1500;

/** What a vigil needs of the connection that it watches. */
export interface Watched {
  readonly timers: Timers;
  /** Sees everything. */
  readonly tap?: Tap | undefined;
  readonly isOpen: boolean;
  /** How many packets came in on the present session. */
  readonly heard: number;
  /** Milliseconds that a connection in doubt has to prove that it is alive. */
  readonly probeTimeout: number;
  probe(answered: ProbeAnswer): void;
  /** Waiting is pointless: try now. */
  wake(): void;
  /** The network changed: notes about the old one are cleared. */
  networkChanged(): void;
  /** The host says that there is no network. */
  networkLost(): void;
  /** The page goes into the page cache: leave no connection open. */
  sleep(): void;
  /** The doubt is over: the connection is alive. */
  prove(): void;
  /** The connection did not answer. */
  silent(): void;
}

/** Observes a connection that should be open: listens to the host's signals, and probes the connection. */
export class Vigil {
  /** The last word of the host on the network. */
  isOffline = false;
  private readonly _signals: NetworkSignals | undefined;
  private readonly _watched: Watched;
  private _subscription: Cancel | undefined;
  private _waking: Cancel | undefined;
  private _doubt: Cancel | undefined;

  constructor(network: NetworkSignals | false | undefined, watched: Watched) {
    this._signals = network === false ? undefined : (network ?? browserSignals);
    this._watched = watched;
  }

  /** The line is in doubt, and has not answered yet. */
  get isDoubting(): boolean {
    return this._doubt !== undefined;
  }

  start(): void {
    if (this._subscription || !this._signals) return;
    // some hosts report their state from within subscribe()
    this._subscription = () => {};
    this._subscription = this._signals.subscribe((event) => this._heard(event));
  }

  stop(): void {
    this._subscription?.();
    this._waking?.();
    this._subscription = this._waking = undefined;
    this.isOffline = false;
  }

  /** The probe is not needed any more. */
  rest(): void {
    this._doubt?.();
    this._doubt = undefined;
  }

  /**
   * Probes the connection, unless a probe is pending. Any incoming packet is an answer; silence ends the connection.
   */
  doubt(): void {
    const { _watched: watched } = this;
    if (!watched.isOpen || this._doubt) return;
    const { heard, probeTimeout } = watched;
    watched.tap?.note({ kind: "signal", signal: "doubt" });
    const due = watched.timers.now() + probeTimeout;
    this._doubt = watched.timers.after(probeTimeout, () => {
      const isLate = watched.timers.now() - due > LATE;
      // the connection may see that it is in doubt, and needs not wait
      if (watched.heard <= heard && !isLate) return watched.silent();
      this.rest();
      if (watched.heard > heard) watched.prove();
      else this.doubt();
    });
    watched.probe((error) => {
      if (error || !this._doubt) return;
      this.rest();
      watched.prove();
    });
  }

  private _heard(event: NetworkEvent): void {
    const { _watched: watched } = this;
    // a listener may have been told while it was unsubscribed
    if (!this._subscription) return;
    watched.tap?.note({ kind: "signal", signal: event });
    this._waking?.();
    this.isOffline = event === "offline" || (event === "wake" && this.isOffline);
    switch (event) {
      case "wake":
        watched.wake();
        break;
      case "online":
      case "networkchange":
        watched.networkChanged();
        this._waking = watched.timers.after(Math.random() * SPREAD, () => watched.wake());
        break;
      case "offline":
        watched.networkLost();
        break;
      case "sleep":
        return watched.sleep();
    }
    this.doubt();
  }
}

/** The part that watches over connections. */
export const signals = (network: NetworkSignals | false | undefined, watched: Watched): Vigil =>
  new Vigil(network, watched);
