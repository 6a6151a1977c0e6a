import { startDelayProxy } from "../lib/delay-proxy.mjs";
import { valueLine } from "../lib/lines.mjs";
import { startServer } from "../lib/server.mjs";

/** Long, so that what the clients compute meanwhile weighs little. */
const ONE_WAY_MS = 100;

export const row = {
  number: 12,
  title: "round trips over WebSocket, the TCP handshake included",
  async measure({ hosts, options }) {
    const server = await startServer();
    const proxy = await startDelayProxy(server.port, ONE_WAY_MS);
    const lines = [];
    for (const host of hosts) {
      const { connect, ack } = await host.run("round-trips", {
        ...options,
        url: proxy.url,
        roundTrip: 2 * ONE_WAY_MS,
      });
      const common = { host: host.name, unit: "round trips" };
      lines.push(
        valueLine({ ...common, what: "until connected", samples: connect, goal: 3.1 }),
        valueLine({ ...common, what: "until the first ack", samples: ack, goal: 4.1 }),
      );
    }
    await proxy.close();
    await server.close();
    return lines;
  },
};
