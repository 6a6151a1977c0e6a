import { describe, expect, it } from "vitest";
import { Fifo } from "../../../src/server/fifo.js";
import { seeded } from "../../../src/test-kit/seeded.js";

describe("Fifo", () => {
  it.each([1, 2, 3])("knows the oldest, whatever is added and deleted (seed %i)", (seed) => {
    const random = seeded(seed);
    const fifo = new Fifo<number, string>();
    let oldest: string | undefined;
    for (let step = 0; step < 5000; step++) {
      if (random() < 0.5) fifo.set(step, `value ${step}`);
      else fifo.delete(Math.floor(random() * step));
      if (random() < 0.3) fifo.delete([...fifo.keys()][0] as number);
      [oldest] = fifo.values();
      if (random() < 0.8) expect(fifo.oldest).toBe(oldest);
    }
  });

  it("keeps its order when many come and go", () => {
    const fifo = new Fifo<number, number>();
    const count = 100_000;
    let right = 0;
    for (let n = 0; n < count; n++) fifo.set(n, n);
    for (let n = 0; n < count; n++) {
      fifo.set(n + count, n + count);
      if (fifo.oldest === n) right++;
      fifo.delete(n);
    }
    expect(right).toBe(count);
  });
});
