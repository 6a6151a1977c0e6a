/**
 * Everything that CI runs, cheapest first; stops at the first failure. `npm run check -- types test`
 * runs only those steps.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** The steps of one row need nothing of each other and one core each: they run side by side. */
const rows = [
  ["format:check", "sync -- --check", "lint", "types", "docs:api", "build"],
  ["test"],
  ["package"],
  ["test:consumers"],
  ["test:react-native"],
];
const LANES = Math.min(2, availableParallelism());

const nameOf = (step) => step.split(" ")[0];
const wanted = process.argv.slice(2);
const known = rows.flat().map(nameOf);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`check: no step ${unknown.join(", ")}; there are ${known.join(", ")}`);
  process.exit(1);
}

const failures = [];
for (const row of rows) {
  const steps = wanted.length ? row.filter((step) => wanted.includes(nameOf(step))) : row;
  const isAlone = steps.length === 1;
  const lanes = Array.from({ length: LANES }, async () => {
    while (steps.length && !failures.length) await run(steps.shift(), isAlone);
  });
  await Promise.all(lanes);
  if (failures.length) {
    console.error(`\ncheck: ${failures.join(" and ")} failed`);
    process.exit(1);
  }
}
console.log("\ncheck: all is well");

/** Shows what a step says: as it comes, or at its end when another one is talking. */
async function run(step, isAlone) {
  const command = `npm run --silent ${step}`;
  const started = Date.now();
  if (isAlone) console.log(`\n> ${command}`);
  const child = spawn(command, { shell: true, stdio: isAlone ? "inherit" : "pipe" });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (data) => (said += data));
  const status = await new Promise((resolve) => child.once("close", resolve));
  if (!isAlone) console.log(`\n> ${command}\n${said.trimEnd()}`);
  if (status !== 0) failures.push(step);
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
