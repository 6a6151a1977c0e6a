import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { monotonicNow, tickNow } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

describe("monotonicNow", () => {
  it("is the page's own time, which nobody sets", () => {
    const start = monotonicNow();
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(5);
    expect(monotonicNow() - start).toBe(5);
  });

  it("does not go back when the clock is set back and on again", () => {
    const start = monotonicNow();
    vi.setSystemTime(Date.now() - 60_000);
    expect(monotonicNow() - start).toBe(0);
    vi.setSystemTime(Date.now() + 60_000);
    expect(monotonicNow()).toBeGreaterThanOrEqual(start);
  });

  it("has the time in it that the machine slept, where the page's own time stood still", () => {
    const start = monotonicNow();
    vi.setSystemTime(Date.now() + 3_600_000);
    const slept = monotonicNow() - start;
    // the clocks have no common start, and only one of them has fractions
    expect(Math.abs(slept - 3_600_000)).toBeLessThan(2);
    vi.advanceTimersByTime(5);
    expect(monotonicNow() - start).toBe(slept + 5);
  });

  it("does not take clocks that wander for sleep", () => {
    const start = monotonicNow();
    for (let i = 0; i < 100; i++) {
      vi.setSystemTime(Date.now() + (i % 2 ? 900 : -900));
      vi.advanceTimersByTime(1);
    }
    expect(monotonicNow() - start).toBe(100);
  });

  describe("on a host without performance", () => {
    beforeEach(() => void vi.stubGlobal("performance", undefined));

    it("goes on as the clock does", () => {
      const start = monotonicNow();
      vi.advanceTimersByTime(1234);
      expect(monotonicNow() - start).toBe(1234);
    });

    it.each([-5000, -3_600_000])(
      "never goes back, and goes on, when the clock is set by %i",
      (ms) => {
        const start = monotonicNow();
        vi.setSystemTime(Date.now() + ms);
        expect(monotonicNow() - start).toBe(0);
        vi.advanceTimersByTime(300);
        expect(monotonicNow() - start).toBe(300);
        vi.setSystemTime(Date.now() + ms);
        vi.advanceTimersByTime(300);
        // what went by between the last look and the change is lost
        expect(monotonicNow() - start).toBe(300);
      },
    );

    it("jumps when the clock is set on", () => {
      const start = monotonicNow();
      vi.setSystemTime(Date.now() + 5000);
      expect(monotonicNow() - start).toBe(5000);
    });
  });
});

describe("tickNow", () => {
  it("looks at the clock once a tick", async () => {
    vi.advanceTimersByTime(1);
    const start = tickNow();
    vi.advanceTimersByTime(50);
    expect(tickNow()).toBe(start);
    await Promise.resolve();
    expect(tickNow()).toBe(start + 50);
  });
});
