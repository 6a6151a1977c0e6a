import { describe, expect, it, vi } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import { numberOf, optionKey } from "../../../src/adapters/option-key.js";

describe("optionKey", () => {
  it("is the same for options that say the same (REA-2)", () => {
    const same: [unknown, unknown][] = [
      [
        { a: 1, b: { c: "d", e: [1, "2"] } },
        { b: { e: [1, "2"], c: "d" }, a: 1 },
      ],
      [{ a: undefined }, {}],
      [{ retry: () => true }, { retry: () => false }],
      [{ delivery: atLeastOnce() }, { delivery: atLeastOnce() }],
      [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ];
    for (const [one, other] of same) expect(optionKey(one)).toBe(optionKey(other));
  });

  it("is another for options that say something else (REA-3)", () => {
    class One {}
    class Two {}
    const all = [
      {},
      { a: 1 },
      { a: "1" },
      { a: [1] },
      { a: { 0: 1 } },
      { a: null },
      { a: Infinity, b: 1 },
      { a: One },
      { a: Two },
      { a: new One() },
      { a: new One() },
      { a: "One" },
      ["a,b"],
      ["a", "b"],
      [["a"], "b"],
      undefined,
    ];
    expect(new Set(all.map(optionKey)).size).toBe(all.length);
  });

  it("takes objects without a prototype, as modules are", () => {
    const bare = () => Object.assign(Object.create(null) as object, { a: 1 });
    expect(optionKey({ parser: bare(), path: "/" })).toBe(optionKey({ path: "/", parser: bare() }));
  });

  it("looks into no object of a class, which may lead back to itself (REA-4)", () => {
    class Agent {
      self = this;
    }
    const agent = new Agent();
    expect(optionKey({ agent })).toBe(optionKey({ agent }));
    expect(optionKey({ agent })).not.toBe(optionKey({ agent: new Agent() }));
    expect(numberOf(agent)).toBe(numberOf(agent));
  });

  it("numbers objects once for the page: a module that is evaluated again gives no number twice", async () => {
    const [one, two] = [{}, {}];
    const number = numberOf(one);
    vi.resetModules();
    const again = await import("../../../src/adapters/option-key.js");
    expect(again.numberOf(two)).not.toBe(number);
    expect(again.numberOf(one)).toBe(number);
  });
});
