/**
 * What a recording costs while events come in, and while they are emitted: a client with `record()` beside one without, in turns, in
 * one run.
 *
 *   node scripts/build.mjs && node test/bench/recorder.mjs
 *
 * A packet costs the same whatever its size: about 30 ns. So the ratio falls with the size of what is parsed. Fails when a message
 * of 1 kB costs more than 3 % over the client that is not recorded (median over the rounds of the ratio).
 */
import { io } from "tautline";
import { record } from "tautline/recorder";
import { alternate } from "./lib/alternate.mjs";
import { connectFake } from "./lib/connect.mjs";
import { quantile } from "./lib/stats.mjs";
import { emitting, receiving } from "./lib/subject.mjs";

const LIMIT = 1.03;
const OPTIONS = { rounds: 21 };
const SMALL = { id: 7, x: 10.5, y: -3, name: "ada" };
/** As a message of a chat is. */
const MESSAGE = {
  id: "01JD8W5Q4X7T0Z3V9K2M6N1P8R",
  room: "general",
  from: { id: 4711, name: "Ada Lovelace", avatar: "https://chat.example/avatars/4711.png" },
  text: "The engine might compose elaborate pieces of music of any degree of complexity.",
  at: "2026-01-02T03:04:05.000Z",
  tags: ["music", "engine"],
};

const bare = await connectFake({ name: "bare", io });
const recorded = await connectFake({ name: "recorded", io });
record(recorded.client);

const sides = Object.entries({ bare, recorded });
const arrived = { bare: 0, recorded: 0 };
for (const [name, { client }] of sides) client.on("move", () => arrived[name]++);

const framesOf = (data) => [`42${JSON.stringify(["move", data])}`];
const receive = (data) =>
  compare(`receive ${framesOf(data)[0].length} bytes`, ([name, { ws }]) =>
    receiving(name, ws, framesOf(data), () => arrived[name]),
  );
await receive(SMALL);
await receive(MESSAGE);
const ratio = await receive([MESSAGE, MESSAGE, MESSAGE]);
await compare("emit 50 bytes", ([name, { ws, client }]) =>
  emitting(name, ws, () => client.emit("move", SMALL)),
);

async function compare(what, subject) {
  const results = await alternate(sides.map(subject), OPTIONS);
  const [one, other] = [results.bare, results.recorded].map((list) => quantile(list, 0.5));
  const ratios = results.recorded.map((ns, round) => ns / results.bare[round]);
  const median = quantile(ratios, 0.5);
  console.log(
    `${what}: bare ${one.toFixed(0)} ns, recorded ${other.toFixed(0)} ns, ratio ${median.toFixed(3)}`,
  );
  return median;
}

if (ratio > LIMIT) {
  console.error(`A recording costs more than ${LIMIT} on receive.`);
  process.exitCode = 1;
}
process.exit();
