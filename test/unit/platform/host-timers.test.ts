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
});
