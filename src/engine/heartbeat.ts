import type { Cancel, Timers } from "../platform/platform.js";

/** A timer that fires so many milliseconds late was throttled or frozen, or the machine slept. */
const LATE = 1500;

/** Who is told that the server is silent. */
export interface HeartbeatOwner {
  /** The deadline has passed. */
  missed(): void;
  /** It has passed, but the timer came too late to be trusted: the pings may be waiting behind it. */
  doubted(): void;
}

/**
 * The server pings; when it has not for `pingInterval + pingTimeout` milliseconds, the connection is dead.
 * A beat only moves the deadline: the timer that is under way looks at it when it fires.
 */
export class Heartbeat {
  readonly #timers: Timers;
  readonly #owner: HeartbeatOwner;
  #deadline = Infinity;
  #period = 0;
  #timer: Cancel | undefined;

  constructor(timers: Timers, owner: HeartbeatOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  /** @param period - pingInterval + pingTimeout, in milliseconds */
  start(period: number): void {
    this.#period = period;
    this.beat();
  }

  /** A ping arrived, or another sign of life. */
  beat(): void {
    this.#deadline = Date.now() + this.#period;
    if (!this.#timer) this.#arm(this.#period);
  }

  /** True when the deadline has passed by `now`: timers of hidden and frozen pages come too late to say so. */
  isMissed(now: number): boolean {
    return now > this.#deadline;
  }

  stop(): void {
    this.#deadline = Infinity;
    this.#timer?.();
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    const due = Date.now() + ms;
    this.#timer = this.#timers.after(ms, () => {
      this.#timer = undefined;
      const now = Date.now();
      const left = this.#deadline - now;
      if (left > 0) this.#arm(left);
      else if (now - due > LATE) this.#owner.doubted();
      else this.#owner.missed();
    });
  }
}
