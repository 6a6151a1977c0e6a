/**
 * `npm run size` prints what each entry costs an app (bundled and minified, without anything that the app does
 * not import), gzip and brotli, beside socket.io-client, and fails when one passes its budget in
 * size-budget.json. `-- --write` also puts the figures into the README; `-- --tighten` makes the
 * budgets 1 % more than what was measured; `-- --parts` prints instead what
 * `import { io } from "tautline"` is made of (`-- --parts ./slim "{ io, WebSocket }"` of another entry).
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { format } from "prettier";
import { appThatKeeps, bundleApp } from "./bundlers.mjs";
import { bundles, entries } from "./entries.mjs";
import { measureParts } from "./size-parts.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const budgets = join(root, "size-budget.json");
const readme = join(root, "README.md");
const block = /<!-- size:start -->[\s\S]*?<!-- size:end -->/;
const PEER = "socket.io-client";

/**
 * A line of size-budget.json. Either `entry` (a subpath of the package) and `import` (what an app imports
 * of it, `*` for all), or `file` (served as it is). `bundler`: made by that one instead of rollup and terser;
 * such a line also measures the reference client.
 *
 * @typedef {{ name: string, entry?: string, import?: string, file?: string, bundler?: string, gzip: number, brotli?: number }} Budget
 * @typedef {{ gzip: number, brotli: number, minified: number }} Size
 * @typedef {{ budget: Budget, size: Size, peer?: Size }} Result
 */

/** @returns {Promise<Budget[]>} */
export async function readBudgets() {
  return JSON.parse(await readFile(budgets, "utf8"));
}

/**
 * The size of each budget's subject, from what is built.
 *
 * @param {Budget[]} budgets
 * @returns {Promise<Result[]>}
 */
export async function measureSizes(budgets) {
  const results = [];
  for (const budget of budgets) {
    const { file, entry, bundler } = budget;
    const size =
      file === undefined
        ? await appSize(budget.import, `tautline${entry.slice(1)}`, bundler)
        : compressed(await readFile(join(root, "dist", file), "utf8"));
    const peer = bundler && { peer: await appSize(budget.import, PEER, bundler) };
    results.push({ budget, size, ...peer });
  }
  return results;
}

/**
 * What an app ships for `import names from "specifier"`.
 *
 * @param {string} names for example "{ io }", or "*"
 * @param {string} [bundler] see bundlers.mjs
 * @returns {Promise<Size>}
 */
export async function appSize(names, specifier, bundler = "rollup") {
  return compressed(await bundleApp(bundler, appThatKeeps(names, specifier)));
}

/** @returns {Size} */
export function compressed(code) {
  const bytes = Buffer.from(code);
  return {
    minified: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length,
  };
}

/** What is wrong, a sentence each: budgets that are passed, and entries that have none. */
export function complaints(results) {
  const problems = [];
  for (const { budget, size } of results) {
    for (const kind of ["gzip", "brotli"]) {
      if (budget[kind] === undefined || size[kind] <= budget[kind]) continue;
      problems.push(
        `${budget.name} is ${size[kind]} bytes of ${kind}: its budget is ${budget[kind]}.`,
      );
    }
  }
  const covered = new Set(results.map(({ budget }) => budget.file ?? budget.entry));
  for (const name of [
    ...entries.map(({ subpath }) => subpath),
    ...bundles.map(({ file }) => file),
  ]) {
    if (!covered.has(name)) problems.push(`${name} has no line in size-budget.json.`);
  }
  return problems;
}

/** What the README says of each result: two figures in kilobytes, by name. */
export function readmeFigures(results) {
  return new Map(
    results.map(({ budget: { name }, size, peer }) => [
      name,
      [size.gzip, peer ? peer.gzip : size.brotli].map((bytes) => (bytes / 1000).toFixed(1)),
    ]),
  );
}

/** The README's tables, with their markers. */
export function readmeBlock(results) {
  const ofFigures = (chosen, quote) =>
    [...readmeFigures(chosen)].map(([name, figures]) => [
      quote + name + quote,
      ...figures.map((figure) => `${figure} kB`),
    ]);
  const isCompared = ({ peer }) => peer !== undefined;
  return [
    "<!-- size:start -->",
    "",
    ...drawTable([
      ["What an app ships", "gzip", "brotli"],
      ...ofFigures(
        results.filter((result) => !isCompared(result)),
        "`",
      ),
    ]),
    "",
    ...drawTable([
      ['`import { io } from "tautline"` by', "gzip", `${PEER}'s`],
      ...ofFigures(results.filter(isCompared), ""),
    ]),
    "",
    "<!-- size:end -->",
  ].join("\n");
}

function drawTable([head, ...rows]) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column].length)),
  );
  const pad = (cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]));
  const draw = (cells) => `| ${cells.map(pad).join(" | ")} |`;
  const rules = widths.map((width, column) =>
    column ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [head, rules, ...rows].map(draw);
}

/** The figures in a README's block, by name, as `readmeFigures` gives them. */
export function figuresIn(text) {
  const lines = block
    .exec(text)?.[0]
    .matchAll(/^\| `?(.+?)`? *\| *([\d.]+) kB *\| *([\d.]+) kB *\|$/gm);
  return new Map([...(lines ?? [])].map(([, name, ...figures]) => [name, figures]));
}

function print({ budget, size, peer }) {
  const cells = [
    budget.name.padEnd(44),
    `${size.minified} B minified`.padStart(18),
    `${size.gzip} B gzip`.padStart(13),
    `(budget ${budget.gzip})`,
    peer ? `${PEER} ${peer.gzip}` : `${size.brotli} B brotli (budget ${budget.brotli})`,
  ];
  console.log(cells.join(" "));
}

function printParts({ total, files, folders }) {
  for (const [title, parts] of [
    ["by folder", folders],
    ["by file", files],
  ]) {
    console.log(`\n${title}: minified bytes, and what gzip saves without them`);
    for (const { name, minified, gzip } of parts) {
      console.log(`${String(minified).padStart(8)} ${String(gzip).padStart(7)}  ${name}`);
    }
  }
  console.log(`\n${String(total.minified).padStart(8)} ${String(total.gzip).padStart(7)}  in all`);
}

async function main(flags) {
  if (flags[0] === "--parts") {
    const [, subpath = ".", names = "{ io }"] = flags;
    const entry = entries.find((one) => one.subpath === subpath);
    if (!entry) throw new Error(`No such entry: ${subpath}`);
    printParts(await measureParts(entry.source, names));
    return;
  }
  if (!existsSync(join(root, "dist")))
    throw new Error("Nothing is built: run `npm run build` first.");
  const results = await measureSizes(await readBudgets());
  results.forEach(print);
  if (flags.includes("--write")) {
    const text = await readFile(readme, "utf8");
    if (!block.test(text)) throw new Error("README.md has no size:start and size:end markers.");
    await writeFile(readme, text.replace(block, readmeBlock(results)));
  }
  if (flags.includes("--tighten")) {
    for (const { budget, size } of results) {
      for (const kind of ["gzip", "brotli"]) {
        if (kind in budget) budget[kind] = Math.ceil((size[kind] * 1.01) / 10) * 10;
      }
    }
    const text = JSON.stringify(results.map(({ budget }) => budget));
    await writeFile(budgets, await format(text, { parser: "json", printWidth: 100 }));
  }
  const problems = complaints(results);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
