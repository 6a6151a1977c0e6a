import { openUnanswered } from "../lib/connect.mjs";
import { heapUsed } from "../lib/heap.mjs";
import { longestBlock } from "../lib/longest-block.mjs";

const COUNT = 100_000;
const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };

/** Bytes of heap for each buffered packet, and the longest block of the flush in ms, a number a round. */
export async function measure(sides, { rounds }) {
  const heap = {};
  const flush = {};
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      if (side.io === undefined) continue;
      const { bytes, block } = await fillAndFlush(side);
      if (round < 0) continue; // warming up
      (heap[side.name] ??= []).push(bytes);
      (flush[side.name] ??= []).push(block);
    }
  }
  return { heap, flush };
}

async function fillAndFlush(side) {
  const { client, ws } = await openUnanswered(side, { reconnection: false });
  const before = await heapUsed();
  for (let index = 0; index < COUNT; index++) client.emit("move", ARGUMENT);
  const bytes = ((await heapUsed()) - before) / COUNT;
  const already = ws.sent;
  const block = await longestBlock(
    () => ws.deliver(`40{"sid":"bench-socket"}`),
    () => ws.sent === already + COUNT,
  );
  client.disconnect();
  return { bytes, block };
}
