/** As Node's own runner runs it, with and without its fake timers. */
import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { network } from "tautline/test";
import chat from "./chat.cjs";

const { outage, expected } = chat;

afterEach(() => mock.timers.reset());

test("the network fails, and the app goes on", async () => {
  const { transcript, ...seen } = await outage();
  assert.deepEqual(seen, expected);
  assert.match(transcript, /! cut all both/);
});

test("each run is the same, whatever timers there are", async () => {
  const { transcript } = await outage();
  mock.timers.enable();
  assert.equal((await outage()).transcript, transcript);
});

test("fake timers that come later are an error that says so", async () => {
  const net = network();
  mock.timers.enable();
  await assert.rejects(net.advance(1), /install them before it/);
  mock.timers.reset();
  await net.close();
});
