import { TautlineError } from "../errors.js";
import type { DedupeStore } from "./store.js";

/** A store of the app's, or none: whatever it does, nothing is thrown here, and every promise is fulfilled in time. */
export class GuardedStore {
  private readonly _store: DedupeStore | undefined;
  private readonly _timeout: number;
  private readonly _report: (error: unknown) => void;

  /**
   * @param timeout - how long a promise of the store may take, in milliseconds
   * @param report - told what went wrong; must not throw
   */
  constructor(store: DedupeStore | undefined, timeout: number, report: (error: unknown) => void) {
    this._store = store;
    this._timeout = timeout;
    this._report = report;
  }

  /** False when another node has claimed the packet before. True when the store can't tell. */
  claim(stream: string, sequence: number): boolean | Promise<boolean> {
    if (!this._store) return true;
    const isValid = (value: unknown): boolean => typeof value === "boolean";
    return this._ask("claim", [stream, sequence], isValid, true) as boolean | Promise<boolean>;
  }

  saveReply(stream: string, sequence: number, args: unknown[]): void {
    void this._ask("saveReply", [stream, sequence, args], () => true, undefined);
  }

  /** What another node has answered, if that is known. */
  async reply(stream: string, sequence: number): Promise<unknown[] | undefined> {
    const isValid = (value: unknown): boolean => value == null || Array.isArray(value);
    const args = await this._ask("reply", [stream, sequence], isValid, undefined);
    return (args as unknown[] | null) ?? undefined;
  }

  private _ask(
    method: keyof DedupeStore,
    args: unknown[],
    isValid: (value: unknown) => boolean,
    otherwise: unknown,
  ): unknown {
    const fail = (error: unknown): unknown => {
      this._report(error);
      return otherwise;
    };
    const check = (value: unknown): unknown =>
      isValid(value)
        ? value
        : fail(
            new TautlineError("invalid-option", `${method}() of the dedupe store gave nonsense`),
          );
    try {
      const store = this._store as { [name in typeof method]?: (...args: unknown[]) => unknown };
      const value = store?.[method]?.(...args);
      if (typeof (value as PromiseLike<unknown> | undefined)?.then !== "function")
        return check(value);
      return this._settled(method, value).then(check, fail);
    } catch (error) {
      return fail(error);
    }
  }

  /** Rejects when `value` does, or when it takes too long. */
  private _settled(method: string, value: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(
          new TautlineError(
            "timeout",
            `${method}() of the dedupe store took longer than ${this._timeout} ms`,
          ),
        );
      const timer = setTimeout(late, this._timeout);
      // resolve() of a promise takes whatever is thenable, and what it throws becomes a rejection
      void new Promise((settle) => settle(value))
        .then(resolve, reject)
        .then(() => clearTimeout(timer));
    });
  }
}
