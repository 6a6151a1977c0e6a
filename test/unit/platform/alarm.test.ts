import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Alarm } from "../../../src/platform/alarm.js";
import { hostTimers, monotonicNow } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

/** When it rang, in milliseconds since now. */
function setUp() {
  const start = monotonicNow();
  const rung: number[] = [];
  const ring = (): number => rung.push(monotonicNow() - start);
  const alarm: Alarm = new Alarm(hostTimers(), ring);
  return { alarm, rung, start };
}

describe("Alarm", () => {
  it("rings once, at the earliest of its deadlines, with one timer", () => {
    const { alarm, rung, start } = setUp();
    for (const ms of [500, 300, 400]) alarm.set(start + ms);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect([rung, vi.getTimerCount()]).toEqual([[300], 0]);
  });

  it("can be set anew while it rings", () => {
    const { rung, start } = setUp();
    const alarm: Alarm = new Alarm(hostTimers(), () => {
      if (rung.push(monotonicNow() - start) < 3) alarm.set(monotonicNow() + 10);
    });
    alarm.set(start + 100);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual([100, 110, 120]);
  });

  it("rings soon for a deadline that has passed, but not at once", () => {
    const { alarm, rung, start } = setUp();
    alarm.set(start - 100);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(rung).toEqual([0]);
  });

  it("waits for a deadline that is further away than host timers reach", () => {
    const { rung, start } = setUp();
    const at = start + 2 ** 32;
    const alarm: Alarm = new Alarm(hostTimers(), () => {
      if (rung.push(monotonicNow() - start) < 5) alarm.set(at);
    });
    alarm.set(at);
    vi.advanceTimersByTime(2 ** 32);
    // it is told in between, twice: the longest delay of a host is a little less than half of this
    expect([rung.length, rung[2]]).toEqual([3, 2 ** 32]);
  });

  it("does not ring when it is cleared, and leaves no timer", () => {
    const { alarm, rung, start } = setUp();
    alarm.set(start + 100);
    alarm.clear();
    expect(vi.getTimerCount()).toBe(0);
    alarm.set(start + 200);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual([200]);
  });

  it("rings in time when the clock is set back", () => {
    const { alarm, rung, start } = setUp();
    alarm.set(start + 100);
    vi.setSystemTime(Date.now() - 3_600_000);
    alarm.set(start + 90);
    vi.advanceTimersByTime(100);
    expect(rung).toEqual([90]);
  });

  it.each([-3_600_000, 3_600_000])(
    "rings when the clock is set by %i, on a host that has no other",
    (ms) => {
      vi.stubGlobal("performance", undefined);
      const { alarm, rung } = setUp();
      const start = monotonicNow();
      alarm.set(start + 100);
      vi.setSystemTime(Date.now() + ms);
      vi.advanceTimersByTime(100);
      expect(rung).toHaveLength(1);
      alarm.set(monotonicNow() + 100);
      vi.advanceTimersByTime(100);
      expect(rung).toHaveLength(2);
    },
  );
});
