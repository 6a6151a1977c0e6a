import { connectFake, openUnanswered } from "../lib/connect.mjs";
import { longestBlock } from "../lib/longest-block.mjs";

const COUNT = 10_000;
/** Long enough that all emits are done before the first deadline. */
const TIMEOUT = 400;
const OFFLINE = { reconnection: true, reconnectionDelay: 1e6, reconnectionDelayMax: 1e6 };

/** Longest block of the loop in ms, a number a round: `{ expire: { side: [] }, drop: { side: [] } }`. */
export async function measure(sides, { rounds }) {
  const expire = {};
  const drop = {};
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      if (side.io === undefined) continue;
      const expired = await expireOffline(side);
      const dropped = await dropBuffered(side);
      if (round < 0) continue; // warming up
      (expire[side.name] ??= []).push(expired);
      (drop[side.name] ??= []).push(dropped);
    }
  }
  return { expire, drop };
}

/** 10,000 emits with a deadline while there is no connection: all deadlines pass. */
async function expireOffline(side) {
  const { client, ws } = await connectFake(side, { options: OFFLINE });
  ws.drop();
  let failed = 0;
  const callback = (error) => {
    if (error instanceof Error) failed++;
  };
  for (let index = 0; index < COUNT; index++) client.timeout(TIMEOUT).emit("save", index, callback);
  const block = await longestBlock(
    () => {},
    () => failed === COUNT,
  );
  client.disconnect();
  return block;
}

/** 10,000 emits with ack wait for their namespace to be accepted when the connection is lost. */
async function dropBuffered(side) {
  const { client, ws } = await openUnanswered(side, OFFLINE);
  for (let index = 0; index < COUNT; index++) client.emit("save", index, () => {});
  const block = await longestBlock(
    () => ws.drop(),
    () => true,
  );
  client.disconnect();
  return block;
}
