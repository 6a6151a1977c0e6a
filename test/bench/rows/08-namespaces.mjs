import { line } from "../lib/lines.mjs";
import { median } from "../lib/stats.mjs";

const NAMESPACES = 1000;
const GOALS = { node: 1.3, chromium: 1.5 };

export const row = {
  number: 8,
  title: "receive with 1,000 namespaces / with 1",
  async measure({ hosts, options }) {
    const lines = [];
    for (const host of hosts) {
      const samples = await host.run("receive-namespaces", { ...options, namespaces: NAMESPACES });
      const values = {};
      const figure = {};
      for (const side of ["peer", "tautline"]) {
        if (samples[`${side} 1`] === undefined) continue;
        values[side] = median(samples[`${side} ${NAMESPACES}`]);
        figure[side] = values[side] / median(samples[`${side} 1`]);
      }
      lines.push(
        line({
          host: host.name,
          what: "receive",
          unit: "ns",
          figureUnit: "x with 1",
          values,
          figure,
          goal: GOALS[host.name],
        }),
      );
    }
    return lines;
  },
};
