// node test/bench/profile.mjs <case> [--side tautline] [--rounds 15]
//
// Runs one case with the raw client and one other in Node under the CPU profiler, and prints where the time went:
// the share of each function in the time that was not idle.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { prepareBuilds } from "./lib/builds.mjs";
import { NodeHost } from "./lib/node-host.mjs";

const SHOWN = 25;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    side: { type: "string", default: "tautline" },
    rounds: { type: "string", default: "15" },
  },
});

const builds = await prepareBuilds();
const folder = await mkdtemp(join(tmpdir(), "tautline-profile-"));
try {
  for (const name of positionals) {
    await new NodeHost(builds.node).run(
      name,
      { rounds: Number(flags.rounds) },
      {
        only: [flags.side],
        execArgv: ["--cpu-prof", "--cpu-prof-interval", "200", `--cpu-prof-dir=${folder}`],
      },
    );
    const [file] = await readdir(folder);
    print(name, JSON.parse(await readFile(join(folder, file), "utf8")));
    await rm(join(folder, file));
  }
} finally {
  await rm(folder, { recursive: true });
  await builds.cleanUp();
}

function print(name, profile) {
  const times = new Map();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  let total = 0;
  profile.samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = nodes.get(id).callFrame;
    if (functionName === "(idle)" || functionName === "(program)") return;
    const place = url ? `${url.split("/").slice(-2).join("/")}:${lineNumber + 1}` : "";
    const key = `${functionName || "(anonymous)"} ${place}`;
    times.set(key, (times.get(key) ?? 0) + profile.timeDeltas[index]);
    total += profile.timeDeltas[index];
  });
  console.log(`\n${name}: self time by function`);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  for (const [key, time] of sorted)
    console.log(`${((100 * time) / total).toFixed(1).padStart(6)} %  ${key}`);
}
