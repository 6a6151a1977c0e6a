import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { type AckCallback, Acks } from "../../../src/pipeline/acks.js";
import { elapse } from "../../support/clock.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

const error = new TautlineError("ack-timeout", "operation has timed out");

function setUp() {
  const log: string[] = [];
  const acks: Acks = new Acks(hostTimers(), (id) => acks.fail(id, error));
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void log.push(`${name}(${args.map((arg) => (arg instanceof Error ? "error" : arg)).join()})`);
  const addPlain = (fn: AckCallback): number => {
    const id = acks.nextId();
    acks.add(id, fn, false, undefined);
    return id;
  };
  const addErrorFirst = (fn: AckCallback, timeout: number | undefined): number => {
    const id = acks.nextId();
    acks.add(id, fn, true, timeout);
    return id;
  };
  return { acks, log, note, addPlain, addErrorFirst };
}

describe("Acks", () => {
  it("gives ids from 0 on, and never one twice", () => {
    const { acks, note, addPlain } = setUp();
    const ids = [0, 1, 2].map(() => {
      const id = addPlain(note("a"));
      acks.answer(id, []);
      return id;
    });
    expect(ids).toEqual([0, 1, 2]);
  });

  it("hands the answer to a plain callback as it is, and to an error-first one after null (ACK-4)", () => {
    const { acks, log, note, addPlain, addErrorFirst } = setUp();
    addPlain(note("plain"));
    addErrorFirst(note("first"), undefined);
    acks.answer(0, [1, 2]);
    acks.answer(1, [1, 2]);
    expect(log).toEqual(["plain(1,2)", "first(,1,2)"]);
  });

  it("answers once (ACK-2)", () => {
    const { acks, log, note, addPlain } = setUp();
    addPlain(note("a"));
    acks.answer(0, []);
    acks.answer(0, []);
    expect(log).toEqual(["a()"]);
  });

  it("ignores answers that nobody waits for (ACK-20)", () => {
    const { acks } = setUp();
    expect(() => {
      acks.answer(99, []);
      acks.answer(-1, []);
      acks.answer(undefined as never, []);
      acks.fail(99, error);
    }).not.toThrow();
  });

  it("forgets a plain callback that gets no answer, without a word (ACK-10)", () => {
    const { acks, log, note, addPlain } = setUp();
    addPlain(note("plain"));
    acks.fail(0, error);
    acks.answer(0, [1]);
    expect(log).toEqual([]);
  });

  it("knows which ones can fail, and hands out copies of their ids", () => {
    const { acks, note, addPlain, addErrorFirst } = setUp();
    addPlain(note("plain"));
    addErrorFirst(note("first"), undefined);
    const ids = acks.ids;
    acks.answer(0, []);
    expect([ids, acks.ids, acks.ids.includes(0), acks.ids.includes(1)]).toEqual([
      [0, 1],
      [1],
      false,
      true,
    ]);
    expect([0, 1, 2].map((id) => acks.canFail(id))).toEqual([false, true, false]);
  });

  it("tells who watches an ack once that it is settled, whatever the outcome", () => {
    const { acks, log, note, addPlain, addErrorFirst } = setUp();
    addPlain(note("plain"));
    addErrorFirst(note("first"), undefined);
    acks.whenSettled(0, () => log.push("settled 0"));
    acks.whenSettled(1, () => log.push("settled 1"));
    acks.whenSettled(7, () => log.push("settled 7"));
    acks.answer(0, [1]);
    acks.fail(1, error);
    acks.fail(1, error);
    expect(log).toEqual(["settled 7", "settled 0", "plain(1)", "settled 1", "first(error)"]);
  });

  it("lets a callback throw without harm to the others (ACK-22)", () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    onTestFinished(() => void vi.unstubAllGlobals());
    const { log, note, addErrorFirst } = setUp();
    addErrorFirst(() => {
      throw new Error("of the app");
    }, 10);
    addErrorFirst(note("second"), 10);
    vi.advanceTimersByTime(10);
    expect(log).toEqual(["second(error)"]);
    expect(reported).toHaveBeenCalledOnce();
  });

  describe("with deadlines", () => {
    it("needs one timer for 10,000 of them (ACK-17)", () => {
      const { note, addErrorFirst } = setUp();
      for (let i = 0; i < 10_000; i++) addErrorFirst(note("a"), 1000);
      expect(vi.getTimerCount()).toBe(1);
      for (let i = 0; i < 100; i++) addErrorFirst(note("a"), 2000 - i);
      expect(vi.getTimerCount()).toBe(1);
    });

    it("lets them pass when they are over, not before, the earliest first (ACK-18)", () => {
      const { log, note, addErrorFirst } = setUp();
      addErrorFirst(note("300"), 300);
      addErrorFirst(note("100"), 100);
      addErrorFirst(note("200"), 200);
      addErrorFirst(note("never"), Infinity);
      const seen: string[][] = [];
      for (const ms of [99, 1, 99, 1, 100, 1e6]) {
        vi.advanceTimersByTime(ms);
        seen.push(log.splice(0));
      }
      expect(seen).toEqual([[], ["100(error)"], [], ["200(error)"], ["300(error)"], []]);
    });

    it("lets those of one timeout pass in the order in which they came", () => {
      const { log, note, addErrorFirst } = setUp();
      for (const name of ["a", "b", "c"]) addErrorFirst(note(name), 50);
      vi.advanceTimersByTime(50);
      expect(log).toEqual(["a(error)", "b(error)", "c(error)"]);
    });

    it("says nothing of those that were answered in time", () => {
      const { acks, log, note, addErrorFirst } = setUp();
      addErrorFirst(note("a"), 50);
      addErrorFirst(note("b"), 50);
      acks.answer(0, [1]);
      vi.advanceTimersByTime(50);
      expect(log).toEqual(["a(,1)", "b(error)"]);
    });

    it("takes new ones while it lets others pass", () => {
      const { log, note, addErrorFirst } = setUp();
      addErrorFirst(() => addErrorFirst(note("second"), 50), 50);
      vi.advanceTimersByTime(99);
      expect(log).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(log).toEqual(["second(error)"]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("pauses when many pass at once and take long, and loses none", () => {
      const { addErrorFirst } = setUp();
      let passed = 0;
      for (let i = 0; i < 100; i++)
        addErrorFirst(() => {
          passed++;
          elapse(5);
        }, 50);
      vi.advanceTimersByTime(50);
      expect(passed).toBeGreaterThan(0);
      expect(passed).toBeLessThan(20);
      expect(vi.getTimerCount()).toBe(1);
      vi.runAllTimers();
      expect(passed).toBe(100);
    });

    it("leaves no timer when nothing waits any more", () => {
      const { acks, note, addErrorFirst } = setUp();
      addErrorFirst(note("a"), 50);
      acks.answer(0, []);
      acks.rest();
      expect(vi.getTimerCount()).toBe(0);
      addErrorFirst(note("b"), 50);
      expect(vi.getTimerCount()).toBe(1);
    });
  });
});
