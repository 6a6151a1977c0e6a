/** The largest delay that host timers take, in milliseconds (2^31 - 1). */
export const MAX_DELAY = 2147483647;

/**
 * Caps a delay, and spreads it *after* the cap, so that clients that have waited long do not come back in step.
 *
 * @param delay - milliseconds
 * @param max - no delay is above this, in milliseconds
 * @param jitter - 0 to 1: the delay is drawn from d * (1 - jitter) to d * (1 + jitter), or to `max` where that is less
 * @returns milliseconds: never below 1
 */
export function spread(delay: number, max: number, jitter: number): number {
  const capped = Math.min(delay, max);
  const part = capped * jitter;
  const least = capped - part;
  const most = Math.min(max, capped + part);
  return Math.max(1, Math.round(least + (most - least) * Math.random()));
}
