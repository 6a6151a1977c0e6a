import { invalid } from "./checks.js";

/** What a test waits for: a condition or a promise. */
export class Awaited<T> {
  private _outcome: (() => T) | undefined;
  private readonly _condition: (() => unknown) | undefined;

  /** @throws TautlineError `invalid-option` */
  constructor(what: (() => unknown) | PromiseLike<T>) {
    if (typeof what === "function") this._condition = what;
    else if (isThenable(what))
      what.then(
        (value) => {
          this._outcome = () => value as T;
        },
        (error: unknown) => {
          this._outcome = () => {
            throw error as Error;
          };
        },
      );
    else throw invalid("until() waits for a function or for a promise");
  }

  /** @throws TautlineError `invalid-option` for a condition that is a promise: it would always be true */
  isOver(): boolean {
    if (!this._condition) return !!this._outcome;
    const value = this._condition();
    if (isThenable(value))
      throw invalid("the condition gives a promise: give until() the promise itself");
    return !!value;
  }

  /** The value of the promise. @throws what it was rejected with */
  get value(): T {
    return this._outcome?.() as T;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}
