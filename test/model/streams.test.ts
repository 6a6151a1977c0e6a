import { describe, expect, it } from "vitest";
import { checkStreams, runStreams, type StreamFault } from "./streams.js";

const PROGRAMS = 600;
const PART = 100;
const SABOTAGED = 60;

describe("Streams over a line that fails", () => {
  it.each(Array.from({ length: PROGRAMS / PART }, (_, i) => 1 + i * PART))(
    `keep every promise in ${PART} programs from seed %i (MDL-6)`,
    async (first) => {
      expect(await checkStreams(first, PART)).toBeUndefined();
    },
  );

  it("run in the same way each time (MDL-4)", async () => {
    expect(await checkStreams(1, SABOTAGED, "loses data")).toEqual(
      await checkStreams(1, SABOTAGED, "loses data"),
    );
  });
});

describe("The model of streams", () => {
  it.each<[StreamFault, RegExp]>([
    ["loses data", /it ended with \S+ and invalid-frame/],
    ["swaps data", /it ended with \S+ and invalid-frame/],
    ["forges data", /what was read is not what was written/],
    ["forgets the end", /it did not end/],
    ["hoards", /were written before they were read/],
  ])("finds a line that %s", async (fault, claim) => {
    const seeds = Array.from({ length: SABOTAGED }, (_, seed) => seed);
    const found: string[] = [];
    for (const seed of seeds) found.push(...(await runStreams(seed, fault)));
    expect(found.join("\n")).toMatch(claim);
  });
});
