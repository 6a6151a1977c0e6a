import { afterEach, describe, expect, it, vi } from "vitest";
import { quote, reportError, TautlineError } from "../../src/errors.js";

afterEach(() => vi.unstubAllGlobals());

describe("TautlineError", () => {
  it("is an Error with a name, a code and a message (ERR-1)", () => {
    const error = new TautlineError("timeout", "too late");
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message]).toEqual([
      "TautlineError",
      "timeout",
      "too late",
    ]);
    expect(error.stack).toContain("too late");
  });

  it("carries the details that it was given, and has no others", () => {
    const cause = new Error("inner");
    const error = new TautlineError("refused", "no", { cause, data: { why: 1 } });
    expect(error.cause).toBe(cause);
    expect(error.data).toEqual({ why: 1 });
    expect(Object.keys(error).sort()).toEqual(["cause", "code", "data", "name"]);
    expect("attempts" in error).toBe(false);
  });
});

describe("quote", () => {
  it("escapes control characters", () => {
    expect(quote('a"b\n\u0000')).toBe('"a\\"b\\n\\u0000"');
  });

  it("cuts after 80 characters (ERR-4)", () => {
    expect(quote("x".repeat(80))).toBe(`"${"x".repeat(80)}"`);
    expect(quote("x".repeat(10_000))).toBe(`"${"x".repeat(80)}\u2026"`);
  });

  it("takes objects that can't be made a text", () => {
    expect(quote({ toString: 1 })).toBe('"[object Object]"');
    expect(quote(Object.create(null))).toBe('"[object Object]"');
  });

  it("takes anything", () => {
    expect([quote(undefined), quote(5), quote(null)]).toEqual(['"undefined"', '"5"', '"null"']);
  });
});

describe("reportError", () => {
  it("hands the error to the host's reportError (ERR-26)", () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    const error = new Error("of a listener");
    reportError(error);
    expect(report.mock.calls).toEqual([[error]]);
  });

  it("throws it outside of every handler where the host has none", () => {
    const queued: (() => void)[] = [];
    vi.stubGlobal("reportError", undefined);
    vi.stubGlobal("queueMicrotask", (task: () => void) => queued.push(task));
    const error = new Error("of a listener");
    reportError(error);
    expect(queued).toHaveLength(1);
    expect(queued[0]).toThrow(error);
  });
});
