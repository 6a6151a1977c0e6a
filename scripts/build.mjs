/**
 * Builds `dist` when it is missing or older than what it is made from. `--force` clears it
 * and always builds.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundles } from "./entries.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const inputs = [
  "src",
  "scripts/entries.mjs",
  "scripts/bundle-types.mjs",
  "scripts/callable-types.mjs",
  "scripts/compile.mjs",
  "scripts/private-names.mjs",
  "scripts/public-types.mjs",
  "rollup.config.mjs",
  "package.json",
  "tsconfig.json",
];
const last = `dist/${bundles.at(-1).file}.map`;

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(`${path}/${name}`)));
}

function isFresh() {
  const built = statSync(last, { throwIfNoEntry: false });
  return built !== undefined && built.mtimeMs > Math.max(...inputs.map(newest));
}

process.chdir(root);
const forced = process.argv.includes("--force");
if (forced) rmSync("dist", { recursive: true, force: true });
if (forced || !isFresh()) {
  const rollup = fileURLToPath(import.meta.resolve("rollup/dist/bin/rollup"));
  const { status } = spawnSync(process.execPath, [rollup, "-c", "--silent"], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
