import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hostTimers } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("hostTimers", () => {
  // hosts hold the delay in 31 bits, and take what doesn't fit for 1
  it.each([2 ** 31, 1e12, Infinity])("does not take %s milliseconds for none", (ms) => {
    const task = vi.fn();
    const cancel = hostTimers().after(ms, task);
    vi.advanceTimersByTime(24 * 3600 * 1000);
    expect(task).not.toHaveBeenCalled();
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never comes before a fraction of a millisecond is over", () => {
    const task = vi.fn();
    hostTimers().after(10.2, task);
    vi.advanceTimersByTime(10);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledOnce();
  });

  describe("where the clock stands still", () => {
    beforeEach(() => {
      const still = performance.now();
      performance.now = () => still;
    });

    it("has a clock that is never behind its timers", () => {
      const timers = hostTimers();
      const start = timers.now();
      const times: number[] = [];
      for (const ms of [200, 100, 300]) timers.after(ms, () => times.push(timers.now() - start));
      vi.advanceTimersByTime(300);
      expect(times).toEqual([100, 200, 300]);
      timers.after(50, () => times.push(timers.now() - start));
      vi.advanceTimersByTime(50);
      expect(times.at(-1)).toBe(350);
    });

    it("goes on from there when the clock goes on", () => {
      const timers = hostTimers();
      const start = timers.now();
      for (const ms of [30_000, 60_000]) timers.after(ms, () => {});
      vi.advanceTimersByTime(60_000);
      const still = performance.now();
      performance.now = () => still + 500;
      expect(timers.now() - start).toBe(60_500);
    });

    it("does not jump when that was the clock of a test, and the host's is back", () => {
      const begun = Date.now();
      const ownClock = (): number => 1_000_000 + Date.now() - begun;
      performance.now = ownClock;
      const timers = hostTimers();
      const start = timers.now();
      timers.after(12_000, () => {});
      vi.advanceTimersByTime(5000);
      performance.now = () => Date.now() - begun - 5000;
      for (let i = 0; i < 3; i++) {
        timers.after(5000, () => {});
        vi.advanceTimersByTime(5000);
      }
      performance.now = ownClock;
      expect(timers.now() - start).toBe(20_000);
    });
  });

  it("does not let its clock run ahead of a coarse one", () => {
    const now = performance.now.bind(performance);
    performance.now = () => Math.floor(now() / 100) * 100;
    const timers = hostTimers();
    const start = timers.now();
    for (let i = 0; i < 100; i++) {
      timers.after(50, () => {});
      vi.advanceTimersByTime(50);
    }
    expect(timers.now() - start).toBeLessThanOrEqual(5100);
  });

  it("has the native clock with the native timers", () => {
    const timers = hostTimers(true);
    const start = timers.now();
    vi.advanceTimersByTime(3_600_000);
    expect(timers.now() - start).toBeLessThan(60_000);
    expect(timers.now()).toBeGreaterThanOrEqual(start);
  });
});
