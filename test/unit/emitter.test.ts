import { Manager as Reference } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Emitter } from "../../src/emitter.js";

interface Events {
  news(text: string): void;
  other(): void;
}

class Source extends Emitter<Events> {
  changes = 0;
  say(text: string): void {
    this.announce("news", text);
  }
  raise(...args: unknown[]): void {
    this.dispatch(args);
  }
  protected override listenersChanged(): void {
    this.changes = (this.changes ?? 0) + 1;
  }
}

const reported = vi.fn();
beforeEach(() => vi.stubGlobal("reportError", reported));
afterEach(() => {
  vi.unstubAllGlobals();
  reported.mockReset();
});

describe("Emitter", () => {
  it.each([undefined, null, 5, "f", {}, Symbol("f")])(
    "refuses the listener %s (HEA-5)",
    (listener) => {
      const source = new Source();
      for (const add of ["on", "once", "addEventListener", "addListener"] as const)
        expect(() => source[add]("news", listener as never)).toThrow(
          expect.objectContaining({ code: "invalid-option" }),
        );
      expect(source.hasListeners("news")).toBe(false);
    },
  );

  it("calls the listeners of an event in their order, with itself as this", () => {
    const source = new Source();
    const heard: unknown[] = [];
    source.on("news", function (this: unknown, text) {
      heard.push([1, text, this === source]);
    });
    source.on("news", function (this: unknown, text) {
      heard.push([2, text, this === source]);
    });
    source.say("hello");
    expect(heard).toEqual([
      [1, "hello", true],
      [2, "hello", true],
    ]);
  });

  it("passes any number of arguments to one listener and to several", () => {
    const source = new Source();
    const heard: unknown[][] = [];
    source.on("news", (...args: unknown[]) => heard.push(args));
    source.raise("news", 1, 2, 3, 4, 5, 6, 7);
    source.on("news", () => {});
    source.raise("news", 1, 2, 3, 4, 5, 6, 7);
    expect(heard).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      [1, 2, 3, 4, 5, 6, 7],
    ]);
  });

  it("chains", () => {
    const source = new Source();
    const listener = () => {};
    expect(source.on("news", listener).once("other", listener).off("news", listener)).toBe(source);
  });

  describe("once", () => {
    it("calls a listener one time (HEA-6)", () => {
      const source = new Source();
      const listener = vi.fn();
      source.once("news", listener);
      source.say("a");
      source.say("b");
      expect(listener.mock.calls).toEqual([["a"]]);
    });

    it("calls it one time also when it raises the event again", () => {
      const source = new Source();
      let calls = 0;
      source.once("news", () => {
        calls++;
        source.say("again");
      });
      source.say("first");
      expect(calls).toBe(1);
    });

    it("can be taken back by the listener", () => {
      const source = new Source();
      const listener = vi.fn();
      source.once("news", listener).off("news", listener);
      source.say("a");
      expect(listener).not.toHaveBeenCalled();
    });

    it("shows the listener as it was handed in (HEA-7)", () => {
      const source = new Source();
      const listener = () => {};
      expect(source.once("news", listener).listeners("news")).toEqual([listener]);
    });
  });

  describe("off", () => {
    const setUp = () => {
      const source = new Source();
      const heard: string[] = [];
      const one = () => void heard.push("one");
      const two = () => void heard.push("two");
      source.on("news", one).on("news", two).on("other", one);
      return { source, heard, one, two };
    };

    it("removes one listener of an event", () => {
      const { source, heard, one } = setUp();
      source.off("news", one).off("news", one);
      source.say("x");
      expect(heard).toEqual(["two"]);
    });

    it("removes one registration of several, the first, as the reference's emitter does (HEA-9)", () => {
      const heard: string[] = [];
      const [one, two] = [() => void heard.push("one"), () => void heard.push("two")];
      const source = new Source().on("news", one).on("news", two).on("news", one);
      const reference = new Reference("http://a.test", { autoConnect: false });
      reference.on("ping", one).on("ping", two).on("ping", one);
      source.off("news", one).say("x");
      expect(heard.splice(0)).toEqual(["two", "one"]);
      reference.off("ping", one);
      for (const listener of reference.listeners("ping")) listener();
      expect(heard.splice(0)).toEqual(["two", "one"]);
      source.off("news", one).off("news", one).say("x");
      expect(heard).toEqual(["two"]);
    });

    it("takes a listener for once for one registration among others", () => {
      const source = new Source();
      const listener = vi.fn();
      source.once("news", listener).on("news", listener).once("news", listener);
      source.off("news", listener).say("a");
      expect(listener).toHaveBeenCalledTimes(2);
      source.say("b");
      expect(listener).toHaveBeenCalledTimes(3);
    });

    it("leaves the others alone when the event has no name", () => {
      const source = new Emitter<Record<string, () => void>>();
      source.on("", () => {}).on("other", () => {});
      source.off("");
      expect([source.hasListeners(""), source.hasListeners("other")]).toEqual([false, true]);
    });

    it("removes all listeners of an event", () => {
      const { source } = setUp();
      source.off("news");
      expect([source.hasListeners("news"), source.hasListeners("other")]).toEqual([false, true]);
    });

    it("removes all listeners", () => {
      const { source } = setUp();
      source.off();
      expect([source.hasListeners("news"), source.hasListeners("other")]).toEqual([false, false]);
    });

    it.each(["off", "removeListener", "removeAllListeners", "removeEventListener"] as const)(
      "is %s as well, with 0, 1 and 2 arguments (HEA-8)",
      (name) => {
        const { source, one, two } = setUp();
        source[name]("news", one);
        expect(source.listeners("news")).toEqual([two]);
        source[name]("news");
        expect(source.listeners("news")).toEqual([]);
        source[name]();
        expect(source.listeners("other")).toEqual([]);
      },
    );
  });

  it.each(["on", "addListener", "addEventListener"] as const)("is listened to by %s", (name) => {
    const source = new Source();
    const listener = vi.fn();
    source[name]("news", listener);
    source.say("x");
    expect(listener).toHaveBeenCalledOnce();
  });

  it("tells subclasses when listeners came or went", () => {
    const source = new Source();
    const listener = () => {};
    const before = source.changes;
    source.on("news", listener).off("news", listener).once("news", listener).off();
    expect(source.changes - before).toBe(4);
  });

  describe("while it calls listeners", () => {
    it("calls those that were there at the start (HEA-10)", () => {
      const source = new Source();
      const heard: string[] = [];
      const second = () => void heard.push("second");
      source.on("news", () => {
        heard.push("first");
        source.off("news", second);
        source.on("news", () => void heard.push("late"));
      });
      source.on("news", second);
      source.say("x");
      expect(heard).toEqual(["first", "second"]);
    });

    it("calls those that were there also when the first removes itself, or everybody", () => {
      const source = new Source();
      const heard: string[] = [];
      const first = (): void => {
        heard.push("first");
        source.off("news", first);
        source.off();
      };
      source.on("news", first).on("news", () => void heard.push("second"));
      source.say("x");
      source.say("y");
      expect(heard).toEqual(["first", "second"]);
    });

    it("goes on when one throws, and reports what it threw (HEA-3)", () => {
      const source = new Source();
      const heard: string[] = [];
      const error = new Error("of the first");
      source.on("news", () => {
        throw error;
      });
      source.on("news", () => void heard.push("second"));
      expect(() => source.say("x")).not.toThrow();
      expect(heard).toEqual(["second"]);
      expect(reported.mock.calls).toEqual([[error]]);
    });

    it("reports what an only listener throws", () => {
      const source = new Source();
      const error = new Error("of the only one");
      source.on("news", () => {
        throw error;
      });
      expect(() => source.say("x")).not.toThrow();
      expect(reported.mock.calls).toEqual([[error]]);
    });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "has no listeners of %s unless somebody listens",
    (name) => {
      const source = new Emitter<Record<string, () => void>>();
      const { raise } = Source.prototype;
      expect(source.hasListeners(name)).toBe(false);
      expect(source.listeners(name)).toEqual([]);
      expect(() => raise.call(source as never, name, 1)).not.toThrow();
      const listener = vi.fn();
      source.on(name, listener);
      raise.call(source as never, name, 1);
      expect(listener.mock.calls).toEqual([[1]]);
      source.off(name);
      expect(source.hasListeners(name)).toBe(false);
    },
  );
});
