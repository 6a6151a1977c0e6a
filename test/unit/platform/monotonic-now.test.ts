import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hostTimers, monotonicNow, tickNow } from "../../../src/platform/browser.js";

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

  it("does not go back when the clock is set back and on again (PRB-19)", () => {
    const start = monotonicNow();
    vi.setSystemTime(Date.now() - 60_000);
    expect(monotonicNow() - start).toBe(0);
    vi.setSystemTime(Date.now() + 60_000);
    expect(monotonicNow()).toBeGreaterThanOrEqual(start);
  });

  it("does not go on when the clock is set on", () => {
    const start = monotonicNow();
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(monotonicNow() - start).toBe(0);
  });

  it("does not follow a clock that wanders", () => {
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
    const timers = hostTimers();
    const start = tickNow(timers);
    vi.advanceTimersByTime(50);
    expect(tickNow(timers)).toBe(start);
    await Promise.resolve();
    expect(tickNow(timers)).toBe(start + 50);
  });

  it("takes no clock for another one", () => {
    const [fake, native] = [hostTimers(), hostTimers(true)];
    vi.advanceTimersByTime(3_600_000_000);
    const start = tickNow(fake);
    expect(tickNow(native)).toBeLessThan(start);
    expect(tickNow(fake)).toBe(start);
  });
});
