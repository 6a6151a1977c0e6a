import type { TautlineError } from "../errors.js";
import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { abortion, timedOut } from "./outcomes.js";

/** What may end waiting early. */
export interface WaitOptions {
  /** Milliseconds, then it rejects with `ack-timeout`. @default none */
  timeout?: number | undefined;
  /** Rejects with `aborted`. */
  signal?: AbortSignal | undefined;
}

/**
 * A promise that is settled by `begin`, by the timeout or by the signal, and leaves nothing behind.
 *
 * @param begin - begins what is waited for; returns what ends that, called once, whoever settled it
 */
export function waitFor<T = void>(
  timers: Timers,
  { timeout, signal }: WaitOptions,
  begin: (settle: (error?: TautlineError, value?: T) => void) => Cancel,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortion(signal));
    const undo: Cancel[] = [];
    let isSettled = false;
    const settle = (error?: TautlineError, value?: T): void => {
      isSettled = true;
      for (const stop of undo.splice(0)) stop();
      if (error) reject(error);
      else resolve(value as T);
    };
    undo.push(listenTo(signal, "abort", () => settle(abortion(signal))));
    if (timeout !== undefined) undo.push(timers.after(timeout, () => settle(timedOut())));
    const stop = begin(settle);
    if (isSettled) stop();
    else undo.push(stop);
  });
}
