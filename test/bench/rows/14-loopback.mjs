import { mapValues, ratioLine } from "../lib/lines.mjs";
import { startServer } from "../lib/server.mjs";
import { median } from "../lib/stats.mjs";

export const row = {
  number: 14,
  title: "end to end on loopback",
  async measure({ hosts, options }) {
    const server = await startServer();
    const lines = [];
    for (const host of hosts) {
      const { latency, throughput } = await host.run("loopback", { ...options, url: server.url });
      const goals =
        host.name === "node" ? { latency: 1.05, throughput: 0.95 } : asThePeer(latency, throughput);
      lines.push(
        ratioLine({
          host: host.name,
          what: "p50 latency of a request",
          unit: "us",
          samples: latency,
          goal: goals.latency,
        }),
        ratioLine({
          host: host.name,
          what: "throughput, client to server",
          unit: "events/s",
          samples: throughput,
          goal: goals.throughput,
          atLeast: true,
        }),
      );
    }
    await server.close();
    return lines;
  },
};

/** In Chromium the bound is the peer's own figure. */
function asThePeer(latency, throughput) {
  const [slow, fast] = [latency, throughput].map((samples) => mapValues(samples, median));
  return { latency: slow.peer / slow.raw, throughput: fast.peer / fast.raw };
}
