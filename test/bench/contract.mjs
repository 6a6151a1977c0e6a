/**
 * What a contract costs over its validator alone: an event comes in, and reaches a listener that knows it to be valid. "bare"
 * asks the schema in the listener; "contract" has `contract()` ask it. In turns, in one run.
 *
 *   node scripts/build.mjs && node test/bench/contract.mjs
 *
 * Fails when a contract costs more than 8 % over the bare validator (median over the rounds of the ratio).
 */
import { type } from "arktype";
import { io } from "tautline";
import { contract, defineEvents } from "tautline/contract";
import * as v from "valibot";
import { z } from "zod";
import { alternate } from "./lib/alternate.mjs";
import { connectFake } from "./lib/connect.mjs";
import { quantile } from "./lib/stats.mjs";
import { receiving } from "./lib/subject.mjs";

const LIMIT = 1.08;
const schemas = {
  zod: z.object({
    id: z.number(),
    text: z.string(),
    tags: z.array(z.string()),
    at: z.iso.datetime(),
  }),
  valibot: v.object({
    id: v.number(),
    text: v.string(),
    tags: v.array(v.string()),
    at: v.pipe(v.string(), v.isoTimestamp()),
  }),
  arktype: type({ id: "number", text: "string", tags: "string[]", at: "string.date.iso" }),
};
const message = {
  id: 5,
  text: "hello there",
  tags: ["a", "b", "c"],
  at: "2026-01-02T03:04:05.000Z",
};
const frames = [`42${JSON.stringify(["chat", message])}`];

let isOver = false;
for (const [library, schema] of Object.entries(schemas)) {
  let arrived = 0;
  const bare = await connectFake({ name: "bare", io });
  bare.client.on("chat", (value) => {
    const { issues } = schema["~standard"].validate(value);
    if (!issues) arrived++;
  });
  const guarded = await connectFake({ name: "contract", io });
  contract(guarded.client, defineEvents({ serverToClient: { chat: schema } })).on("chat", () => {
    arrived++;
  });
  const results = await alternate(
    [
      receiving("bare", bare.ws, frames, () => arrived),
      receiving("contract", guarded.ws, frames, () => arrived),
    ],
    { rounds: 15 },
  );
  const ratios = results.contract.map((ns, round) => ns / results.bare[round]);
  const ratio = quantile(ratios, 0.5);
  const [one, other] = [results.bare, results.contract].map((list) =>
    Math.round(quantile(list, 0.5)),
  );
  console.log(
    `${library.padEnd(8)} bare ${one} ns, contract ${other} ns, ratio ${ratio.toFixed(3)}`,
  );
  isOver ||= ratio > LIMIT;
}
if (isOver) {
  console.error(`A contract costs more than ${LIMIT} of its validator.`);
  process.exitCode = 1;
}
process.exit();
