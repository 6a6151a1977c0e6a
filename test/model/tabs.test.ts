import { describe, expect, it } from "vitest";
import { checkTabs, minimiseTabs, randomTabs, runTabs, type TabFault } from "./tabs.js";

const PROGRAMS = 120;
const PART = 20;
const SABOTAGED = 40;

describe("Tabs that share a connection", () => {
  it.each(Array.from({ length: PROGRAMS / PART }, (_, i) => 1 + i * PART))(
    `keep every promise in ${PART} programs from seed %i (SHR-21)`,
    async (first) => {
      expect(await checkTabs(first, PART)).toBeUndefined();
    },
  );

  it("run in the same way each time (MDL-4)", async () => {
    expect(await checkTabs(1, SABOTAGED, "keeps duplicates")).toEqual(
      await checkTabs(1, SABOTAGED, "keeps duplicates"),
    );
  });
});

describe("The model of tabs", () => {
  it.each<[TabFault, RegExp]>([
    ["gives a lock to two", /\d hosts for|connections for/],
    ["loses messages", /one is missing|were handled|not once, or not in order/],
    ["swaps messages", /has heard|not once, or not in order|were handled/],
    ["doubles messages", /has heard \d+ after|not once, or not in order/],
    ["keeps duplicates", /not once, or not in order/],
    ["forgets to free locks", /locks are held in the end/],
    ["hides what waits", /bytes wait in the line/],
  ])("finds a browser or a server that %s", async (fault, claim) => {
    const found: string[] = [];
    for (let seed = 1; seed <= SABOTAGED && !claim.test(found.join("\n")); seed++)
      found.push(...(await runTabs(randomTabs(seed), fault)));
    expect(found.join("\n")).toMatch(claim);
  });

  it("makes a program that fails small", async () => {
    const failure = await checkTabs(1, SABOTAGED, "forgets to free locks");
    const { steps } = await minimiseTabs(failure?.seed as number, "forgets to free locks");
    expect(steps.length).toBeLessThanOrEqual(3);
  });
});
