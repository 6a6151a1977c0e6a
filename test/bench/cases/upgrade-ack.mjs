import { dial, hangUp, request, transports } from "../lib/connect-real.mjs";
import { median } from "../lib/stats.mjs";

let onProbeAnswered = () => {};

/** Puts a WebSocket in place that tells when the upgrade probe is answered. */
export function install(HostWebSocket) {
  globalThis.WebSocket = class extends HostWebSocket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => data === "3probe" && onProbeAnswered());
    }
  };
}

/** Milliseconds until the ack of an event emitted as the probe is answered, and of one in steady state. */
export async function measure(sides, { rounds, url }) {
  const during = {};
  const steady = {};
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      if (side.io === undefined) continue;
      const sample = await upgradeOnce(side, url);
      if (round < 0) continue; // warming up
      (during[side.name] ??= []).push(sample.during);
      (steady[side.name] ??= []).push(sample.steady);
    }
  }
  return { during, steady };
}

async function upgradeOnce(side, url) {
  const probeAnswered = new Promise((resolve) => {
    onProbeAnswered = resolve;
  });
  const { client, ready } = dial(side, url, {
    transports: transports(side, ["polling", "websocket"]),
  });
  await ready;
  await probeAnswered;
  // The client has handled the answer as well when the next task runs.
  await pause(0);
  const during = await timed(side, client);
  while (client.io.engine.transport.name !== "websocket") await pause(5);
  const samples = [];
  for (let index = 0; index < 9; index++) samples.push(await timed(side, client));
  hangUp(side, client);
  return { during, steady: median(samples) };
}

async function timed(side, client) {
  const start = performance.now();
  await request(side, client, "echo", 1);
  return performance.now() - start;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
