/**
 * `npm run size` prints what each entry costs an app (bundled with rollup, minified with terser, without
 * anything that the app does not import), gzip and brotli, and fails when one passes its budget in
 * size-budget.json. `-- --write` also puts the figures into the README.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import { rollup } from "rollup";
import { bundles, entries, entryName } from "./entries.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const readme = join(root, "README.md");
const block = /<!-- size:start -->[\s\S]*?<!-- size:end -->/;

/**
 * A line of size-budget.json. Either `entry` (a subpath of the package) and `import` (what an app imports
 * of it, `*` for all), or `file` (served as it is).
 *
 * @typedef {{ name: string, entry?: string, import?: string, file?: string, gzip: number, brotli: number }} Budget
 * @typedef {{ gzip: number, brotli: number, minified: number }} Size
 */

/** @returns {Promise<Budget[]>} */
export async function readBudgets() {
  return JSON.parse(await readFile(join(root, "size-budget.json"), "utf8"));
}

/**
 * The size of each budget's subject, from what is built.
 *
 * @param {Budget[]} budgets
 * @returns {Promise<{ budget: Budget, size: Size }[]>}
 */
export async function measureSizes(budgets) {
  const results = [];
  for (const budget of budgets) {
    const code =
      budget.file === undefined
        ? await bundleImport(budget.import, builtFile(budget.entry))
        : await readFile(join(root, "dist", budget.file), "utf8");
    results.push({ budget, size: compressed(code) });
  }
  return results;
}

/**
 * What an app ships for `import { names } from file`.
 *
 * @param {string} names for example "{ io }", or "*"
 * @param {string} file a built module
 */
export async function bundleImport(names, file) {
  const entry = "\0app";
  const bundle = await rollup({
    input: entry,
    external: (id) => /^(react|vue|node:)/.test(id),
    plugins: [
      {
        name: "app",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? `export ${names} from ${JSON.stringify(file)};` : null),
      },
      nodeResolve({ browser: true }),
      commonjs(),
      terser({ module: true }),
    ],
    onwarn: () => {},
  });
  const { output } = await bundle.generate({ format: "es", inlineDynamicImports: true });
  await bundle.close();
  return output[0].code;
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
      if (size[kind] <= budget[kind]) continue;
      problems.push(
        `${budget.name} is ${size[kind]} bytes of ${kind}: its budget is ${budget[kind]}.`,
      );
    }
  }
  const covered = new Set(results.map(({ budget }) => budget.file ?? budget.entry));
  for (const name of [...entries.map(({ subpath }) => subpath), ...bundles.map(({ file }) => file)]) {
    if (!covered.has(name)) problems.push(`${name} has no line in size-budget.json.`);
  }
  return problems;
}

/** The README's table, with its markers. */
export function readmeBlock(results) {
  const rows = results.map(({ budget, size }) => [
    `\`${budget.name}\``,
    kilobytes(size.gzip),
    kilobytes(size.brotli),
  ]);
  const head = ["What an app ships", "gzip", "brotli"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const draw = (cells) =>
    `| ${cells.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [
    "<!-- size:start -->",
    "",
    draw(head),
    rule,
    ...rows.map(draw),
    "",
    "<!-- size:end -->",
  ].join("\n");
}

/** The figures in a README's block: name to kilobytes. */
export function figuresIn(text) {
  const figures = new Map();
  const lines = block
    .exec(text)?.[0]
    .matchAll(/^\| `(.+?)` *\| *([\d.]+) kB *\| *([\d.]+) kB *\|$/gm);
  for (const [, name, gzip, brotli] of lines ?? []) {
    figures.set(name, { gzip: Number(gzip), brotli: Number(brotli) });
  }
  return figures;
}

function builtFile(subpath) {
  return join(root, "dist", `${entryName({ subpath })}.js`);
}

function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

async function main(flags) {
  if (!existsSync(builtFile("."))) throw new Error("Nothing is built: run `npm run build` first.");
  const results = await measureSizes(await readBudgets());
  for (const { budget, size } of results) {
    console.log(
      `${budget.name.padEnd(44)} ${String(size.minified).padStart(7)} B minified` +
        `${String(size.gzip).padStart(7)} B gzip (budget ${budget.gzip})` +
        `${String(size.brotli).padStart(7)} B brotli (budget ${budget.brotli})`,
    );
  }
  if (flags.includes("--write")) {
    const text = await readFile(readme, "utf8");
    if (!block.test(text)) throw new Error("README.md has no size:start and size:end markers.");
    await writeFile(readme, text.replace(block, readmeBlock(results)));
  }
  const problems = complaints(results);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
