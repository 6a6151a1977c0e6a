import path from "node:path";
import { build } from "esbuild";
import { examples } from "../examples.mjs";

const PAGES = ["home/page.js", "doctor/page.js", "inspector/page.js"];

/**
 * The modules of pages that import packages, as an app would: `tautline/upload`, `react`.. They are built when the demo
 * starts, and kept in memory.
 *
 * @param {string} folder
 * @returns {Promise<Map<string, string>>} by their path below `/built/`
 */
export async function buildBundles(folder) {
  const files = examples
    .map(({ sources }) => sources[0])
    .map((file) => file.replace("public/", ""));
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: [...PAGES, ...files],
    outbase: folder,
    outdir: folder,
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    // errors have hints
    conditions: ["development"],
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    write: false,
    logLevel: "error",
  });
  return new Map(
    outputFiles.map(({ path: file, text }) => [
      path.relative(folder, file).split(path.sep).join("/"),
      text,
    ]),
  );
}
