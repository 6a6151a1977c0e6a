/**
 * What a recording costs while events come in, and while they are emitted: a client with `record()` beside one without, in turns, in
 * one run.
 *
 *   node scripts/build.mjs && node test/bench/recorder.mjs
 *
 * Fails when receiving costs more than 3 % over the client that is not recorded (median over the rounds of the ratio).
 */
import { io } from "tautline";
import { record } from "tautline/recorder";
import { alternate } from "./lib/alternate.mjs";
import { connectFake } from "./lib/connect.mjs";
import { quantile } from "./lib/stats.mjs";
import { emitting, receiving } from "./lib/subject.mjs";

const LIMIT = 1.03;
const OPTIONS = { rounds: 21 };
const FRAMES = [`42["move",{"id":7,"x":10.5,"y":-3,"name":"ada"}]`];

const bare = await connectFake({ name: "bare", io });
const recorded = await connectFake({ name: "recorded", io });
record(recorded.client);

const sides = Object.entries({ bare, recorded });
const arrived = { bare: 0, recorded: 0 };
for (const [name, { client }] of sides) client.on("move", () => arrived[name]++);

const ratio = {
  receive: await compare(([name, { ws }]) => receiving(name, ws, FRAMES, () => arrived[name])),
  emit: await compare(([name, { ws, client }]) =>
    emitting(name, ws, () => client.emit("move", { id: 7, x: 10.5, y: -3, name: "ada" })),
  ),
};

async function compare(subject) {
  const results = await alternate(sides.map(subject), OPTIONS);
  const [one, other] = [results.bare, results.recorded].map((list) => quantile(list, 0.5));
  const ratios = results.recorded.map((ns, round) => ns / results.bare[round]);
  const median = quantile(ratios, 0.5);
  console.log(
    `bare ${one.toFixed(0)} ns, recorded ${other.toFixed(0)} ns, ratio ${median.toFixed(3)}`,
  );
  return median;
}

if (ratio.receive > LIMIT) {
  console.error(`A recording costs more than ${LIMIT} on receive.`);
  process.exitCode = 1;
}
process.exit();
