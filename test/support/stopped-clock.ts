/**
 * Timers that fire when a test says so, while the network goes on: whatever time the machine takes, no timeout of the product
 * fires by itself. To extend: nothing here may wait for a timer.
 */
import { onTestFinished, vi } from "vitest";

/** Stops it until the test ends, or until `vi.useRealTimers()`. @returns lets some milliseconds go by */
export function stopTheClock(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  return (ms) => void vi.advanceTimersByTime(ms);
}

/** As `until()`, which moves a clock that is stopped. */
export async function turnsUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
