import { valueLine } from "../lib/lines.mjs";

export const row = {
  number: 20,
  title: "idle: what an open connection sets",
  async measure({ hosts }) {
    const lines = [];
    for (const host of hosts) {
      const { timeouts, intervals } = await host.run("idle-timers", {});
      const common = { host: host.name };
      lines.push(
        valueLine({
          ...common,
          what: "timers for each ping",
          unit: "timers",
          samples: timeouts,
          goal: 1,
        }),
        valueLine({ ...common, what: "intervals", unit: "intervals", samples: intervals, goal: 0 }),
      );
    }
    return lines;
  },
};
