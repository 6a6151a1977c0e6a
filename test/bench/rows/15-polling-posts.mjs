import { peerLine } from "../lib/lines.mjs";
import { startServer } from "../lib/server.mjs";
import { median } from "../lib/stats.mjs";

export const row = {
  number: 15,
  title: "long-polling: 1,000 emits, 1 ms apart, no network delay",
  async measure({ hosts, options }) {
    const server = await startServer();
    const lines = [];
    for (const host of hosts) {
      const posts = {};
      const latency = {};
      for (let round = 0; round < options.rounds; round++) {
        for (const side of host.clients) {
          await server.counters();
          await host.run("polling-posts", { side, url: server.url });
          const counted = await server.counters();
          (posts[side] ??= []).push(counted.posts);
          (latency[side] ??= []).push(median(counted.latencies));
        }
      }
      const common = { host: host.name };
      lines.push(
        peerLine({ ...common, what: "POST requests", unit: "requests", samples: posts, goal: 1 }),
        peerLine({
          ...common,
          what: "latency until the server has it (p50)",
          unit: "ms",
          samples: latency,
          goal: 1,
        }),
      );
    }
    await server.close();
    return lines;
  },
};
