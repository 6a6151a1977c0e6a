/** An app's own test, as an ES module. */
import { expect, test } from "@jest/globals";
import { io } from "tautline";
import ws from "ws";
import "../conversation.js";

// Node 20 has none.
globalThis.WebSocket ??= ws;

test("the client connects, hears and answers", async () => {
  const told = await globalThis.report(io, {}, process.env.SITE);
  expect(told).toEqual(JSON.parse(process.env.GOOD_REPORT));
});
