import { existsSync, readFileSync } from "node:fs";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import dts from "rollup-plugin-dts";
import esbuild from "rollup-plugin-esbuild";
import { callableTypes } from "./scripts/callable-types.mjs";
import { entries, entryName } from "./scripts/entries.mjs";

const { name, version, license } = JSON.parse(
  readFileSync(new URL("package.json", import.meta.url), "utf8"),
);
const banner = `/*! ${name} ${version} | ${license} licence, with the notices of the code it contains: see LICENSE */`;

const missing = entries.filter(({ source }) => !existsSync(source));
if (missing.length) {
  throw new Error(`No such entry: ${missing.map(({ source }) => source).join(", ")}`);
}
const input = Object.fromEntries(entries.map((entry) => [entryName(entry), entry.source]));
const callable = new Map(
  entries.filter((entry) => entry.callable).map((entry) => [entryName(entry), entry.callable]),
);

/** Packages stay imports; only the bundles for script tags and CDNs contain them. */
const external = (id) => /^[^./\0]/.test(id) && !id.startsWith("/");
const strip = () => esbuild({ target: "es2022", tsconfig: false });
const bundle = () => [nodeResolve({ browser: true }), commonjs(), strip()];
const small = (module) =>
  terser({
    ecma: 2020,
    module,
    // The top level of a script tag is the page's: renaming there leaks globals.
    toplevel: module,
    compress: {
      passes: 3,
      unsafe_arrows: true,
      pure_getters: true,
      keep_fargs: false,
      // A function that is called from one place only would become a closure that is made anew at each call.
      reduce_funcs: false,
    },
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

/** One input, so that entries share their modules: `instanceof` holds across them. */
const shared = (extension) => ({
  dir: "dist",
  entryFileNames: `[name]${extension}`,
  chunkFileNames: `chunks/shared${extension}`,
  banner,
});

export default [
  {
    input,
    external,
    plugins: [strip()],
    output: [
      { ...shared(".js"), format: "es", sourcemap: true },
      {
        ...shared(".cjs"),
        format: "cjs",
        exports: "named",
        interop: "compat",
        sourcemap: true,
        footer: callableFooter,
      },
    ],
  },
  {
    input,
    external,
    plugins: [dts({ tsconfig: "tsconfig.json" })],
    output: [
      { ...shared(".d.ts"), format: "es" },
      { ...shared(".d.cts"), format: "es", plugins: [callableTypes(callable)] },
    ],
  },
  {
    input: "src/cdn.ts",
    plugins: bundle(),
    output: ["tautline.js", "tautline.min.js"].map((file) => ({
      file: `dist/${file}`,
      format: "umd",
      name: "io",
      exports: "default",
      sourcemap: true,
      banner,
      plugins: file.includes(".min.") ? [small(false)] : [],
    })),
  },
  {
    input: "src/index.ts",
    plugins: bundle(),
    output: {
      file: "dist/tautline.esm.min.js",
      format: "es",
      sourcemap: true,
      banner,
      plugins: [small(true)],
    },
  },
];
