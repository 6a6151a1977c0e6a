import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { leaveWithPage } from "../../../src/engine/leave-with-page.js";
import { hostTimers } from "../../../src/platform/browser.js";

let page: EventTarget;
const leave = (): void => void page.dispatchEvent(new Event("beforeunload"));

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("A page that is about to be left", () => {
  it("closes at once, and says in the next task that it has stayed (CON-36)", () => {
    const [close, stayed] = [vi.fn(), vi.fn()];
    leaveWithPage(hostTimers(), close, stayed);
    expect(close).not.toHaveBeenCalled();
    leave();
    expect([close.mock.calls.length, stayed.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(0);
    expect(stayed).toHaveBeenCalledOnce();
  });

  it("does nothing once nobody listens any more", () => {
    const [close, stayed] = [vi.fn(), vi.fn()];
    leaveWithPage(hostTimers(), close, stayed)();
    leave();
    expect(close).not.toHaveBeenCalled();
    const cancel = leaveWithPage(hostTimers(), close, stayed);
    leave();
    cancel();
    vi.advanceTimersByTime(1000);
    expect([close.mock.calls.length, stayed.mock.calls.length]).toEqual([1, 0]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
