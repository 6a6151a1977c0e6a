/**
 * A TCP proxy that misbehaves on demand, to be put in front of a real server.
 *
 *     const proxy = await createFaultProxy({ target: server.port });
 *     proxy.set({ latency: 50 });              // each way
 *     proxy.set({ refuseUpgrade: 403 });       // from the next upgrade on
 *     proxy.set({ kill: { on: "websocket", direction: "up", afterFrames: 1, nth: 1 } });
 *     proxy.cut();                             // everything that is open, now
 *     await proxy.close();
 *
 * How to extend it:
 * - A new fault is a name in `NO_FAULTS` with its description in fault-proxy.d.mts, and one test in
 *   test/unit/support/fault-proxy.test.ts.
 * - Faults that concern a request are decided in `FaultyConnection.#onHead`, those that end a connection at a byte or a
 *   frame in fault-kill.mjs, and those that concern time in `FaultyConnection.#conditions`.
 * - Bytes go through a DelayLine for each direction; whatever the proxy answers by itself goes through them too, so
 *   that latency and stalls hold for it.
 *
 * It understands heads of HTTP/1.1 requests that follow one another on a connection, but no pipelining.
 */
import net from "node:net";
import { FaultyConnection } from "./fault-connection.mjs";

export const NO_FAULTS = Object.freeze({
  refuseConnections: false,
  refuseUpgrade: 0,
  hangUpgrade: false,
  stripUpgrade: false,
  unknownSession: false,
  latency: 0,
  detour: {},
  connectLatency: false,
  bandwidth: 0,
  blackhole: false,
  kill: null,
});

/** See fault-proxy.d.mts for the types and what each fault means. */
export async function createFaultProxy({
  target,
  faults = {},
  hooks = {},
  port = 0,
  host = "127.0.0.1",
}) {
  const state = {
    target: typeof target === "number" ? { host: "127.0.0.1", port: target } : target,
    faults: { ...NO_FAULTS, ...faults },
    hooks: { ...hooks },
    counts: {
      connections: 0,
      requests: 0,
      gets: 0,
      posts: 0,
      upgrades: 0,
      webSockets: 0,
      bytesUp: 0,
      bytesDown: 0,
      kills: 0,
    },
    connections: new Set(),
    // How many round trips lie behind what each side has seen (Lamport's clock; an answer is one more).
    trips: { client: 0, server: 0 },
  };
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (state.faults.refuseConnections) return client.resetAndDestroy();
    state.connections.add(new FaultyConnection(state, client, ++state.counts.connections));
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: address.port,
    url: `http://${host}:${address.port}`,
    hooks: state.hooks,
    counts: state.counts,
    get faults() {
      return { ...state.faults };
    },
    get open() {
      return [...state.connections].filter(({ client }) => !client.destroyed).length;
    },
    get roundTrips() {
      return state.trips.client;
    },
    set(changes) {
      Object.assign(state.faults, changes);
      for (const connection of [...state.connections]) connection.run();
    },
    heal() {
      this.set(NO_FAULTS);
    },
    cut({ how = "rst", side = "both", kind = "any" } = {}) {
      const hit = [...state.connections].filter(
        ({ isWebSocket }) => kind === "any" || isWebSocket === (kind === "websocket"),
      );
      for (const connection of hit) connection.end(how, side);
      return hit.length;
    },
    close() {
      for (const connection of [...state.connections]) connection.end("rst");
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
