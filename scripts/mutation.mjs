/**
 * `npm run mutation -- --mutate "src/delivery/**"`: changes the sources in small ways, one at a time, and looks for a unit
 * test that fails. Installs Stryker the first time: see test/mutation/README.md. Arguments go to `stryker run`.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = fileURLToPath(new URL("../test/mutation/", import.meta.url));
const shell = process.platform === "win32";
if (!existsSync(`${folder}node_modules/.package-lock.json`))
  execFileSync("npm", ["ci"], { cwd: folder, stdio: "inherit", shell });
const stryker = `${folder}node_modules/@stryker-mutator/core/bin/stryker.js`;
const args = ["run", "test/mutation/stryker.config.json", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [stryker, ...args], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
