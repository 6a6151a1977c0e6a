import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { bundlerNames } from "../../scripts/bundlers.mjs";
import {
  appSize,
  complaints,
  figuresIn,
  measureSizes,
  readBudgets,
  readmeBlock,
  readmeFigures,
} from "../../scripts/size.mjs";

const README = new URL("../../README.md", import.meta.url);
/** What another version of zlib may make of the same bytes, in kB, and the rounding of the figure. */
const TOLERANCE = 0.1;

let results: Awaited<ReturnType<typeof measureSizes>>;

beforeAll(async () => {
  results = await measureSizes(await readBudgets());
});

describe("the size of the package", () => {
  it("stays within its budget, and each entry has one (PKG-19)", () => {
    expect(complaints(results)).toEqual([]);
  });

  it("is what the README says (PKG-19)", async () => {
    const figures = figuresIn(await readFile(README, "utf8"));

    expect([...figures.keys()]).toEqual([...readmeFigures(results).keys()]);
    for (const [name, measured] of readmeFigures(results)) {
      const distances = figures
        .get(name)
        ?.map((figure, at) => Math.abs(Number(figure) - Number(measured[at])));
      expect(Math.max(...(distances ?? [Infinity])), name).toBeLessThan(TOLERANCE);
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
    expect(figuresIn(readmeBlock(results))).toEqual(readmeFigures(results));
  });
});

describe("what an app ships", () => {
  // esbuild keeps each class with a static field.
  const bundlers = bundlerNames.filter((name) => name !== "esbuild");

  it.each(bundlers)("leaves out what is not imported (%s) (PKG-20)", async (bundler) => {
    const [part, all] = await Promise.all(
      ["{ protocol }", "{ io }"].map((names) => appSize(names, "tautline", bundler)),
    );

    expect(part?.minified).toBeLessThan((all?.minified ?? 0) / 4);
  });
});
