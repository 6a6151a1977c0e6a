import type { Timers } from "../platform/platform.js";
import { storageError } from "./storage-errors.js";

/** A call of a store. Whatever that does, it is settled in time, and an error is one with a code. */
export function guarded<T>(timers: Timers, ms: number, call: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const fail = (cause: unknown): void => reject(storageError(cause));
    const cancel = timers.after(ms, () => fail({ name: "TimeoutError" }));
    try {
      void Promise.resolve(call()).then(resolve, fail).then(cancel);
    } catch (cause) {
      cancel();
      fail(cause);
    }
  });
}
