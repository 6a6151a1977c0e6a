import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import {
  bundleImport,
  complaints,
  compressed,
  figuresIn,
  measureSizes,
  readBudgets,
  readmeBlock,
} from "../../scripts/size.mjs";

const README = new URL("../../README.md", import.meta.url);
/** What another version of zlib may make of the same bytes, in kB, and the rounding of the figure. */
const TOLERANCE = 0.1;

let results: Awaited<ReturnType<typeof measureSizes>>;

beforeAll(async () => {
  results = await measureSizes(await readBudgets());
});

describe("the size of the package", () => {
  it("stays within its budget, and each entry has one", () => {
    expect(complaints(results)).toEqual([]);
  });

  it("is what the README says", async () => {
    const figures = figuresIn(await readFile(README, "utf8"));

    expect([...figures.keys()]).toEqual(results.map(({ budget }) => budget.name));
    for (const { budget, size } of results) {
      const figure = figures.get(budget.name);
      expect(Math.abs((figure?.gzip ?? 0) - size.gzip / 1000), budget.name).toBeLessThan(TOLERANCE);
      expect(Math.abs((figure?.brotli ?? 0) - size.brotli / 1000), budget.name).toBeLessThan(
        TOLERANCE,
      );
    }
  });

  describe("when something is wrong", () => {
    it("names a budget that is passed and an entry without one", () => {
      const passed = results
        .slice(0, 1)
        .map(({ budget, size }) => ({ budget: { ...budget, gzip: 1 }, size }));

      const problems = complaints(passed);

      expect(problems[0]).toContain("its budget is 1.");
      expect(problems).toContain("tautline.min.js has no line in size-budget.json.");
    });
  });
});

describe("the README's block of sizes", () => {
  it("is read back as it was written", () => {
    const figures = figuresIn(readmeBlock(results));

    expect(figures.size).toBe(results.length);
    for (const { budget, size } of results) {
      expect(figures.get(budget.name)?.gzip, budget.name).toBeCloseTo(size.gzip / 1000, 1);
    }
  });
});

describe("what an app ships", () => {
  it("leaves out what is not imported", async () => {
    const index = new URL("../../dist/index.js", import.meta.url).pathname;

    const protocol = compressed(await bundleImport("{ protocol }", index));
    const client = compressed(await bundleImport("{ io }", index));

    expect(protocol.minified).toBeLessThan(client.minified / 4);
  });
});
