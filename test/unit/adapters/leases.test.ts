import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { leaseOf } from "../../../src/adapters/leases.js";

let count = 0;

/** A lease of a key that no other test has, and what happens to it. */
function lease(key = `key ${++count}`) {
  const log: string[] = [];
  const make = () => ({
    begin: () => void log.push("begin"),
    end: () => void log.push("end"),
  });
  return { key, log, lease: leaseOf(key, make), again: () => leaseOf(key, make) };
}

describe("A lease", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("begins with its first user, and ends a second after its last (REA-5)", () => {
    const { log, lease: one } = lease();
    expect([log, one.isIdle()]).toEqual([[], true]);
    const leave = one.retain();
    const leaveToo = one.retain();
    leave();
    vi.advanceTimersByTime(5000);
    expect([log, one.isIdle()]).toEqual([["begin"], false]);
    leaveToo();
    vi.advanceTimersByTime(999);
    expect([log, one.isIdle()]).toEqual([["begin"], false]);
    vi.advanceTimersByTime(1);
    expect([log, one.isIdle(), vi.getTimerCount()]).toEqual([["begin", "end"], true, 0]);
  });

  it("goes on for who comes while it lingers (REA-6)", () => {
    const { log, lease: one } = lease();
    for (let n = 0; n < 50; n++) {
      const leave = one.retain(100);
      leave();
      vi.advanceTimersByTime(99);
    }
    // it begins again what has not ended: that is for what is leased to know
    expect(new Set(log)).toEqual(new Set(["begin"]));
    vi.advanceTimersByTime(1);
    expect(log.at(-1)).toBe("end");
  });

  it("counts each leaving once", () => {
    const { log, lease: one } = lease();
    const leave = one.retain(0);
    const stay = one.retain(0);
    leave();
    leave();
    vi.runAllTimers();
    expect(log).toEqual(["begin"]);
    stay();
    vi.runAllTimers();
    expect(log).toEqual(["begin", "end"]);
  });

  it("is the same for the same key, also after it has ended", () => {
    const { lease: one, again } = lease();
    one.retain(0)();
    vi.runAllTimers();
    expect(again()).toBe(one);
  });

  it("is forgotten when a hundred others were made, unless it is used", () => {
    const idle = lease();
    const used = lease();
    const lingering = lease();
    const leave = used.lease.retain();
    lingering.lease.retain(10)();
    for (let n = 0; n < 200; n++) lease();
    expect(used.again()).toBe(used.lease);
    expect(lingering.again()).toBe(lingering.lease);
    expect(idle.again()).not.toBe(idle.lease);
    leave();
    vi.runAllTimers();
  });

  it("is found again once it is used, though it was forgotten", () => {
    const early = lease();
    for (let n = 0; n < 200; n++) lease();
    const leave = early.lease.retain(0);
    expect(early.again()).toBe(early.lease);
    leave();
    vi.runAllTimers();
  });
});
