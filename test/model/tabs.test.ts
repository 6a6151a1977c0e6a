import { describe, expect, it } from "vitest";
import {
  checkTabs,
  minimiseTabs,
  randomTabs,
  runTabs,
  type TabFault,
  type TabProgram,
} from "./tabs.js";

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

/** Programs that have broken a claim once. */
const found: Record<string, TabProgram> = {
  "a tab is put away while its policy asks, and has not got what came with the session": {
    seed: 400208,
    config: { mode: "exactly-once", recovery: true, transport: "websocket", keys: 1, tabs: 4 },
    steps: [
      { at: 0, do: "open" },
      { at: 3, do: "emit", tab: 52, count: 2, ack: true },
      { at: 29, do: "crash", tab: 11, ms: 0 },
      { at: 89, do: "say", count: 3 },
      { at: 132, do: "say", count: 3 },
      { at: 166, do: "say", count: 3 },
      { at: 166, do: "say", count: 3 },
      { at: 350, do: "close", tab: 3 },
      { at: 351, do: "open" },
      { at: 360, do: "show", tab: 85 },
      { at: 360, do: "emit", tab: 52, count: 3, ack: false },
      { at: 360, do: "crash", tab: 86, ms: 0 },
      { at: 500, do: "show", tab: 31 },
      { at: 509, do: "close", tab: 90 },
      { at: 529, do: "say", count: 3 },
      { at: 529, do: "cut", ms: 51 },
      { at: 569, do: "cache", tab: 68, ms: 2941 },
      { at: 914, do: "say", count: 1 },
    ],
  },
};

describe("Tabs of a program that was found", () => {
  it.each(Object.entries(found))("keep every promise: %s", async (_, program) => {
    expect(await runTabs(program)).toEqual([]);
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
