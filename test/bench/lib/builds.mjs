import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { transform } from "esbuild";
import { rollup } from "rollup";
import { bundleApp } from "../../../scripts/bundlers.mjs";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
export const PEER = dirname(
  createRequire(import.meta.url).resolve("socket.io-client/package.json"),
);

/** The script-tag builds of both. */
export const SCRIPT_TAGS = {
  peer: join(PEER, "dist/socket.io.min.js"),
  tautline: join(ROOT, "dist/tautline.min.js"),
};

/**
 * The modules that are measured.
 *
 * The peer is bundled from its modern ESM sources without debug output, for browsers, as an application's
 * bundler does it: of its builds it is the fastest (its ready-made ones are the same or slower), and in Node
 * it looks for `globalThis.WebSocket` as Tautline does.
 */
export async function prepareBuilds() {
  const folder = await mkdtemp(join(tmpdir(), "tautline-bench-"));
  const peer = join(folder, "peer.mjs");
  await bundlePeer(peer);
  const node = join(ROOT, "dist/index.js");
  const browser = join(ROOT, "dist/tautline.esm.min.js");
  return {
    node: { peer, ...((await exists(node)) && { tautline: node }) },
    chromium: { peer, ...((await exists(browser)) && { tautline: browser }) },
    variants: () => makeVariants(folder),
    cleanUp: () => rm(folder, { recursive: true }),
  };
}

async function bundlePeer(file) {
  const entry = `${file}.entry.mjs`;
  await writeFile(entry, `export * from ${JSON.stringify(join(PEER, "build/esm/index.js"))};\n`);
  const bundle = await rollup({
    input: entry,
    plugins: [nodeResolve({ browser: true }), commonjs()],
    onwarn: () => {},
  });
  await bundle.write({ file, format: "esm" });
  await bundle.close();
}

/** How the same client reaches a page: the names are those of the report. */
export const VARIANTS = {
  native: (text) => text,
  es2020: (text) => compiledFor("es2020", text),
  es2017: (text) => compiledFor("es2017", text),
  ...Object.fromEntries(
    ["vite5", "vite7", "webpack", "esbuild"].map((name) => [name, () => bundledBy(name)]),
  ),
};

/** @returns {Promise<Record<string, string>>} the file of each */
async function makeVariants(folder) {
  const text = await readFile(join(ROOT, "dist/tautline.esm.min.js"), "utf8");
  const files = {};
  for (const [name, make] of Object.entries(VARIANTS)) {
    files[name] = join(folder, `${name}.mjs`);
    await writeFile(files[name], await make(text));
  }
  return files;
}

async function compiledFor(target, text) {
  return (await transform(text, { target, format: "esm", minifySyntax: false })).code;
}

async function bundledBy(bundler) {
  const app = `import { io } from "tautline";\nglobalThis.app = { io };\n`;
  // An app's bundle exports nothing.
  return `${await bundleApp(bundler, app)}\nexport const { io } = globalThis.app;\n`;
}

export async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}
