// npm run bench -- [--rows 1,2,3] [--hosts node,chromium] [--quick] [--rounds n] [--scaling] [--report]
// npm run bench -- --builds [--rows 1,2,3]
//
// Measures the rows asked for (all of them otherwise), keeps the others' results, and writes docs/performance.md.
// With --builds: the cost rows (1 to 7) for the same client as bundlers make it, lowered or not, in one run.
import { parseArgs } from "node:util";
import { measureVariants } from "./lib/variants.mjs";
import { prepareBuilds } from "./lib/builds.mjs";
import { ChromiumHost, findChromium } from "./lib/chromium-host.mjs";
import { isMet } from "./lib/lines.mjs";
import { NodeHost } from "./lib/node-host.mjs";
import { writeReport } from "./lib/report.mjs";
import { describeMachine, readResults, writeResults } from "./lib/results.mjs";
import { measureScaling } from "./lib/scaling.mjs";
import { rows } from "./rows/index.mjs";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string" },
    hosts: { type: "string", default: "node,chromium" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    builds: { type: "boolean", default: false },
    scaling: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
  },
});

const QUICK = { slices: 6, warmupMs: 150, sliceRounds: 2 };
const results = await readResults();
if (!flags.report) await measure();
if (!flags["dry-run"]) await writeReport(results);

async function measure() {
  const wanted = flags.rows?.split(",").map(Number);
  const options = {
    rounds: Number(flags.rounds ?? (flags.quick ? 3 : 9)),
    processes: flags.quick ? 1 : 5,
    ...(flags.quick && QUICK),
  };
  const builds = await prepareBuilds();
  const isAll = wanted === undefined && !flags.builds && !flags.scaling;
  const variants = flags.builds || isAll ? await builds.variants() : {};
  const hosts = await openHosts(builds, variants);
  const machine = describeMachine(hosts.find(({ name }) => name === "chromium")?.version);
  try {
    for (const row of rows) {
      if (!isAll && (flags.builds || !wanted?.includes(row.number))) continue;
      const lines = await row.measure({ hosts, options });
      print(row, lines);
      const kept = (results.rows[row.number]?.lines ?? []).filter(
        (line) => !isMeasured(line, hosts),
      );
      results.rows[row.number] = {
        title: row.title,
        rounds: options.rounds,
        machine,
        lines: [...lines, ...kept],
      };
    }
    if (flags.builds || isAll) {
      const chosen = rows.filter(
        ({ parts, number }) => parts && (wanted?.includes(number) ?? true),
      );
      const lines = await measureVariants(chosen, hosts, options);
      const isKept = (old) => !lines.some((line) => line.key === old.key);
      const kept = (results.builds?.lines ?? []).filter(isKept);
      results.builds = { machine, rounds: options.rounds, lines: [...kept, ...lines] };
    }
    if (flags.scaling || isAll) {
      results.scaling = await measureScaling(
        hosts.find(({ name }) => name === "node"),
        options,
      );
    }
    if (!flags["dry-run"]) await writeResults(results);
  } finally {
    for (const host of hosts) await host.close();
    await builds.cleanUp();
  }
}

async function openHosts(builds, variants) {
  const names = flags.hosts.split(",");
  const hosts = [];
  if (names.includes("node")) hosts.push(new NodeHost(builds.node, variants));
  if (names.includes("chromium")) {
    const path = await findChromium();
    if (path === undefined)
      console.warn("No Chromium found (set CHROME_PATH): its rows are left out.");
    else hosts.push(await ChromiumHost.launch(path, builds.chromium, variants));
  }
  return hosts;
}

/** Lines of the hosts that did not take part stay as they were. */
function isMeasured(line, hosts) {
  return hosts.some(({ name }) => name === line.host) || line.host === "bundle";
}

function print(row, lines) {
  for (const line of lines) {
    const values = Object.entries(line.values).map(
      ([side, value]) => `${side} ${value.toPrecision(4)}`,
    );
    const figures = Object.entries(line.figure).map(
      ([side, value]) => `${side} ${value.toFixed(2)}`,
    );
    const met = isMet(line);
    console.log(
      [
        `${row.number} ${row.title}: ${line.what} [${line.host}]`.padEnd(72),
        `${values.join(", ")} ${line.unit}`.padEnd(52),
        `${figures.join(", ")} ${line.figureUnit}`,
        line.goal === undefined
          ? ""
          : `goal ${line.goal.toFixed(2)} ${met === undefined ? "" : met ? "met" : "MISSED"}`,
      ].join("  "),
    );
  }
}
