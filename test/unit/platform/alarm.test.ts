import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Alarm } from "../../../src/platform/alarm.js";
import { hostTimers } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers({ now: 1000 });
  onTestFinished(() => void vi.useRealTimers());
});

function setUp() {
  const rung: number[] = [];
  const alarm: Alarm = new Alarm(hostTimers(), () => rung.push(Date.now()));
  return { alarm, rung };
}

describe("Alarm", () => {
  it("rings once, at the earliest of its deadlines, with one timer", () => {
    const { alarm, rung } = setUp();
    for (const at of [1500, 1300, 1400]) alarm.set(at);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect([rung, vi.getTimerCount()]).toEqual([[1300], 0]);
  });

  it("can be set anew while it rings", () => {
    const rung: number[] = [];
    const alarm: Alarm = new Alarm(hostTimers(), () => {
      if (rung.push(Date.now()) < 3) alarm.set(Date.now() + 10);
    });
    alarm.set(1100);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual([1100, 1110, 1120]);
  });

  it("rings soon for a deadline that has passed, but not at once", () => {
    const { alarm, rung } = setUp();
    alarm.set(900);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(rung).toEqual([1000]);
  });

  it("waits for a deadline that is further away than host timers reach", () => {
    const rung: number[] = [];
    const at = Date.now() + 2 ** 32;
    const alarm: Alarm = new Alarm(hostTimers(), () => {
      if (rung.push(Date.now()) < 5) alarm.set(at);
    });
    alarm.set(at);
    vi.advanceTimersByTime(2 ** 32);
    // it is told in between, twice: the longest delay of a host is a little less than half of this
    expect([rung.length, rung[2]]).toEqual([3, at]);
  });

  it("does not ring when it is cleared, and leaves no timer", () => {
    const { alarm, rung } = setUp();
    alarm.set(1100);
    alarm.clear();
    expect(vi.getTimerCount()).toBe(0);
    alarm.set(1200);
    vi.advanceTimersByTime(1000);
    expect(rung).toEqual([1200]);
  });
});
