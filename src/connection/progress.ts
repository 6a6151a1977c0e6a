import type { Cancel, Timers } from "../platform/platform.js";

/**
 * Waits as long as there is progress.
 *
 * @param period - milliseconds without any progress
 * @param progress - what changes as long as it goes on
 * @param stuck - called after each period without progress
 */
export function watchProgress(
  timers: Timers,
  period: number,
  progress: () => string,
  stuck: () => void,
): Cancel {
  let before = progress();
  const look = (): void => {
    const now = progress();
    cancel = timers.after(period, look);
    if (now === before) stuck();
    before = now;
  };
  let cancel = timers.after(period, look);
  return () => cancel();
}
