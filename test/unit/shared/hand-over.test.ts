import { beforeEach, describe, expect, it, vi } from "vitest";
import { HandOver } from "../../../src/shared/hand-over.js";
import type { Switch } from "../../../src/shared/switch.js";
import { Watch } from "../../../src/shared/watch.js";

/** A clock that is set by hand. */
class Clock {
  time = 0;
  tasks: { at: number; task: () => void }[] = [];
  now = (): number => this.time;

  after(ms: number, task: () => void): () => void {
    const one = { at: this.time + ms, task };
    this.tasks.push(one);
    return () => void (this.tasks = this.tasks.filter((other) => other !== one));
  }

  pass(ms: number): void {
    for (const end = this.time + ms; ;) {
      const [next] = this.tasks.filter(({ at }) => at <= end).sort((one, two) => one.at - two.at);
      this.time = Math.max(this.time, next?.at ?? end);
      if (!next) return;
      this.tasks = this.tasks.filter((one) => one !== next);
      next.task();
    }
  }

  /** Nothing runs for so long. */
  freeze(ms: number): void {
    this.time += ms;
  }
}

describe("A hand-over", () => {
  let clock: Clock;
  let answer: (() => void) | undefined;
  let state: { isIdle: boolean; isPaused: boolean };
  const owner = { yield: vi.fn(), robbed: vi.fn() };
  const lines = (): Switch =>
    ({ ...state, line: { probe: (done: () => void) => (answer = done) } }) as never;

  beforeEach(() => {
    clock = new Clock();
    answer = undefined;
    state = { isIdle: true, isPaused: false };
    vi.clearAllMocks();
  });

  it("is due at once when nothing is under way", () => {
    const one = new HandOver(clock, owner);
    expect(one.isDue(lines(), false)).toBe(false);
    expect(one.isDue(lines(), true)).toBe(true);
  });

  it("waits for acks for 5 s, from when another tab could take over", () => {
    const one = new HandOver(clock, owner);
    state.isIdle = false;
    expect(one.isDue(lines(), true)).toBe(false);
    clock.pass(4000);
    expect(one.isDue(lines(), false)).toBe(false);
    clock.pass(4000);
    expect(one.isDue(lines(), true)).toBe(false);
    clock.pass(5000);
    expect(one.isDue(lines(), true)).toBe(false);
    clock.pass(1);
    expect(one.isDue(lines(), true)).toBe(true);
  });

  it("asks the server once the tabs have paused and nothing is due, and lets the lock go if nobody takes it", () => {
    const one = new HandOver(clock, owner);
    one.begin();
    one.proceed(lines());
    state = { isIdle: false, isPaused: true };
    one.proceed(lines());
    expect(answer).toBeUndefined();
    state.isIdle = true;
    one.proceed(lines());
    expect(owner.yield).not.toHaveBeenCalled();
    answer?.();
    expect(owner.yield).toHaveBeenCalledOnce();
    clock.pass(499);
    expect(owner.robbed).not.toHaveBeenCalled();
    clock.pass(1);
    expect(owner.robbed).toHaveBeenCalledOnce();
  });

  it("waits for tabs and acks for 1 s", () => {
    const one = new HandOver(clock, owner);
    one.begin();
    clock.pass(999);
    expect(owner.yield).not.toHaveBeenCalled();
    clock.pass(1);
    expect(owner.yield).toHaveBeenCalledOnce();
  });

  it("does nothing more once it has ended, whatever is answered", () => {
    const one = new HandOver(clock, owner);
    const end = one.begin();
    state.isPaused = true;
    one.proceed(lines());
    end();
    answer?.();
    clock.pass(5000);
    expect(owner.yield).not.toHaveBeenCalled();
    expect(owner.robbed).not.toHaveBeenCalled();
  });
});

describe("A watch", () => {
  const start = (): [Clock, Watch, { ping: () => void; silent: () => void }, () => void] => {
    const clock = new Clock();
    const owner = { ping: vi.fn(), silent: vi.fn() };
    const watch = new Watch(clock, owner);
    return [clock, watch, owner, watch.begin()];
  };

  it("asks every 500 ms, and gives up a host that says nothing for 1.5 s and a little", () => {
    const [clock, watch, owner] = start();
    clock.pass(1000);
    expect(owner.ping).toHaveBeenCalledTimes(2);
    watch.heard();
    clock.pass(1499);
    expect(owner.silent).not.toHaveBeenCalled();
    clock.pass(501);
    expect(owner.silent).toHaveBeenCalledOnce();
  });

  it("gives a host one period more when it did not run itself, as what was said may wait to be read", () => {
    const [clock, , owner] = start();
    clock.freeze(10_000);
    clock.pass(0);
    expect(owner.ping).toHaveBeenCalledOnce();
    expect(owner.silent).not.toHaveBeenCalled();
    clock.pass(500);
    expect(owner.silent).toHaveBeenCalledOnce();
  });

  it("ends", () => {
    const [clock, , owner, end] = start();
    end();
    clock.pass(10_000);
    expect(owner.ping).not.toHaveBeenCalled();
  });
});
