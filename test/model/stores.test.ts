import { describe, expect, it } from "vitest";
import {
  checkStores,
  minimiseStores,
  randomProgram,
  runStores,
  type Step,
  type StoreFault,
  type StoreProgram,
} from "./stores.js";

const PROGRAMS = 1500;
const PART = 250;
const SABOTAGED = 60;

describe("Outboxes on disks that fail, in tabs that die", () => {
  it.each(Array.from({ length: PROGRAMS / PART }, (_, i) => 1 + i * PART))(
    `keep every promise in ${PART} programs from seed %i (DUR-33)`,
    async (first) => {
      expect(await checkStores(first, PART)).toBeUndefined();
    },
  );

  it("run in the same way each time (MDL-4)", async () => {
    expect(await checkStores(1, SABOTAGED, "reads backwards")).toEqual(
      await checkStores(1, SABOTAGED, "reads backwards"),
    );
  });
});

describe("A session with three packets", () => {
  const begin: Step[] = [
    { do: "open", at: 0 },
    { do: "emit", at: 0 },
    { do: "connect", at: 0 },
    { do: "emit", at: 0 },
    { do: "emit", at: 0 },
  ];
  /** One move of each kind, again and again: until everything is stored, sent, acked and removed. */
  const moves = Array.from({ length: 80 }, (_, i): Step => ({
    do: (["disk", "up", "down", "air"] as const)[i % 4] as "disk",
    at: 0,
  }));
  const config = { locks: true, tabs: 1, identities: 1, calm: true, poison: 0 };

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    "may die at each step (dedupe(): %s; its last write is carried out: %s)",
    async (dedupe, late) => {
      const after: string[] = [];
      for (let step = 0; step < begin.length + moves.length; step++) {
        const steps = [...begin, ...moves].slice(0, step);
        const program: StoreProgram = {
          config: { ...config, dedupe },
          steps: [...steps, { do: "die", at: 0, late }, { do: "wire", at: 0 }],
        };
        after.push(...(await runStores(program)).map((one) => `after ${step} steps: ${one}`));
      }
      expect(after).toEqual([]);
    },
  );
});

describe("The model of stores", () => {
  it.each<[StoreFault, RegExp]>([
    ["loses what it stores", /was stored, and did not arrive/],
    ["reads backwards", /\d+ arrived before \d+/],
    ["lets newer ones pass", /the plain \d+ arrived before/],
    ["removes nothing", /packets are left in the store/],
    ["keeps duplicates", /was handled \d+ times/],
    ["lets every tab send", /was sent while another tab had its turn/],
    ["ignores the turn", /was sent by a tab that did not have its turn/],
    ["mixes identities", /was sent by another identity/],
    ["never acks", /was stored, and not delivered/],
    ["refuses all", /\d+ was refused/],
    ["leaves errors alone", /an error escaped/],
  ])("finds one that %s: %s", async (fault, claim) => {
    for (let seed = 1; seed <= SABOTAGED * 10; seed++)
      if ((await runStores(randomProgram(seed), fault)).some((one) => claim.test(one))) return;
    expect.fail(`nothing was found of ${String(claim)}`);
  });

  it("makes a failing program small", async () => {
    const failure = await checkStores(1, SABOTAGED, "loses what it stores");
    const program = randomProgram(failure?.seed ?? 0);
    const small = await minimiseStores(program, "loses what it stores");
    expect(small.broken.join()).toMatch(/was stored, and did not arrive/);
    expect(small.program.steps.length).toBeLessThan(12);
  });
});
