import { describe, expect, it } from "vitest";
import {
  checkStores,
  minimiseStores,
  randomProgram,
  runStores,
  type StoreFault,
} from "./stores.js";

const PROGRAMS = 1500;
const PART = 250;
const SABOTAGED = 60;

describe("Outboxes on disks that fail, in tabs that die", () => {
  it.each(Array.from({ length: PROGRAMS / PART }, (_, i) => 1 + i * PART))(
    `keep every promise in ${PART} programs from seed %i`,
    async (first) => {
      expect(await checkStores(first, PART)).toBeUndefined();
    },
  );

  it("run in the same way each time", async () => {
    expect(await checkStores(1, SABOTAGED, "reads backwards")).toEqual(
      await checkStores(1, SABOTAGED, "reads backwards"),
    );
  });
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
    ["forgets its streams", /\d+ is of no known stream/],
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
