import { existsSync, readFileSync } from "node:fs";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import dts from "rollup-plugin-dts";
import { bundleTypes } from "./scripts/bundle-types.mjs";
import { callableTypes } from "./scripts/callable-types.mjs";
import { compile } from "./scripts/compile.mjs";
import { bundles, inputs, TARGET } from "./scripts/entries.mjs";
import { privateNames } from "./scripts/private-names.mjs";
import { publicTypes } from "./scripts/public-types.mjs";

const { name, version, license } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const banner = `/*! ${name} ${version} | ${license} licence, with the notices of the code it contains: see LICENSE */`;

const callable = new Map(
  inputs()
    .filter(({ entry }) => entry.callable)
    .map(({ name, entry }) => [name, entry.callable]),
);
const typed = new Map(
  inputs()
    .filter(({ source, entry }) => entry.callable && source === entry.source)
    .map(({ name, entry }) => [name, entry.callable]),
);
/** One table for all that is built here, so that classes of one file can meet those of another. */
const names = privateNames();

/**
 * What terser finds and an app's minifier may not, above all esbuild's, which Vite uses: names and lines stay, what is said
 * twice goes.
 */
const compact = () =>
  terser({
    ecma: Number(TARGET.slice("es".length)),
    module: true,
    mangle: false,
    compress: { ...COMPRESS, sequences: false },
    format: { beautify: true, preserve_annotations: true },
  });

/** Packages stay imports; only the bundles for script tags and CDNs contain them. */
const external = (id) => /^[^./\0]/.test(id) && !id.startsWith("/");
const bundled = () => [
  nodeResolve({ browser: true }),
  commonjs(),
  compile({ target: TARGET, names }),
];
const COMPRESS = {
  passes: 3,
  unsafe_arrows: true,
  pure_getters: true,
  keep_fargs: false,
  // A function that is called from one place only would become a closure that is made anew at each call.
  reduce_funcs: false,
};
const small = (module) =>
  terser({
    ecma: Number(TARGET.slice("es".length)),
    module,
    // The top level of a script tag is the page's: renaming there leaks globals.
    toplevel: module,
    compress: COMPRESS,
    // V8 compiles a function in brackets at once: without them it would read the whole script tag twice.
    format: { comments: /^!/, wrap_func_args: !module },
  });

/** `require()` of a callable entry returns the function itself, with the exports on it. */
const callableFooter = (chunk) => {
  const main = chunk.isEntry && callable.get(chunk.name);
  if (!main) return "";
  return [
    `module.exports = Object.assign(exports.${main}, exports);`,
    `Object.defineProperty(module.exports, "__esModule", { value: true });`,
  ].join("\n");
};

/** Hooks are for the client half of an app whose other half is rendered by servers. */
const clientOnly = {
  name: "client-only",
  renderChunk: {
    order: "post",
    handler: (code, { isEntry, name }) =>
      isEntry && /^react(\.|$)/.test(name) ? { code: `"use client";${code}`, map: null } : null,
  },
};

/** A chunk that is imported for nothing: it has no side effects, and bundlers warn of it. The line stays, for the source map. */
const noBareChunks = {
  name: "no-bare-chunks",
  renderChunk: {
    order: "post",
    handler(code) {
      const bare = /^(?:import|require\()\s?["']\.\/(?:chunks\/)?shared\d+\.c?js["']\)?;$/gm;
      return bare.test(code) ? { code: code.replace(bare, ""), map: null } : null;
    },
  },
};

/** One input, so that entries share their modules: `instanceof` holds across them. */
const shared = (extension) => ({
  dir: "dist",
  entryFileNames: `[name]${extension}`,
  chunkFileNames: `chunks/shared${extension}`,
  // Imports of another file's imports, for a browser's sake: bundlers warn of them, as they import nothing.
  hoistTransitiveImports: false,
});

/** A self-contained file: a global for script tags, or an ES module. */
const selfContained = ({ file, source, global, isMinified }) => ({
  input: source,
  plugins: bundled(),
  output: {
    file: `dist/${file}`,
    ...(global ? { format: "umd", name: global, exports: "default" } : { format: "es" }),
    sourcemap: true,
    banner,
    plugins: isMinified ? [small(!global)] : [],
  },
});

const inputOf = (list) =>
  Object.fromEntries(
    list.map(({ name, source }) => {
      if (!existsSync(source)) throw new Error(`No such entry: ${source}`);
      return [name, source];
    }),
  );

export default [
  {
    input: inputOf(inputs()),
    external,
    plugins: [compile({ target: TARGET, names })],
    output: [
      {
        ...shared(".js"),
        format: "es",
        sourcemap: true,
        plugins: [compact(), clientOnly, noBareChunks],
      },
      {
        ...shared(".cjs"),
        format: "cjs",
        exports: "named",
        interop: "compat",
        sourcemap: true,
        footer: callableFooter,
        plugins: [compact(), clientOnly, noBareChunks],
      },
    ],
  },
  {
    input: inputOf(inputs().filter(({ entry, source }) => source === entry.source)),
    external,
    plugins: [dts({ tsconfig: "tsconfig.json" })],
    output: [
      { ...shared(".d.ts"), format: "es", plugins: [publicTypes(), bundleTypes()] },
      { ...shared(".d.cts"), format: "es", plugins: [publicTypes(), callableTypes(typed)] },
    ],
  },
  ...bundles.map(selfContained),
];
