import { failed, type Verdict } from "../contract/validate.js";

/** What the host's timers take at most. */
const MAX_DELAY = 2 ** 31 - 1;

/** Verdicts in the order of their values. A validator that takes too long has failed, so nothing waits forever. */
export class VerdictLine {
  private _last: Promise<void> | undefined;

  /** @param _ms - milliseconds that an async validator has */
  constructor(private readonly _ms: number) {}

  /** Behind all that was taken before. */
  take(verdict: Verdict | Promise<Verdict>, done: (verdict: Verdict) => void): void {
    if (!this._last && !(verdict instanceof Promise)) return done(verdict);
    const inTime = verdict instanceof Promise ? this._inTime(verdict) : verdict;
    const mine = Promise.all([inTime, this._last]).then(([one]) => {
      if (this._last === mine) this._last = undefined;
      done(one);
    });
    this._last = mine;
  }

  /** As soon as it is there. */
  judge(verdict: Verdict | Promise<Verdict>, done: (verdict: Verdict) => void): void {
    if (verdict instanceof Promise) void this._inTime(verdict).then(done);
    else done(verdict);
  }

  private _inTime(verdict: Promise<Verdict>): Promise<Verdict> {
    return new Promise((resolve) => {
      const late = (): void => resolve(failed(undefined, "the validator timed out"));
      const timer = setTimeout(late, Math.min(this._ms, MAX_DELAY));
      void verdict.then((one) => {
        clearTimeout(timer);
        resolve(one);
      });
    });
  }
}
