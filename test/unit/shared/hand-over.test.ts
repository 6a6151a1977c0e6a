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

  it("is due at once when nothing is under way (SHR-30)", () => {
    const one = new HandOver(clock, owner);
    expect(one.isDue(lines(), false)).toBe(false);
    expect(one.isDue(lines(), true)).toBe(true);
  });

  it("waits for acks for 5 s, from when another tab could take over (SHR-30)", () => {
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

  it("asks the server once the tabs have paused and nothing is due, and lets the lock go if nobody takes it (SHR-31)", () => {
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

  it("waits for tabs and acks for 1 s (SHR-31)", () => {
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
  const start = (isHidden = false) => {
    const clock = new Clock();
    let caughtUp = (): void => {};
    const owner = { work: 0, ping: vi.fn(), silent: vi.fn() };
    const query = () => ({ then: (done: () => void) => void (caughtUp = done) });
    const watch = new Watch(clock, { isHidden, locks: { query } } as never, owner);
    const end = watch.begin();
    return { clock, watch, owner, end, catchUp: () => caughtUp() };
  };

  it("asks every 500 ms, and gives up a host 1.5 s and a little after the first question without an answer (SHR-32)", () => {
    const { clock, watch, owner, catchUp } = start();
    clock.pass(1000);
    expect(owner.ping).toHaveBeenCalledTimes(2);
    watch.heard();
    clock.pass(1900);
    catchUp();
    expect(owner.silent).not.toHaveBeenCalled();
    clock.pass(600);
    catchUp();
    expect(owner.silent).toHaveBeenCalledOnce();
  });

  it("gives it up with the second tick of a hidden page (SHR-32)", () => {
    const { clock, watch, owner, catchUp } = start(true);
    watch.heard();
    clock.freeze(1000);
    clock.pass(0);
    clock.freeze(1000);
    clock.pass(0);
    catchUp();
    expect(owner.silent).toHaveBeenCalledOnce();
  });

  it("waits longer for a host that has much to do for this tab (SHR-33)", () => {
    const { clock, owner, catchUp } = start();
    owner.work = 10_000_000;
    clock.pass(5000);
    catchUp();
    expect(owner.silent).not.toHaveBeenCalled();
    clock.pass(2500);
    catchUp();
    expect(owner.silent).toHaveBeenCalledOnce();
  });

  it("reads first what has come while this tab did not run (SHR-34)", () => {
    const { clock, watch, owner, catchUp } = start();
    clock.freeze(10_000);
    clock.pass(0);
    watch.heard();
    catchUp();
    expect(owner.silent).not.toHaveBeenCalled();
  });

  it("does not count the time in which nothing was asked (SHR-34)", () => {
    const { clock, watch, owner, catchUp } = start();
    watch.heard();
    clock.freeze(10_000);
    clock.pass(0);
    catchUp();
    expect(owner.silent).not.toHaveBeenCalled();
    expect(owner.ping).toHaveBeenCalledOnce();
  });

  it("ends", () => {
    const { clock, owner, end, catchUp } = start();
    clock.pass(1900);
    end();
    catchUp();
    clock.pass(10_000);
    expect(owner.silent).not.toHaveBeenCalled();
  });
});
