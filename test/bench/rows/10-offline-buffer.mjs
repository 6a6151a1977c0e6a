import { peerLine, valueLine } from "../lib/lines.mjs";

export const row = {
  number: 10,
  title: "an offline buffer of 100,000 packets",
  async measure({ hosts, options }) {
    const lines = [];
    for (const host of hosts) {
      const { heap, flush } = await host.run("offline-buffer", options);
      const common = { host: host.name };
      lines.push(
        peerLine({ ...common, what: "heap for each", unit: "B", samples: heap, goal: 0.75 }),
        valueLine({
          ...common,
          what: "longest block of the flush",
          unit: "ms",
          samples: flush,
          goal: 50,
        }),
      );
    }
    return lines;
  },
};
