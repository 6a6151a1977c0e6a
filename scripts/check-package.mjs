/** Packs the tarball and has publint and attw look at it, as a consumer's tools would. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundles, entries } from "./entries.mjs";

const folder = mkdtempSync(join(tmpdir(), "tautline-pack-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const packed = execFileSync("npm", ["pack", "--json", "--pack-destination", folder], {
  encoding: "utf8",
});
const [{ filename, size, files }] = JSON.parse(packed);
const tarball = join(folder, filename);
console.log(`${filename}: ${files.length} files, ${size} bytes`);

/** Files to serve, with no other form for require(). test/package/types.test.ts compiles what they are used for. */
const served = bundles.flatMap(({ file }) => [`dist/${file}`, `dist/${file}.map`]);
/** What has no folder can't be found by resolvers that do not read `exports`. */
const folderless = entries.filter(({ isFolderless }) => isFolderless).map(({ subpath }) => subpath);
const checks = [
  ["publint", "run", tarball, "--strict"],
  ["attw", tarball, "--exclude-entrypoints", ...served, ...folderless],
  ["attw", tarball, "--profile", "node16", "--entrypoints", ...folderless],
];
for (const [tool, ...args] of checks) {
  const { status } = spawnSync("npx", ["--no-install", tool, ...args], { stdio: "inherit" });
  if (status !== 0) {
    console.error(`${tool} found problems`);
    process.exit(status ?? 1);
  }
}
