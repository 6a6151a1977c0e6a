import type { Cancel } from "../platform/platform.js";

/** What can be listened to. */
export interface Source {
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

export function listen(
  source: unknown,
  event: string,
  listener: (...args: never[]) => void,
): Cancel {
  (source as Source).on(event, listener);
  return () => (source as Source).off(event, listener);
}
