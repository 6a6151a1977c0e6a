import { alternate } from "../lib/alternate.mjs";
import { connectFake, openUnanswered, reached } from "../lib/connect.mjs";
import { median } from "../lib/stats.mjs";
import { acknowledging, emitting, receiving } from "../lib/subject.mjs";

const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };
const TEXT = JSON.stringify(ARGUMENT);
const FAR = 1e6;

/** The curves by name: what one point of each measures, in nanoseconds for one operation. */
const CURVES = {
  "receive, namespaces": inTurns(async (side, size) => {
    const { clients, ws } = await connectFake(side, { namespaces: names(size) });
    let arrived = 0;
    clients[size - 1].on("move", () => arrived++);
    return receiving(side.name, ws, [`42/room-${size - 1},["move",${TEXT}]`], () => arrived);
  }),
  "emit, namespaces": inTurns(async (side, size) => {
    const { clients, ws } = await connectFake(side, { namespaces: names(size) });
    return emitting(side.name, ws, () => clients[size - 1].emit("move", ARGUMENT));
  }),
  "ack, pending acks": inTurns((side, size) => acks(side, size, (client) => client)),
  "ack with timeout, pending acks": inTurns((side, size) =>
    acks(side, size, (client) => client.timeout(FAR)),
  ),
  "receive, other listeners": inTurns(async (side, size) => {
    const { client, ws } = await connectFake(side);
    for (let index = 0; index < size; index++) client.on(`other-${index}`, () => {});
    let arrived = 0;
    client.on("move", () => arrived++);
    return receiving(side.name, ws, [`42["move",${TEXT}]`], () => arrived);
  }),
  "receive, listeners of the event (each)": async (sides, size, options) => {
    const results = await inTurns(async (side) => {
      const { client, ws } = await connectFake(side);
      let calls = 0;
      for (let index = 0; index < size; index++) client.on("move", () => calls++);
      return receiving(side.name, ws, [`42["move",${TEXT}]`], () => calls / size);
    })(sides, size, options);
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, value / size]));
  },
  "buffer and flush (each)": (sides, size, options) =>
    repeated(sides, options, (side) => bufferAndFlush(side, size)),
  "offline acks that expire (each)": (sides, size, options) =>
    repeated(sides, options, (side) => expire(side, size)),
};

export const curves = Object.keys(CURVES);

/** One point: `{ side: nanoseconds }`. */
export async function measure(sides, { curve, size, ...options }) {
  const clients = sides.filter(({ io }) => io !== undefined);
  return CURVES[curve](clients, size, options);
}

function inTurns(subjectOf) {
  return async (sides, size, options) => {
    const subjects = [];
    for (const side of sides) subjects.push(await subjectOf(side, size));
    const samples = await alternate(subjects, options);
    return Object.fromEntries(
      Object.entries(samples).map(([name, values]) => [name, median(values)]),
    );
  };
}

async function repeated(sides, { rounds }, once) {
  const samples = {};
  for (let round = -2; round < rounds; round++) {
    for (const side of sides) {
      const value = await once(side);
      if (round >= 0) (samples[side.name] ??= []).push(value);
    }
  }
  return Object.fromEntries(
    Object.entries(samples).map(([name, values]) => [name, median(values)]),
  );
}

function names(count) {
  return Array.from({ length: count }, (_, index) => `/room-${index}`);
}

async function acks(side, size, view) {
  const { client, ws } = await connectFake(side);
  for (let index = 0; index < size; index++) view(client).emit("slow", ARGUMENT, () => {});
  await reached(() => ws.sent >= size, true);
  let answered = 0;
  const callback = () => answered++;
  return acknowledging(
    side.name,
    ws,
    () => view(client).emit("save", ARGUMENT, callback),
    () => answered,
    size,
  );
}

/** Small sizes are done several times, so that the clock can see them. */
async function bufferAndFlush(side, size) {
  const times = Math.max(1, Math.round(1000 / size));
  let total = 0;
  for (let time = 0; time < times; time++) {
    const { client, ws } = await openUnanswered(side, { reconnection: false });
    const start = performance.now();
    for (let index = 0; index < size; index++) client.emit("move", ARGUMENT);
    const before = ws.sent;
    ws.deliver(`40{"sid":"bench-socket"}`);
    // in microtasks where they will do, so that a turn of the loop isn't counted for one packet
    for (let turn = 0; ws.sent < before + size; turn++)
      await (turn < 8 ? undefined : new Promise(queueTask));
    total += performance.now() - start;
    client.disconnect();
  }
  return (total * 1e6) / (size * times);
}

async function expire(side, size) {
  const { client, ws } = await connectFake(side, {
    options: { reconnection: true, reconnectionDelay: FAR, reconnectionDelayMax: FAR },
  });
  ws.drop();
  const timeout = 20 + size / 50;
  let failed = 0;
  let first = 0;
  let last = 0;
  await new Promise((resolve) => {
    const callback = () => {
      last = performance.now();
      if (failed++ === 0) first = last;
      if (failed === size) resolve();
    };
    for (let index = 0; index < size; index++)
      client.timeout(timeout).emit("save", index, callback);
  });
  client.disconnect();
  return ((last - first) * 1e6) / size;
}

function queueTask(callback) {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(undefined);
}
