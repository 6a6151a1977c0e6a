/**
 * What the bundlers of today make of an app. Each is run with the settings that a new project has, for
 * production; rollup, which has no minifier, with terser.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";
import * as esbuild from "esbuild";
import { rollup } from "rollup";

const root = fileURLToPath(new URL("..", import.meta.url));

/** By name: `(file, mode) => text`, for an app that is the one module `file`. */
const bundlers = {
  async rollup(file, mode) {
    const resolver = nodeResolve({ browser: true, exportConditions: [mode] });
    const bundle = await rollup({
      input: file,
      external: (id) => /^(react|vue|node:)/.test(id),
      plugins: [resolver, commonjs(), terser({ module: true })],
      onwarn: () => {},
    });
    const { output } = await bundle.generate({ format: "es", inlineDynamicImports: true });
    await bundle.close();
    return output[0].code;
  },
  vite5: async (file, mode) => viteBuild(await import("vite5"), file, mode),
  vite7: async (file, mode) => viteBuild(await import("vite7"), file, mode),
  async webpack(file, mode) {
    const { default: webpack } = await import("webpack");
    const path = dirname(file);
    const filename = "webpack.out.js";
    const compiler = webpack({ mode, context: path, entry: file, output: { path, filename } });
    await new Promise((resolve, reject) => {
      compiler.run((error, stats) => {
        if (error) reject(error);
        else if (stats.hasErrors()) reject(new Error(stats.toString("errors-only")));
        else compiler.close(resolve);
      });
    });
    return readFileSync(join(path, filename), "utf8");
  },
  esbuild: (file) => esbuildBuild(file),
};

/** `target`: what esbuild compiles the syntax down to, "es2015". */
export async function esbuildBuild(file, target = "esnext") {
  const { outputFiles } = await esbuild.build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: "esm",
    target,
    write: false,
  });
  return outputFiles[0].text;
}

export async function viteBuild({ build }, file, mode) {
  const result = await build({
    root: dirname(file),
    configFile: false,
    logLevel: "error",
    mode,
    // packages here are links: all of them are to get the app's framework
    resolve: { dedupe: ["react", "react-dom", "vue"] },
    build: { write: false, rollupOptions: { input: file } },
  });
  return result.output[0].code;
}

/** The file that Vite's development server serves for `specifier`. */
export async function viteDevResolves(vite, folder, specifier) {
  const { createServer } = await import(vite);
  return inEnvironment("development", async () => {
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: "error",
      server: { middlewareMode: true, ws: false, watch: null },
      optimizeDeps: { noDiscovery: true },
    });
    const found = await server.pluginContainer.resolveId(specifier, join(folder, "app.js"));
    await server.close();
    return found?.id;
  });
}

export const bundlerNames = Object.keys(bundlers);

/**
 * The bundle of an app in whose node_modules stand `packages`.
 *
 * @param {string | ((file: string, mode: string) => Promise<string>)} bundler one of `bundlerNames`, or another's function
 * @param {string} code the app
 * @param {{ packages?: Record<string, string>, mode?: "production" | "development" }} [options] `packages`: name
 *   to folder; both clients without it
 */
export async function bundleApp(bundler, code, { packages = clients, mode = "production" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tautline-bundle-"));
  try {
    const modules = join(folder, "node_modules");
    mkdirSync(modules);
    for (const [name, target] of Object.entries(packages)) {
      symlinkSync(target, join(modules, name), "junction");
    }
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    const file = join(folder, "app.js");
    writeFileSync(file, code);
    const bundle = typeof bundler === "string" ? bundlers[bundler] : bundler;
    return await inEnvironment(mode, () => bundle(file, mode));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let latest = Promise.resolve();

/** Bundlers ask NODE_ENV for the mode too, and write it: one after the other. */
function inEnvironment(mode, build) {
  const built = latest.then(async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = mode;
    try {
      return await build();
    } finally {
      if (before === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = before;
    }
  });
  latest = built.catch(() => {});
  return built;
}

const clients = {
  tautline: root,
  "socket.io-client": join(root, "node_modules/socket.io-client"),
};

/** An app that keeps what it imports, and exports nothing: `names` is "{ io }", or "*". */
export function appThatKeeps(names, specifier) {
  const kept = names === "*" ? "* as kept" : names;
  const value = names === "*" ? "kept" : names;
  return `import ${kept} from ${JSON.stringify(specifier)};\nglobalThis.app = ${value};\n`;
}
