import { backoffDelay } from "../backoff.js";
import { Emitter } from "../emitter.js";
import type { ManagerEvents } from "./events.js";
import type { ManagerOptions } from "./options.js";

/** When to try again: the options of it, which may be changed at any time, and the delay. */
export abstract class Reconnecting extends Emitter<ManagerEvents> {
  /** The options as they were given. */
  readonly opts: ManagerOptions;

  constructor(options: ManagerOptions) {
    super();
    this.opts = { ...options, path: options.path ?? "/socket.io" };
  }

  /** Whether to reconnect. */
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): boolean | this {
    return this._option("reconnection", value, true);
  }
  /** How often, before it gives up. */
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): number | this {
    return this._option("reconnectionAttempts", value, Infinity);
  }
  /** The first delay, in milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): number | this {
    return this._option("reconnectionDelay", value, 1000);
  }
  /** The longest delay, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): number | this {
    return this._option("reconnectionDelayMax", value, 5000);
  }
  /** From 0 to 1: how much of a delay is left to chance. */
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): number | this {
    return this._option("randomizationFactor", value, 0.5);
  }
  /** Milliseconds that a connect may take; false: any time. */
  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): number | false | this {
    return this._option("timeout", value, 20_000);
  }

  /** Milliseconds to wait after so many attempts, with these options as they are now. */
  protected delayAfter(attempts: number): number {
    return backoffDelay(attempts, {
      min: this.reconnectionDelay(),
      max: this.reconnectionDelayMax(),
      jitter: this.randomizationFactor(),
    });
  }

  private _option<K extends keyof ManagerOptions>(
    name: K,
    value: ManagerOptions[K] | undefined,
    fallback: NonNullable<ManagerOptions[K]>,
  ): NonNullable<ManagerOptions[K]> | this {
    if (value === undefined) return this.opts[name] ?? fallback;
    this.opts[name] = value;
    return this;
  }
}
