import { peerLine, valueLine } from "../lib/lines.mjs";

/** What the collector's own bookkeeping adds or takes for each of 2,000 objects that are gone. */
const NOISE_BYTES = 64;

export const row = {
  number: 11,
  title: "heap of what is idle, without the WebSocket itself",
  async measure({ hosts, options }) {
    const lines = [];
    for (const host of hosts.filter(({ name }) => name === "node")) {
      const { client, namespace, closed } = await host.run("idle-heap", options);
      const common = { host: host.name, unit: "B" };
      lines.push(
        peerLine({ ...common, what: "each client", samples: client, goal: 0.5 }),
        peerLine({ ...common, what: "each namespace", samples: namespace, goal: 0.5 }),
        valueLine({
          ...common,
          what: "kept after a namespace is closed",
          samples: closed,
          goal: NOISE_BYTES,
        }),
      );
    }
    return lines;
  },
};
