/**
 * Runs the integration tests against what is built instead of against the sources: `npm run test:built`.
 * With `-- --target es2017` the build is compiled down first, as an app's bundler may do. What follows are
 * vitest's arguments.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [flag, target, ...others] = process.argv.slice(2);
const isLowered = flag === "--target";
const folder = isLowered ? lower(target) : join(root, "dist");

const rest = isLowered ? others : process.argv.slice(2);
const { status } = spawnSync("npx", ["vitest", "run", "--project", "integration", ...rest], {
  cwd: root,
  env: { ...process.env, TAUTLINE_BUILD: folder },
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (isLowered) rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;

/** A compiled copy; it stands in node_modules, so that it finds its dependencies and is loaded by Node itself. */
function lower(year) {
  const copy = join(root, `node_modules/.cache/tautline-${year}`);
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(root, "dist"), copy, { recursive: true });
  const files = readdirSync(copy, { recursive: true }).filter((name) => /\.js$/.test(name));
  for (const file of files) {
    const path = join(copy, file);
    const { code } = transformSync(readFileSync(path, "utf8"), { target: year, format: "esm" });
    writeFileSync(path, code);
  }
  writeFileSync(join(copy, "package.json"), `{ "type": "module" }`);
  return copy;
}
