import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import commonjs from "@rollup/plugin-commonjs";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";

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
    node: withUrls({ peer, ...((await exists(node)) && { tautline: node }) }),
    chromium: { peer, ...((await exists(browser)) && { tautline: browser }) },
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

export async function exists(file) {
  return access(file).then(
    () => true,
    () => false,
  );
}

function withUrls(files) {
  return Object.fromEntries(
    Object.entries(files).map(([name, file]) => [name, pathToFileURL(file).href]),
  );
}
