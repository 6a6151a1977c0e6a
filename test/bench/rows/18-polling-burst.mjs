import { valueLine } from "../lib/lines.mjs";
import { startServer } from "../lib/server.mjs";

export const row = {
  number: 18,
  title: "a polling burst of 10,000 messages, each handled in 50 us",
  async measure({ hosts, options }) {
    const server = await startServer();
    const lines = [];
    for (const host of hosts.filter(({ name }) => name === "chromium")) {
      const samples = await host.run("polling-burst", { ...options, url: server.url });
      lines.push(
        valueLine({ host: host.name, what: "longest task", unit: "ms", samples, goal: 50 }),
      );
    }
    await server.close();
    return lines;
  },
};
