import { describe, expect, it } from "vitest";
import { BASE_SEED, check, explain, kindOf } from "./check.js";
import { found } from "./found.js";
import { run } from "./run.js";
import type { Fault } from "./sabotage.js";

const PROGRAMS = 3000;
const PART = 250;
/** Programs among which there is one that meets a fault. */
const SABOTAGED = 400;

const parts = Array.from({ length: PROGRAMS / PART }, (_, i) => BASE_SEED + i * PART);

describe("Delivery over a network that fails", () => {
  it.each(parts)(`keeps every promise in ${PART} programs from seed %i (MDL-1)`, async (first) => {
    const [failure] = await check(first, PART);
    if (failure) expect.fail(await explain(failure));
  });
});

describe("What was found once", () => {
  it.each(found)("stays fixed: %s (MDL-2)", async (_what, program) => {
    expect(await run(program)).toEqual([]);
  });
});

describe("The model checker", () => {
  it.each<[Fault, RegExp]>([
    ["keeps duplicates", /^\d+ was handled 2 times/],
    ["loses frames", /was lost, and nobody was told/],
    ["loses frames", /was lost, and nothing was wrong/],
    ["loses frames", /the flush at \S+ resolved without/],
    ["swaps frames", /was handled after \d+/],
    ["swaps frames", /was heard after \d+/],
    ["swaps frames", /the server closed the connection: unreadable/],
    ["crosses answers", /was answered with \d+/],
    ["babbles", /a frame of the server was not understood/],
    ["talks to nobody", /the server closed the connection: invalid state/],
    ["waits for ever", /a promise at \w+ was never settled/],
    ["waits for nothing", /a promise of 1 was pending at \d+, when nothing could come/],
    ["insists", /cost \d+ connections/],
    ["blames", /was too large, and was not/],
    ["is late", /and its ack settled after/],
    ["is late", /settled \S+ ms too late/],
    ["stays away", /is not connected, although the network is well/],
    ["stumbles", /"transport close", and nothing was wrong/],
    ["goes astray", /avoidable requests got 400/],
    ["keeps a timer", /timers are left/],
    ["keeps a subscription", /signals of the network are still listened to/],
    ["keeps a listener", /listeners are left on signals/],
    ["hoards", /a closed client holds \d+ things more/],
    ["hoards while open", /a client with nothing to do holds \d+ things more/],
    ["never forgets", /the server remembers/],
    ["overfills", /packets waited, where \d+ may/],
    ["overfills", /events waited to be heard/],
    ["lets errors out", /disconnect\(\) threw/],
  ])("finds one that %s: %s (MDL-3)", async (fault, claim) => {
    const failure = await firstFailure(fault, claim);
    expect(failure?.broken.join("\n")).toMatch(new RegExp(claim, "mu"));
  });

  it("makes a program that fails small, and tells how to run it again (MDL-5)", async () => {
    const failure = await firstFailure("loses frames", /was lost, and nobody/);
    const text = await explain(failure!, "loses frames", kindOf("1 was lost, and nobody was told"));
    expect(text).toContain("check:model -- --program");
    expect(text).toContain("was lost, and nobody was told");
  });

  it("runs a program in the same way each time (MDL-4)", async () => {
    const [once] = await check(1, SABOTAGED, 1, "loses frames");
    const [again] = await check(once?.seed ?? 0, 1, 1, "loses frames");
    expect(again).toEqual(once);
  });
});

async function firstFailure(fault: Fault, claim: RegExp) {
  for (let seed = 1; seed <= SABOTAGED; seed++) {
    const [failure] = await check(seed, 1, 1, fault);
    if (failure?.broken.some((one) => claim.test(one))) return failure;
  }
  return undefined;
}
