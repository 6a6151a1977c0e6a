/**
 * Time that goes by with fake timers while none of them fires: the page is busy, or frozen. To extend: both clocks of
 * a host have to move, as the library compares them.
 */
import { vi } from "vitest";

/** Moves the clocks of the host on; timers that became due stay where they are. */
export function elapse(ms: number): void {
  const { performance } = globalThis;
  const now = performance.now.bind(performance);
  // fake timers put everything back when they are removed
  performance.now = () => now() + ms;
  vi.setSystemTime(Date.now() + ms);
}
