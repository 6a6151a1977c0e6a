import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build as buildWithEsbuild } from "esbuild";
import ts from "typescript";
import { build as buildWithVite } from "vite7";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import webpack from "webpack";
import { type InstalledPackage, installTarball } from "../../package/tarball.ts";

/** What docs/migrating.md says. */
const alias = { "socket.io-client": "tautline" };

const MAIN = `
import { io } from "socket.io-client";
import standard from "socket.io-client";
import { connect } from "third-party";
globalThis.seen = [standard === io, io.protocol, connect.protocol, typeof connect.Manager];
`;

/** A package that has a socket.io-client of its own, as far as it knows. */
const THIRD_PARTY = `
const { io } = require("socket.io-client");
exports.connect = io;
`;

describe("An app whose socket.io-client is an alias of tautline, in all of its packages", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
    const third = join(installed.app, "node_modules/third-party");
    mkdirSync(third);
    writeFileSync(join(third, "index.js"), THIRD_PARTY);
    writeFileSync(join(third, "package.json"), '{ "name": "third-party", "main": "index.js" }');
    writeFileSync(join(installed.app, "main.js"), MAIN);
  });

  afterAll(() => installed?.remove());

  const file = (name: string): string => join(installed.app, name);

  /** Runs a built script in a scope of its own, and gives what the app has seen. */
  function run(script: string): unknown {
    const scope: { seen?: unknown } = {};
    new Function("globalThis", script)(scope);
    return scope.seen;
  }

  /** The third party may get a copy of its own, as it calls require(): so it is with the reference client. */
  function expectTautline(script: string): void {
    expect(script).toContain("tautline-probe-");
    expect(run(script)).toEqual([true, 5, 5, "function"]);
  }

  it("is built by esbuild (PKG-37)", async () => {
    const { outputFiles } = await buildWithEsbuild({
      entryPoints: [file("main.js")],
      bundle: true,
      write: false,
      format: "iife",
      alias,
    });
    expectTautline(outputFiles[0]?.text ?? "");
  });

  it("is built by Vite (PKG-37)", async () => {
    await buildWithVite({
      root: installed.app,
      logLevel: "silent",
      resolve: { alias },
      build: {
        lib: { entry: file("main.js"), formats: ["iife"], name: "app", fileName: "app" },
        outDir: "vite",
      },
    });
    expectTautline(readFileSync(file("vite/app.iife.js"), "utf8"));
  });

  it("is built by webpack (PKG-37)", async () => {
    await new Promise<void>((resolve, reject) => {
      webpack(
        {
          mode: "production",
          context: installed.app,
          entry: "./main.js",
          output: { path: file("webpack"), filename: "app.js" },
          resolve: { alias: { "socket.io-client$": "tautline" } },
        },
        (error, stats) => {
          const problem = error ?? stats?.compilation.errors[0];
          if (problem) reject(problem);
          else resolve();
        },
      );
    });
    expectTautline(readFileSync(file("webpack/app.js"), "utf8"));
  });

  it("has the types of tautline (PKG-37)", () => {
    writeFileSync(
      file("main.ts"),
      `import { io, type ManagerOptions } from "socket.io-client";
       const options: Partial<ManagerOptions> = { minUptime: 5 };
       // only Tautline's sockets have a ttl
       export const view = io("http://localhost", options).ttl(100);`,
    );
    const program = ts.createProgram([file("main.ts")], {
      noEmit: true,
      strict: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      types: [],
      baseUrl: installed.app,
      paths: { "socket.io-client": ["./node_modules/tautline"] },
    });
    const problems = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
    expect(problems).toEqual([]);
  });
});
