import { VARIANTS } from "./builds.mjs";
import { pooled } from "./cost-row.mjs";
import { mapValues } from "./lines.mjs";
import { median } from "./stats.mjs";

const SIDES = ["peer", ...Object.keys(VARIANTS)];
const TITLES = {
  peer: "socket.io-client",
  native: "as published",
  es2020: "for ES2020",
  es2017: "for ES2017",
  vite5: "Vite 5",
  vite7: "Vite 7",
  webpack: "webpack 5",
  esbuild: "esbuild",
};

/**
 * Rows 1 to 7 for the same client as it reaches pages: as published, compiled down, and as bundlers make it. All
 * of them take turns in one process or page.
 *
 * @returns `[{ key, number, what, host, ratios: { [side]: "x raw" } }]`
 */
export async function measureVariants(rows, hosts, options) {
  const lines = [];
  for (const host of hosts) {
    for (const { number, title, parts } of rows) {
      for (const part of parts) {
        const values = mapValues(await pooled(host, part.case, options, SIDES), median);
        const ratios = Object.fromEntries(SIDES.map((side) => [side, values[side] / values.raw]));
        const key = `${String(number).padStart(2, "0")} ${host.name} ${part.what}`;
        const line = { key, number, what: `${title}: ${part.what}`, host: host.name, ratios };
        lines.push(line);
        print(line);
      }
    }
  }
  return lines;
}

function print({ key, ratios }) {
  const cells = SIDES.map((side) => `${side} ${ratios[side].toFixed(2)}`);
  console.log(`${key.padEnd(36)} ${cells.join("  ")}  (x raw)`);
}

/** How far the worst of the builds is above the published one, as a fraction. */
export function worstExcess({ ratios: { native, peer: _peer, ...others } }) {
  return Math.max(...Object.values(others)) / native - 1;
}

export function variantsTable({ lines }) {
  const sorted = [...lines].sort((a, b) => (a.key < b.key ? -1 : 1));
  return [
    `In multiples of the hand-written client. "For ES2020" and "for ES2017": what is published, compiled down by esbuild; the
others: bundles of an app with that bundler's own settings for production. "Worst" is how far the slowest of them is above what
is published.`,
    `| # | what | host | ${SIDES.map((side) => TITLES[side]).join(" | ")} | worst |\n|--|--|--|${"--:|".repeat(SIDES.length + 1)}`,
  ]
    .join("\n\n")
    .concat(
      "\n",
      sorted
        .map((line) => {
          const cells = SIDES.map((side) => line.ratios[side].toFixed(2));
          const worst = `${(worstExcess(line) * 100).toFixed(0)} %`;
          const host = line.host === "node" ? "Node" : "Chromium";
          return `| ${[line.number, line.what, host, ...cells, worst].join(" | ")} |`;
        })
        .join("\n"),
    );
}
