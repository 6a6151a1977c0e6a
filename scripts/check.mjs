/**
 * Everything that CI runs, cheapest first; stops at the first failure. `npm run check -- types test`
 * runs only those steps.
 */
import { spawnSync } from "node:child_process";

const steps = ["format:check", "sync -- --check", "lint", "types", "build", "test", "package"];

const wanted = process.argv.slice(2);
const chosen = wanted.length ? steps.filter((step) => wanted.includes(step.split(" ")[0])) : steps;

for (const step of chosen) {
  const command = step === "test" ? "npm test" : `npm run --silent ${step}`;
  console.log(`\n> ${command}`);
  const started = Date.now();
  const { status } = spawnSync(command, { shell: true, stdio: "inherit" });
  if (status !== 0) {
    console.error(`\ncheck: ${step} failed`);
    process.exit(status ?? 1);
  }
  console.log(`  ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
console.log("\ncheck: all is well");
