import { connectFake } from "../lib/connect.mjs";
import { FakeWebSocket } from "../lib/fake-websocket.mjs";

const PINGS = 100;
const calls = { timeouts: 0, intervals: 0 };

/** Counts the timers that are set. */
export function install() {
  globalThis.WebSocket = FakeWebSocket;
  const { setTimeout, setInterval } = globalThis;
  globalThis.setTimeout = (...args) => {
    calls.timeouts++;
    return setTimeout(...args);
  };
  globalThis.setInterval = (...args) => {
    calls.intervals++;
    return setInterval(...args);
  };
}

/** `{ timeouts, intervals }`, each `{ side: [] }`: timers for each ping of the server, and intervals in all. */
export async function measure(sides) {
  const timeouts = {};
  const intervals = {};
  for (const side of sides) {
    if (side.io === undefined) continue;
    calls.intervals = 0;
    const { client, ws } = await connectFake(side);
    calls.timeouts = 0;
    for (let index = 0; index < PINGS; index++) {
      ws.deliver("2");
      await new Promise((resolve) => queueMicrotask(resolve));
    }
    if (ws.last !== "3") throw new Error(`${side.name} answered a ping with ${ws.last}`);
    timeouts[side.name] = [calls.timeouts / PINGS];
    intervals[side.name] = [calls.intervals];
    client.disconnect();
  }
  return { timeouts, intervals };
}
