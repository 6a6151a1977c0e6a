/**
 * Writes what follows from the table of entries: `exports` and `files` of package.json, and the
 * folders of the subpaths; and the numbers of docs/comparison.md and README.zh-CN.md, which stand on
 * other pages. With `--check` it writes nothing, and fails if something is stale.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { format } from "prettier";
import { chineseReadme } from "./chinese-sizes.mjs";
import { comparison } from "./comparison.mjs";
import {
  entryName,
  exportsTable,
  folderManifest,
  packedFiles,
  subpathEntries,
} from "./entries.mjs";

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");
let stale = false;

async function put(path, value) {
  await putText(
    path,
    await format(JSON.stringify(value), { parser: "json-stringify", printWidth: 100 }),
  );
}

function putText(path, text) {
  const url = new URL(path, root);
  let before = "";
  try {
    before = readFileSync(url, "utf8");
  } catch {
    // The first time there is no such file yet.
  }
  if (before === text) return;
  stale = true;
  console.log(`${path} ${check ? "is stale: npm run sync" : "written"}`);
  if (check) return;
  mkdirSync(new URL(".", url), { recursive: true });
  writeFileSync(url, text);
}

const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
await put("package.json", { ...manifest, files: packedFiles(), exports: exportsTable() });
for (const entry of subpathEntries()) {
  await put(`${entryName(entry)}/package.json`, folderManifest(entry));
}
putText("docs/comparison.md", await comparison());
putText("README.zh-CN.md", await chineseReadme());
if (check && stale) process.exitCode = 1;
