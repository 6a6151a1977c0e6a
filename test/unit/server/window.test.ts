import { describe, expect, it } from "vitest";
import { Window } from "../../../src/server/window.js";
import { seeded } from "../../../src/test-kit/seeded.js";

const claim = (numbers: number[], window = new Window()): boolean[] =>
  numbers.map((number) => window.claim(number));

describe("Window", () => {
  it("takes each number once, in any order (DED-2)", () => {
    expect(claim([1, 2, 2, 1, 9, 5, 5, 3, 4, 9, 8, 10])).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
      false,
      true,
      true,
      false,
      true,
      true,
    ]);
  });

  it("takes numbers below the first that it sees, and the largest there is", () => {
    const window = new Window();
    expect(claim([500, 1, 499, 500, Number.MAX_SAFE_INTEGER, 501], window)).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
    ]);
    expect(claim([Number.MAX_SAFE_INTEGER, 501], window)).toEqual([false, false]);
  });

  it.each([1, 2, 3, 4, 5])("agrees with a set that forgets nothing (seed %i)", (seed) => {
    const random = seeded(seed);
    const window = new Window();
    const claimed = new Set<number>();
    for (let step = 0; step < 20_000; step++) {
      // within 256 gaps of the highest, as packets that overtook each other are
      const number = Math.max(1, Math.floor(step / 2 - random() * 400));
      expect(window.claim(number)).toBe(!claimed.has(number));
      claimed.add(number);
    }
  });

  it("keeps 256 gaps apart, and counts what is below them as received (DED-13)", () => {
    const window = new Window();
    for (let number = 2; number <= 2 * 257; number += 2) window.claim(number);
    expect(claim([1, 3, 513], window)).toEqual([false, true, true]);
  });

  it("stays small whatever comes", () => {
    const random = seeded(7);
    const window = new Window();
    for (let step = 0; step < 100_000; step++)
      window.claim(1 + Math.floor(random() * Number.MAX_SAFE_INTEGER));
    expect(JSON.stringify(window).length).toBeLessThan(2 * 257 * 20);
  });
});
