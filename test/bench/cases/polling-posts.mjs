import { dial, hangUp, request, transports } from "../lib/connect-real.mjs";

const EMITS = 1000;
const PACE_MS = 1;

/** The host's own WebSocket stays in place. */
export function install() {}

/** 1,000 emits over long-polling, 1 ms apart. The server counts. */
export async function measure(sides, { side: name, url }) {
  const side = sides.find((candidate) => candidate.name === name);
  const { client, ready } = dial(side, url, {
    transports: transports(side, ["polling"]),
    upgrade: false,
  });
  await ready;
  await request(side, client, "echo", 1);
  const start = performance.now();
  for (let index = 0; index < EMITS; index++) {
    await at(start + index * PACE_MS);
    client.emit("timed", performance.timeOrigin + performance.now());
  }
  await request(side, client, "echo", 1);
  hangUp(side, client);
}

/** Timers are too coarse (and clamped in browsers): looks at the clock once a turn of the event loop. */
async function at(time) {
  while (performance.now() < time) await nextTurn();
}

/** In Node a MessageChannel would run a thousand turns before it lets the network have one. */
function nextTurn() {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") return setImmediate(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
