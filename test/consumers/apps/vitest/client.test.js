/** An app's own test, as Vitest runs it. */
import { flush } from "tautline/delivery";
import { io } from "tautline";
import { expect, test } from "vitest";
import ws from "ws";
import "../conversation.js";

// Node 20 has none.
globalThis.WebSocket ??= ws;

const url = process.env.SITE;

test("the client connects, hears and answers", async () => {
  const told = await globalThis.report(io, {}, url);
  expect(told).toEqual(JSON.parse(process.env.GOOD_REPORT));
});

test("the parts of the package know each other", async () => {
  const socket = io(url, { reconnection: false });
  socket.emit("echo", 1, () => {});
  await flush(socket);
  expect(socket.connected).toBe(true);
  socket.disconnect();
});
