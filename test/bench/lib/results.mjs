import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { format } from "prettier";

const FILE = new URL("../results.json", import.meta.url);

/** What was measured last, row by row: `{ rows: { [number]: { title, lines, rounds, machine } } }`. */
export async function readResults() {
  const text = await readFile(FILE, "utf8").catch(() => `{ "rows": {} }`);
  return JSON.parse(text);
}

export async function writeResults(results) {
  await writeFile(
    FILE,
    await format(JSON.stringify(results, rounded), { parser: "json", printWidth: 100 }),
  );
}

export function describeMachine(chromiumVersion) {
  return {
    cpu: `${cpus().length} x ${cpus()[0].model.trim()}`,
    node: process.versions.node,
    ...(chromiumVersion && { chromium: chromiumVersion }),
  };
}

function rounded(_key, value) {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}
