import path from "node:path";
import { build } from "esbuild";

/**
 * The module of the simulator's page: a browser does not find `tautline/test` by itself.
 *
 * @param {string} root the project's folder
 * @returns {Promise<string>}
 */
export async function buildSimulator(root) {
  const folder = path.join(root, "demo/public/simulator");
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, "page.js")],
    inject: [path.join(folder, "node-parts.js")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles[0].text;
}
