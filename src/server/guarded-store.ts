import { TautlineError } from "../errors.js";
import type { DedupeStore } from "./store.js";

type Method = (stream: string, sequence: number, args?: unknown[]) => unknown;

/**
 * The app's store, or none. Its errors and timeouts are contained here: nothing is thrown, and every promise is
 * fulfilled in time.
 */
export class GuardedStore {
  private readonly _store: { [name in keyof DedupeStore]: Method | undefined };
  private readonly _timeout: number;
  private readonly _report: (error: unknown) => void;

  /**
   * @param timeout - how long a promise of the store may take, in milliseconds
   * @param report - told what went wrong; must not throw
   */
  constructor(
    store: DedupeStore = { claim: () => true },
    timeout: number,
    report: (error: unknown) => void,
  ) {
    this._store = store as never;
    this._timeout = timeout;
    this._report = report;
  }

  /** False when another node has claimed the packet before. True when the store can't tell. */
  claim(stream: string, sequence: number): boolean | Promise<boolean> {
    return this._ask("claim", true, stream, sequence) as boolean | Promise<boolean>;
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    this._ask("saveReply", undefined, stream, sequence, args);
  }

  /** What another node has answered: an array if that is known. */
  reply(stream: string, sequence: number): Promise<unknown> {
    return Promise.resolve(this._ask("reply", undefined, stream, sequence));
  }

  /** @param otherwise - the result when the store fails; where it is a boolean, the store has to give one */
  private _ask(
    method: keyof DedupeStore,
    otherwise: true | undefined,
    ...args: Parameters<Method>
  ): unknown {
    const fail = (error: unknown): unknown => {
      this._report(error);
      return otherwise;
    };
    const read = (value: unknown): unknown =>
      !otherwise || typeof value === "boolean"
        ? value
        : fail(new TautlineError("invalid-option", `dedupe(): store.${method}() gave no boolean`));
    try {
      const value = this._store[method]?.(...args);
      const isPromise = typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
      return isPromise ? this._settled(method, value).then(read, fail) : read(value);
    } catch (error) {
      return fail(error);
    }
  }

  /** Rejects when `value` does, or when it timed out. */
  private _settled(method: string, value: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new TautlineError("timeout", `dedupe(): store.${method}() timed out`));
      }, this._timeout);
      // resolving with a thenable adopts it, and an error that it throws becomes a rejection
      void new Promise((settle) => settle(value))
        .then(resolve, reject)
        .then(() => clearTimeout(timer));
    });
  }
}
