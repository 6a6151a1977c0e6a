import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Deadline, Deadlines } from "../../../src/pipeline/deadlines.js";
import { hostTimers } from "../../../src/platform/browser.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

class Item extends Deadline {
  constructor(readonly name: string | number) {
    super();
  }
}

function setUp(onExpired?: (item: Item) => void) {
  const expired: (string | number)[] = [];
  const deadlines = new Deadlines<Item>(hostTimers(), (item) => {
    expired.push(item.name);
    onExpired?.(item);
  });
  const add = (name: string | number, period: number): Item => {
    const item = new Item(name);
    deadlines.add(item, period);
    return item;
  };
  return { deadlines, expired, add };
}

describe("Deadlines", () => {
  it("tells of each item once its period is over, those of one period in their order", () => {
    const { add, expired } = setUp();
    add("a", 300);
    add("b", 100);
    add("c", 300);
    vi.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(["b"]);
    vi.advanceTimersByTime(200);
    expect(expired).toEqual(["b", "a", "c"]);
    vi.advanceTimersByTime(10_000);
    expect(expired).toEqual(["b", "a", "c"]);
  });

  it("needs one timer for all, and none when nothing is left", () => {
    const { add } = setUp();
    for (let i = 0; i < 50; i++) add(i, 100 + (i % 5));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("never tells of an item that was cancelled, wherever it stood", () => {
    const { add, expired } = setUp();
    const items = ["first", "middle", "last"].map((name) => add(name, 100));
    const kept = add("kept", 100);
    for (const item of items) {
      item.cancel();
      item.cancel();
      expect(item.isPending).toBe(false);
    }
    expect(kept.isPending).toBe(true);
    vi.advanceTimersByTime(100);
    expect(expired).toEqual(["kept"]);
  });

  it("keeps no timer when everything was cancelled and it is told so", () => {
    const { add, deadlines, expired } = setUp();
    const [one, other] = [add("one", 100), add("other", 5000)];
    one.cancel();
    deadlines.release();
    expect(vi.getTimerCount()).toBe(1);
    other.cancel();
    deadlines.release();
    expect(vi.getTimerCount()).toBe(0);
    add("later", 100);
    vi.advanceTimersByTime(100);
    expect(expired).toEqual(["later"]);
  });

  it("lets its timer run out when everything was cancelled", () => {
    const { add } = setUp();
    add("one", 100).cancel();
    vi.advanceTimersByTime(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("begins anew with an item that is added again", () => {
    const { add, deadlines, expired } = setUp();
    const item = add("item", 100);
    vi.advanceTimersByTime(60);
    deadlines.add(item, 100);
    vi.advanceTimersByTime(60);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(40);
    expect(expired).toEqual(["item"]);
  });

  it("never expires what has all the time in the world", () => {
    const { add } = setUp();
    expect(add("patient", Infinity).isPending).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([0, -5])("expires a period of %i at the next turn, and once", (period) => {
    const { add, expired } = setUp((item) => {
      if (item.name === "again") return;
      add("again", period);
    });
    add("now", period);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(["now"]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(["now", "again"]);
  });

  it("lets the callback cancel what is due as well, and add", () => {
    const { add, expired } = setUp((item) => {
      if (item.name !== "first") return;
      second.cancel();
      add("new", 100);
    });
    add("first", 100);
    const second = add("second", 100);
    vi.advanceTimersByTime(100);
    expect(expired).toEqual(["first"]);
    vi.advanceTimersByTime(100);
    expect(expired).toEqual(["first", "new"]);
  });

  it("goes on after a slice, when the host has done its own work", () => {
    let now = 0;
    vi.stubGlobal("performance", { now: () => now });
    vi.stubGlobal("MessageChannel", undefined);
    const { add, expired } = setUp(() => {
      now += 5;
    });
    for (let i = 0; i < 10; i++) add(i, 100);
    now = 100;
    vi.advanceTimersByTime(100);
    expect(expired.length).toBeLessThan(5);
    const turns = [expired.length];
    while (expired.length < 10) {
      vi.advanceTimersToNextTimer();
      turns.push(expired.length);
    }
    expect(turns.length).toBeGreaterThan(2);
    expect(expired).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("costs next to nothing for 20,000 that wait, of one period or each with its own", () => {
    vi.useRealTimers();
    for (const period of [() => 60_000, (i: number) => 60_000 + i]) {
      const { add, deadlines } = setUp();
      const start = process.cpuUsage();
      const items = Array.from({ length: 20_000 }, (_, i) => add(i, period(i)));
      for (const item of items) item.cancel();
      deadlines.release();
      // a few milliseconds of this process, however long the machine lets it wait; looking at all for each takes seconds
      expect(process.cpuUsage(start).user / 1000).toBeLessThan(500);
    }
  });

  it("looks at thousands of periods only now and then", () => {
    const timers = hostTimers();
    const after = vi.spyOn(timers, "after");
    onTestFinished(() => after.mockRestore());
    const expired: number[] = [];
    const deadlines = new Deadlines<Item>(timers, (item) => expired.push(timers.now() - item.due));
    for (let i = 0; i < 20_000; i++) deadlines.add(new Item(i), 1000 + i);
    vi.advanceTimersByTime(40_000);
    expect(expired).toHaveLength(20_000);
    expect(Math.max(...expired)).toBeLessThan(400);
    expect(after.mock.calls.length).toBeLessThan(500);
  });

  describe("where the host has no performance", () => {
    it.each([
      ["back by an hour", -3_600_000, 200],
      ["on by an hour", 3_600_000, 100],
    ])("does not hang when the clock is set %s", (_way, ms, within) => {
      vi.stubGlobal("performance", undefined);
      const { add, expired } = setUp();
      add("a", 100);
      vi.setSystemTime(Date.now() + ms);
      add("b", 100);
      vi.advanceTimersByTime(within);
      expect(expired).toEqual(["a", "b"]);
    });
  });

  it("expires in time where only the timers go on, and the clock stands still", () => {
    const still = performance.now();
    performance.now = () => still;
    const { add, expired } = setUp();
    add("a", 100);
    add("b", 250);
    vi.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(["a"]);
    add("c", 100);
    vi.advanceTimersByTime(150);
    expect([expired, vi.getTimerCount()]).toEqual([["a", "c", "b"], 0]);
  });

  it("does not care when the clock is set back", () => {
    const { add, expired } = setUp();
    add("a", 100);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual(["a"]);
  });
});
