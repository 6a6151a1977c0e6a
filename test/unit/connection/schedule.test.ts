import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ConnectionSettings } from "../../../src/connection/options.js";
import { Schedule } from "../../../src/connection/schedule.js";
import { hostTimers } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(changes: Partial<Record<"delay" | "max" | "jitter" | "minUptime", number>> = {}) {
  const settings = { delay: 100, max: 1000, jitter: 0, minUptime: 5000, ...changes };
  const options: unknown = {
    opts: { minUptime: settings.minUptime },
    reconnectionDelay: () => settings.delay,
    reconnectionDelayMax: () => settings.max,
    randomizationFactor: () => settings.jitter,
  };
  const schedule = new Schedule(options as ConnectionSettings, hostTimers());
  return { schedule, settings };
}

const delays = (schedule: Schedule, count: number): number[] =>
  Array.from({ length: count }, () => schedule.next(false));

describe("Schedule", () => {
  it("doubles the delay up to the longest (REC-1)", () => {
    expect(delays(setUp().schedule, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("looks at the settings anew each time", () => {
    const { schedule, settings } = setUp();
    schedule.next(false);
    settings.delay = 10;
    expect(schedule.next(false)).toBe(20);
    settings.max = 15;
    expect(schedule.next(false)).toBe(15);
  });

  it("goes another way at once, but only once (REC-23)", () => {
    const { schedule } = setUp();
    expect([schedule.next(true), schedule.next(true), schedule.next(true)]).toEqual([0, 200, 400]);
  });

  it("waits before another way when the first delay is used up (REC-23)", () => {
    const { schedule } = setUp();
    expect([schedule.next(false), schedule.next(true)]).toEqual([100, 200]);
  });

  it("waits for as long as the server asks, up to the longest delay, and never less than planned (REC-9)", () => {
    const { schedule } = setUp();
    expect([
      schedule.next(false, 700),
      schedule.next(false, 60_000),
      schedule.next(false, 1),
      schedule.next(false, 0),
    ]).toEqual([700, 1000, 400, 800]);
  });

  it("begins again after a connection that lasted, and not before (REC-5)", () => {
    const { schedule } = setUp({ minUptime: 5000 });
    delays(schedule, 2);
    schedule.opened();
    vi.advanceTimersByTime(4999);
    expect(schedule.uptime).toBe(4999);
    schedule.ended();
    expect([schedule.uptime, schedule.next(false)]).toEqual([0, 400]);
    schedule.opened();
    vi.advanceTimersByTime(5000);
    schedule.ended();
    expect(schedule.next(false)).toBe(100);
  });

  it("does not count the end of a connection twice", () => {
    const { schedule } = setUp();
    schedule.opened();
    vi.advanceTimersByTime(5000);
    schedule.ended();
    delays(schedule, 2);
    schedule.ended();
    expect(schedule.next(false)).toBe(400);
  });

  it("forgets everything when it is told to", () => {
    const { schedule } = setUp();
    delays(schedule, 5);
    schedule.attempt = 5;
    schedule.reset();
    expect([schedule.attempt, schedule.next(false)]).toEqual([0, 100]);
  });

  it("tells a channel the same delays without counting them", () => {
    const { schedule } = setUp();
    expect([schedule.after(0), schedule.after(3), schedule.next(false)]).toEqual([100, 800, 100]);
  });
});
