/**
 * `npm run test:react-native`: installs what test/react-native needs (230 MB, once for each lockfile), builds, and runs
 * the tests there. Arguments go to vitest.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installTools } from "../test/react-native/install.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
installTools();
const vitest = fileURLToPath(new URL("../vitest.mjs", import.meta.resolve("vitest")));
const args = ["run", "--config", "test/react-native/vitest.config.ts", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;
