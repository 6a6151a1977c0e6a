import { elapse } from "../../support/clock.js";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Heartbeat } from "../../../src/engine/heartbeat.js";
import { hostTimers, monotonicNow } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function setUp(period = 1000) {
  const [missed, doubted] = [vi.fn(), vi.fn()];
  const heartbeat = new Heartbeat(hostTimers(), (isCertain) => (isCertain ? missed : doubted)());
  heartbeat.start(period);
  return { heartbeat, missed, doubted };
}

describe("Heartbeat", () => {
  it("tells when the time is over, once", () => {
    const { missed, doubted } = setUp();
    vi.advanceTimersByTime(999);
    expect(missed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(missed).toHaveBeenCalledOnce();
    expect([doubted.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });

  it("begins anew with each beat, with one timer for all of them", () => {
    const { heartbeat, missed } = setUp();
    for (let i = 0; i < 100; i++) {
      vi.advanceTimersByTime(900);
      heartbeat.beat();
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(missed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(999);
    expect(missed).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(missed).toHaveBeenCalledOnce();
  });

  it("knows at any time whether it is missed, without a timer", () => {
    const { heartbeat } = setUp();
    const start = monotonicNow();
    expect([heartbeat.isMissed(start + 1000), heartbeat.isMissed(start + 1001)]).toEqual([
      false,
      true,
    ]);
  });

  it("doubts instead, when the timer itself came too late (PRB-13)", () => {
    const { missed, doubted } = setUp();
    elapse(600_000);
    vi.advanceTimersByTime(1000);
    expect([missed.mock.calls.length, doubted.mock.calls.length]).toEqual([0, 1]);
  });

  it("doubts also when it was beaten before its timer came too late (PRB-13)", () => {
    const { heartbeat, missed, doubted } = setUp();
    vi.advanceTimersByTime(500);
    heartbeat.beat();
    elapse(600_000);
    vi.advanceTimersByTime(500);
    expect([missed.mock.calls.length, doubted.mock.calls.length]).toEqual([0, 1]);
  });

  it.each([
    [1500, [1, 0]],
    [1501, [0, 1]],
  ])("believes a timer that came %i ms late: [certain, in doubt] = %j", (late, told) => {
    const { missed, doubted } = setUp();
    elapse(late);
    vi.advanceTimersByTime(1000);
    expect([missed.mock.calls.length, doubted.mock.calls.length]).toEqual(told);
  });

  it.each([0, 0.001])(
    "believes in beats whose time a clock doesn't know that moves by %s",
    (step) => {
      let now = 5000;
      performance.now = () => (now += step);
      const { heartbeat, missed, doubted } = setUp(25_000);
      for (let i = 0; i < 20; i++) {
        vi.advanceTimersByTime(20_000);
        heartbeat.beat();
      }
      expect([missed.mock.calls.length, doubted.mock.calls.length]).toEqual([0, 0]);
      vi.advanceTimersByTime(50_000);
      expect(missed).toHaveBeenCalledOnce();
    },
  );

  it("is never missed once it has stopped", () => {
    const { heartbeat, missed } = setUp();
    heartbeat.stop();
    heartbeat.stop();
    vi.advanceTimersByTime(10_000);
    expect([missed.mock.calls.length, heartbeat.isMissed(Infinity), vi.getTimerCount()]).toEqual([
      0,
      false,
      0,
    ]);
  });
});
