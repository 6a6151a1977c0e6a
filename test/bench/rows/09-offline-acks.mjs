import { valueLine } from "../lib/lines.mjs";

export const row = {
  number: 9,
  title: "10,000 acks, offline: longest block of the event loop",
  async measure({ hosts, options }) {
    const lines = [];
    for (const host of hosts.filter(({ name }) => name === "node")) {
      const { expire, drop } = await host.run("offline-acks", options);
      const common = { host: host.name, unit: "ms" };
      lines.push(
        valueLine({ ...common, what: "their deadlines pass", samples: expire, goal: 50 }),
        valueLine({ ...common, what: "the connection is lost", samples: drop, goal: 20 }),
      );
    }
    return lines;
  },
};
