import Backo from "backo2";
import { MAX_DELAY, spread } from "./spread.js";

/** Beyond this the exponent only overflows: 2^30 ms is twelve days. */
const MAX_EXPONENT = 30;

export interface BackoffOptions {
  /** First delay, in milliseconds. 0 means no delay at all. */
  min: number;
  /** No delay is above this, in milliseconds. */
  max: number;
  /** 0 to 1: the delay is drawn from d * (1 - jitter) to d * (1 + jitter), or to `max` where that is less. */
  jitter: number;
}

/**
 * The delay before an attempt: backo2's exponent, capped, and spread *after* the cap, so that clients that have waited
 * long do not come back in step.
 *
 * @param attempt - how many delays there were before
 * @returns milliseconds: 0 only when `min` or `max` is, never above `max`
 */
export function backoffDelay(attempt: number, { min, max, jitter }: BackoffOptions): number {
  if (!(min > 0) || !(max > 0)) return 0;
  const cap = Math.min(max, MAX_DELAY);
  const schedule = new Backo({ min, max: cap, factor: 2, jitter: 0 });
  schedule.attempts = Math.min(attempt, MAX_EXPONENT);
  return spread(schedule.duration() || Math.min(1, cap), cap, Math.min(Math.max(jitter, 0), 1));
}
