/**
 * What the delivery policies cost, for docs/delivery.md:
 *
 * - throughput: 20,000 events to a stock server in another process, until it has answered an ack behind them. The three modes
 *   in turn, 15 rounds; the median of the ratios to "at most once" within a round.
 * - `dedupe()`: the way of a packet through socket.io's Socket to its handler, with and without it; and the heap that it
 *   takes for each stream that it remembers.
 *
 *   node scripts/build.mjs && node test/bench/delivery.mjs
 */
import { fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import { Server } from "socket.io";
import { io } from "tautline";
import { atLeastOnce, exactlyOnce } from "tautline/delivery";
import { dedupe } from "tautline/server";
import { WebSocket } from "ws";
import { median } from "./lib/stats.mjs";

const EVENTS = 20_000;
const ROUNDS = 15;

if (process.argv[2] === "server") serve();
else await measure();

function serve() {
  const http = createServer();
  const server = new Server(http, { maxHttpBufferSize: 1e8, pingInterval: 60_000 });
  dedupe(server.of("/once"));
  for (const nsp of ["/", "/once"])
    server.of(nsp).on("connection", (socket) => {
      socket.on("event", () => {});
      socket.on("last", (done) => done());
    });
  http.listen(0, "127.0.0.1", () => process.send(http.address().port));
}

async function measure() {
  const server = fork(fileURLToPath(import.meta.url), ["server"]);
  const [port] = await once(server, "message");
  for (const transport of ["websocket", "polling"])
    for (const burst of [EVENTS, 10]) await throughput(port, transport, burst);
  server.kill();
  await handling();
  await remembering();
}

async function throughput(port, transport, burst) {
  const modes = [
    ["at most once", "/", undefined],
    ["atLeastOnce()", "/", atLeastOnce()],
    ["exactlyOnce()", "/once", exactlyOnce()],
  ];
  const sockets = await Promise.all(
    modes.map(async ([, nsp, delivery]) => {
      const socket = io(`http://127.0.0.1:${port}${nsp}`, {
        transports: [transport],
        transportOptions: { websocket: { WebSocket } },
        forceNew: true,
        delivery,
      });
      await new Promise((resolve) => socket.once("connect", resolve));
      return socket;
    }),
  );
  const ratios = modes.map(() => []);
  for (let round = -1; round < ROUNDS; round++) {
    const times = [];
    for (const socket of sockets) times.push(await run(socket, burst));
    // the first round warms up
    if (round >= 0) times.forEach((time, index) => ratios[index].push(times[0] / time));
  }
  for (const socket of sockets) socket.disconnect();
  const figures = modes.map(([name], index) => `${name} ${median(ratios[index]).toFixed(2)}`);
  console.log(`${transport}, bursts of ${burst}: ${figures.join(", ")}`);
}

async function run(socket, burst) {
  const begun = performance.now();
  for (let sent = 0; sent < EVENTS; sent += burst) {
    for (let n = 0; n < burst; n++) socket.emit("event", { n, text: "hello there" });
    if (burst < EVENTS) await new Promise(setImmediate);
  }
  await socket.emitWithAck("last");
  return performance.now() - begun;
}

/** Microseconds a packet, from the decoder of socket.io to the handler; a client's packets, made here. */
async function handling() {
  const http = createServer();
  const server = new Server(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const store = {
    claim: async () => true,
    saveReply: async () => {},
    reply: async () => undefined,
  };
  dedupe(server.of("/once"));
  dedupe(server.of("/stored"), { store });
  const peers = [];
  for (const nsp of ["/", "/once", "/stored"]) {
    const joined = new Promise((resolve) => server.of(nsp).once("connection", resolve));
    const client = io(`http://127.0.0.1:${http.address().port}${nsp}`, {
      delivery: nsp === "/" ? undefined : exactlyOnce(),
      forceNew: true,
    });
    const peer = await joined;
    peer.on("first", () => {});
    const tagged = new Promise((resolve) => {
      const own = peer.onevent;
      peer.onevent = (packet) => {
        if (packet.data[0] === "first") resolve(packet.data[2]);
        own.call(peer, packet);
      };
    });
    client.emit("first", 1);
    const stream = (await tagged)?.$tautline[0];
    let handled = 0;
    peer.on("event", () => handled++);
    peers.push({ nsp, peer, client, stream, number: 1, count: () => handled, samples: [] });
  }
  for (let round = -1; round < ROUNDS; round++)
    for (const one of peers) {
      const packets = Array.from({ length: EVENTS }, () => ({
        type: 2,
        nsp: one.nsp,
        data: one.stream ? ["event", 5, { $tautline: [one.stream, ++one.number] }] : ["event", 5],
      }));
      const goal = one.count() + EVENTS;
      const begun = performance.now();
      for (const packet of packets) one.peer.onevent(packet);
      while (one.count() < goal) await new Promise(setImmediate);
      if (round >= 0) one.samples.push(((performance.now() - begun) * 1000) / EVENTS);
    }
  for (const { nsp, samples } of peers)
    console.log(`namespace ${nsp}: ${median(samples).toFixed(2)} µs a packet`);
  for (const { client } of peers) client.disconnect();
  await server.close();
}

/** Bytes of heap for each of 10,000 streams whose clients are away: without gaps, and with as many as are kept. */
async function remembering() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/server/streams.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  const { Streams } = await import(`data:text/javascript;base64,${code}`);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  for (const gaps of [0, 256]) {
    const streams = new Streams({});
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 10_000; n++) {
      const connection = new EventEmitter();
      const stream = streams.enter(connection, crypto.randomUUID());
      for (let number = 1; number <= 2 * gaps + 1; number += 2) stream.window.claim(number);
      connection.emit("close");
    }
    collect();
    const bytes = (process.memoryUsage().heapUsed - before) / 10_000;
    console.log(`a stream with ${gaps} gaps: ${bytes.toFixed(0)} bytes`);
    // still in use, so that it is not collected before
    if (!streams.enter(new EventEmitter(), "another")) throw new Error("no stream");
  }
}
