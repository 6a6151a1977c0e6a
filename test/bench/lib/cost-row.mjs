import { ratioLine } from "./lines.mjs";

/**
 * A row whose parts are each one case of `cases/`, measured in turns against the raw client.
 *
 * @param parts `[{ case, what, goals: { node, chromium } }]`
 */
export function costRow({ number, title, parts }) {
  return {
    number,
    title,
    parts,
    async measure({ hosts, options }) {
      const lines = [];
      for (const host of hosts) {
        for (const part of parts) {
          const samples = await pooled(host, part.case, options);
          lines.push(
            ratioLine({ host: host.name, what: part.what, samples, goal: part.goals[host.name] }),
          );
        }
      }
      return lines;
    },
  };
}

/**
 * Engines compile the same code differently each time: one process alone would be a lottery. What is loaded
 * first pays for what the others share: so each process has another order.
 */
export async function pooled(host, name, { processes = 1, ...options }, sides = host.clients) {
  const all = {};
  for (let process = 0; process < processes; process++) {
    const first = process % sides.length;
    const only = [...sides.slice(first), ...sides.slice(0, first)];
    const samples = await host.run(name, options, { only });
    for (const [side, values] of Object.entries(samples)) (all[side] ??= []).push(...values);
  }
  return all;
}
