import { describe, expect, it } from "vitest";
import { Fifo } from "../../../src/server/fifo.js";
import { seeded } from "../../support/seeded.js";

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

  it("takes as long for many as for few", () => {
    const fifo = new Fifo<number, number>();
    for (let n = 0; n < 300_000; n++) fifo.set(n, n);
    for (let n = 0; n < 300_000; n++) {
      fifo.set(n + 300_000, n + 300_000);
      expect(fifo.oldest === n || fifo.oldest).toBe(true);
      fifo.delete(n);
    }
  });
});
