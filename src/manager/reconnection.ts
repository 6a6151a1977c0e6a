import { Backoff, type BackoffOptions } from "../backoff.js";
import { Emitter } from "../emitter.js";
import type { ManagerEvents } from "./events.js";
import type { ManagerOptions } from "./options.js";

/** The options of a schedule, read at each delay: they may be changed at any time. */
class Schedule implements BackoffOptions {
  readonly #options: Reconnecting;

  constructor(options: Reconnecting) {
    this.#options = options;
  }

  get min(): number {
    return this.#options.reconnectionDelay();
  }
  get max(): number {
    return this.#options.reconnectionDelayMax();
  }
  get jitter(): number {
    return this.#options.randomizationFactor();
  }
}

/** When to try again: the options of it, which may be changed at any time, and the schedule. */
export abstract class Reconnecting extends Emitter<ManagerEvents> {
  /** The options as they were given. */
  readonly opts: ManagerOptions;
  protected readonly backoff: Backoff;

  constructor(options: ManagerOptions) {
    super();
    this.opts = { ...options, path: options.path ?? "/socket.io" };
    this.backoff = this.makeBackoff();
  }

  /** Whether to reconnect. */
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): boolean | this {
    return this.#option("reconnection", value, true);
  }
  /** How often, before it gives up. */
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): number | this {
    return this.#option("reconnectionAttempts", value, Infinity);
  }
  /** The first delay, in milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): number | this {
    return this.#option("reconnectionDelay", value, 1000);
  }
  /** The longest delay, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): number | this {
    return this.#option("reconnectionDelayMax", value, 5000);
  }
  /** From 0 to 1: how much of a delay is left to chance. */
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): number | this {
    return this.#option("randomizationFactor", value, 0.5);
  }
  /** Milliseconds that a connect may take; false: any time. */
  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): number | false | this {
    return this.#option("timeout", value, 20_000);
  }

  /** A schedule of its own, with these options as they are at each delay. */
  protected makeBackoff(): Backoff {
    return new Backoff(new Schedule(this));
  }

  #option<K extends keyof ManagerOptions>(
    name: K,
    value: ManagerOptions[K] | undefined,
    fallback: NonNullable<ManagerOptions[K]>,
  ): NonNullable<ManagerOptions[K]> | this {
    if (value === undefined) return this.opts[name] ?? fallback;
    this.opts[name] = value;
    return this;
  }
}
