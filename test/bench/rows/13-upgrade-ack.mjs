import { startDelayProxy } from "../lib/delay-proxy.mjs";
import { valueLine } from "../lib/lines.mjs";
import { startServer } from "../lib/server.mjs";
import { median } from "../lib/stats.mjs";

const ONE_WAY_MS = [0, 50];

export const row = {
  number: 13,
  title: "ack of an event emitted as the upgrade probe is answered",
  async measure({ hosts, options }) {
    const server = await startServer();
    const lines = [];
    for (const host of hosts.filter(({ name }) => name === "node")) {
      for (const oneWay of ONE_WAY_MS) {
        const proxy = await startDelayProxy(server.port, oneWay);
        const { during, steady } = await host.run("upgrade-ack", { ...options, url: proxy.url });
        const calm = median(steady.tautline ?? steady.peer);
        lines.push(
          valueLine({
            host: host.name,
            what: `${oneWay} ms each way (steady state: ${calm.toFixed(1)} ms)`,
            unit: "ms",
            samples: during,
            goal: 1.5 * calm + 10,
          }),
        );
        await proxy.close();
      }
    }
    await server.close();
    return lines;
  },
};
