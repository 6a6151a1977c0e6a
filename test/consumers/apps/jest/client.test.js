/** An app's own test, as Jest runs it: CommonJS. */
const { io } = require("tautline");
const { flush } = require("tautline/delivery");
require("../conversation.js");

// Node 20 has none.
globalThis.WebSocket ??= require("ws");

const url = process.env.SITE;

test("the client connects, hears and answers", async () => {
  const told = await globalThis.report(io, {}, url);
  expect(told).toEqual(JSON.parse(process.env.GOOD_REPORT));
});

test("the parts of the package know each other", async () => {
  const socket = io(url, { reconnection: false });
  expect(socket.emit("echo", 1, () => {})).toBe(socket);
  await flush(socket);
  expect(socket.connected).toBe(true);
  socket.disconnect();
});
