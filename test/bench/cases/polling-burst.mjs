import { dial, hangUp, transports } from "../lib/connect-real.mjs";
import { longestBlock } from "../lib/longest-block.mjs";

const MESSAGES = 10_000;
const HANDLER_MS = 0.05;

/** The host's own WebSocket stays in place. */
export function install() {}

/** The longest task in ms while 10,000 messages of one poll meet a handler of 50 us. */
export async function measure(sides, { rounds, url }) {
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      if (side.io === undefined) continue;
      (results[side.name] ??= []).push(await burst(side, url));
    }
  }
  return results;
}

async function burst(side, url) {
  const { client, ready } = dial(side, url, {
    transports: transports(side, ["polling"]),
    upgrade: false,
  });
  await ready;
  let handled = 0;
  client.on("message of a burst", () => {
    const end = performance.now() + HANDLER_MS;
    while (performance.now() < end);
    handled++;
  });
  const longest = await longestBlock(
    () => client.emit("burst", MESSAGES),
    () => handled === MESSAGES,
  );
  hangUp(side, client);
  return longest;
}
