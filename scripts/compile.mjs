import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { transform } from "esbuild";
import { PRIVATE, privateNames, PUBLIC } from "./private-names.mjs";

/** A defined field would become a call of defineProperty in what is compiled down further. */
const FIELDS = { compilerOptions: { useDefineForClassFields: false } };

/**
 * Compiles TypeScript to JavaScript of one year, with short names for private members.
 *
 * @param {{ target: string, names?: Record<string, string> }} options `target` as esbuild names it, "es2020"
 * @returns {import("rollup").Plugin[]}
 */
export function compile({ target, names = privateNames() }) {
  const mangled = {
    name: "mangle",
    /** A source imports "./x.js", as its compiled form does. */
    resolveId(id, importer) {
      if (importer === undefined || !/^\..*\.js$/.test(id)) return null;
      const source = resolve(dirname(importer), id.replace(/js$/, "ts"));
      return existsSync(source) ? source : null;
    },
    async transform(text, id) {
      if (!id.endsWith(".ts")) return null;
      const { code, map, mangleCache } = await transform(text, {
        loader: "ts",
        // esbuild lowers what it has renamed to this["_a"], with a variable for each: that is done afterwards.
        target: "esnext",
        sourcefile: id,
        sourcemap: true,
        mangleProps: PRIVATE,
        reserveProps: PUBLIC,
        mangleCache: names,
        tsconfigRaw: {
          compilerOptions: { ...FIELDS.compilerOptions, verbatimModuleSyntax: true },
        },
      });
      const unknown = Object.keys(mangleCache).filter((name) => !(name in names));
      if (unknown.length) this.error(`${id}: not in the table of names: ${unknown.join(", ")}`);
      return { code, map };
    },
  };
  const lowered = {
    name: "lower",
    async transform(text, id) {
      if (!id.endsWith(".ts")) return null;
      const options = { loader: "js", target, sourcefile: id, sourcemap: true };
      const { code, map } = await transform(text, { ...options, tsconfigRaw: FIELDS });
      return { code, map };
    },
  };
  return [mangled, lowered];
}
