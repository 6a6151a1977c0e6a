import { describe, expect, it } from "vitest";
import { BASE_SEED, check, explain } from "./check.js";
import { found } from "./found.js";
import { run, type Sabotage } from "./run.js";

const PROGRAMS = 2000;
const PART = 250;

const parts = Array.from({ length: PROGRAMS / PART }, (_, i) => BASE_SEED + i * PART);

describe("Delivery over a network that fails", () => {
  it.each(parts)(`keeps every promise in ${PART} programs from seed %i`, async (first) => {
    const [failure] = await check(first, PART);
    if (failure) expect.fail(await explain(failure));
  });
});

describe("What was found once", () => {
  it.each(found)("stays fixed: %s", async (_what, program) => {
    expect(await run(program)).toEqual([]);
  });
});

describe("The model checker", () => {
  it.each<[string, Sabotage, RegExp]>([
    ["handles packets twice", { keepsDuplicates: true }, /was handled 2 times/],
    ["loses frames", { losesFrames: true }, /was lost, and nobody was told/],
  ])("finds a server or network that %s", async (_what, sabotage, claim) => {
    const [failure] = await check(1, 500, 1, sabotage);
    expect(failure?.broken.join("\n")).toMatch(claim);
    if (failure) expect(await explain(failure, sabotage)).toContain("check:model -- --program");
  });

  it("runs a program in the same way each time", async () => {
    const sabotage = { losesFrames: true };
    const [once] = await check(1, 500, 1, sabotage);
    const [again] = await check(once?.seed ?? 0, 1, 1, sabotage);
    expect(again).toEqual(once);
  });
});
