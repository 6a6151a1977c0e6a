import express from "express";
import { dedupe } from "tautline/server";
import { reply, textOf } from "./untrusted.mjs";

const MAX_RUNS = 200;
const MAX_MESSAGES = 2000;
const MAX_STREAMS = 1000;

/**
 * The chat that the first page has twice: once with Tautline, once with the reference client. It counts what arrives.
 *
 * from the client   `say` (run, number, text, ack)
 * over HTTP         `GET /comparison?run=a&run=b` gives `{ a: [1, 1, 0, 2], .. }`: how often each number has arrived. It is
 *                   asked on the pages' own way, which no switch breaks
 *
 * @param {object} [options]
 * @param {(run: string, number: number) => void} [options.arrived] told of each message
 * @param {import("tautline/server").DedupeStore} [options.store]
 */
export function createComparison({ arrived = () => {}, store = createStore() } = {}) {
  const runs = new Map();
  const router = express.Router();
  router.get("/", ({ query }, response) => {
    const asked = [query.run].flat().filter((run) => runs.has(run));
    response.json(Object.fromEntries(asked.map((run) => [run, runs.get(run)])));
  });

  return {
    routes: [["/comparison", router]],
    /** A message arrived, here or at another node. */
    count,
    /** @param {{ io: import("socket.io").Server }} server */
    open({ io }) {
      const chat = io.of("/comparison");
      // What Tautline needs for exactly-once. The reference client knows nothing of it, and is not hindered.
      dedupe(chat, { store });
      chat.on("connection", (socket) => {
        socket.on("say", (run, number, text, ack) => {
          count(run, number);
          arrived(run, number);
          socket.broadcast.emit("said", textOf(text, 500));
          reply(ack);
        });
      });
    },
  };

  function count(run, number) {
    if (typeof run !== "string" || run.length > 40) return;
    if (!Number.isInteger(number) || number < 0 || number >= MAX_MESSAGES) return;
    const counts = runs.get(run) ?? [];
    // the one that was not heard of for longest is forgotten first
    runs.delete(run);
    runs.set(run, counts);
    if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value);
    while (counts.length <= number) counts.push(0);
    counts[number]++;
  }
}

/** Numbers that were seen. It outlives a restart of the Socket.IO server, as a database would. */
function createStore() {
  const streams = new Map();
  return {
    claim(stream, sequence) {
      if (!streams.has(stream)) streams.set(stream, new Set());
      if (streams.size > MAX_STREAMS) streams.delete(streams.keys().next().value);
      const seen = streams.get(stream);
      return !seen.has(sequence) && Boolean(seen.add(sequence));
    },
  };
}
