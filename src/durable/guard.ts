import type { Timers } from "../platform/platform.js";
import { storageError } from "./storage-errors.js";
import type { StoredPacket } from "./store.js";

/**
 * Calls a function of the app's store or cipher. The promise always settles in time, and its error is always a
 * `TautlineError`.
 *
 * @param isRight - whether the answer is one that such a call can have
 */
export function guarded<T>(
  timers: Timers,
  ms: number,
  call: () => Promise<T>,
  isRight: (answer: T) => boolean = () => true,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const fail = (cause: unknown): void => reject(storageError(cause));
    const cancel = timers.after(ms, () => fail({ name: "TimeoutError" }));
    const check = (answer: T): void =>
      isRight(answer) ? resolve(answer) : fail(new TypeError("an answer that no store gives"));
    try {
      void Promise.resolve(call()).then(check).catch(fail).then(cancel);
    } catch (cause) {
      cancel();
      fail(cause);
    }
  });
}

export const isCount = (count: unknown): boolean => Number.isSafeInteger(count);

const isIdAbove = (after: number, id: unknown): boolean => isCount(id) && (id as number) > after;

/** Whether these are ids, one for each packet. */
export function areIds(ids: unknown, count: number): boolean {
  return Array.isArray(ids) && ids.length === count && ids.every((id) => isIdAbove(0, id));
}

/** Whether these are packets after `after`, so that reading comes to an end. */
export function arePackets(records: unknown, after: number): boolean {
  const isRight = (record?: StoredPacket): boolean => isIdAbove(after, record?.id);
  return Array.isArray(records) && records.every(isRight);
}
