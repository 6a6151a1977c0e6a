import path from "node:path";
import { build } from "esbuild";

/** The page connects to nothing: its network is in memory. */
export const SIMULATOR_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

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
