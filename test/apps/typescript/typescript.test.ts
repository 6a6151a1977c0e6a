import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { installTarball } from "../../package/tarball.ts";
import { startSocketIo } from "../../support/servers.ts";
import { libraries, root } from "../support/libraries.ts";

const strict: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  skipLibCheck: false,
  noUncheckedIndexedAccess: true,
  typeRoots: [join(root, "node_modules/@types")],
};

function compile(files: string[], options: ts.CompilerOptions): string[] {
  const program = ts.createProgram(files, { ...strict, ...options });
  const { diagnostics } = program.emit();
  return [...ts.getPreEmitDiagnostics(program), ...diagnostics].map(
    ({ file, messageText }) =>
      `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
  );
}

/** A shop that asks at the end of its talk. */
async function startShop() {
  const shop = await startSocketIo();
  onTestFinished(() => shop.close());
  shop.io.on("connection", (socket) => {
    socket.emit("asked", "Nails?", () => socket.emit("price", "nails", 250));
    if (socket.handshake.auth["name"] !== "buyer") return;
    // a client that has no answer gets its price all the same
    if (socket.handshake.query["asks"] === "no") socket.emit("price", "nails", 250);
    socket.on("order", (_item: string, count: number, done: (total: number) => void) => {
      done(2.5 * count);
    });
    socket.on("bye", () => socket.disconnect());
  });
  shop.io
    .of("/staff")
    .use(({ handshake }, next) =>
      next(handshake.auth["name"] === "staff" ? undefined : new Error("staff only")),
    )
    .on("connection", (socket) => {
      socket.on("list", (done: (items: string[]) => void) => done(["nails"]));
    });
  return shop;
}

describe.each(libraries)("TypeScript with $name as socket.io-client", ({ name, types }) => {
  let app: string;

  beforeAll(() => {
    if (name === "tautline") {
      // as npm does for `"socket.io-client": "npm:tautline"`
      const installed = installTarball();
      app = installed.app;
      renameSync(installed.folder, join(app, "node_modules/socket.io-client"));
    } else {
      app = mkdtempSync(join(tmpdir(), "reference-app-"));
      mkdirSync(join(app, "node_modules"));
      symlinkSync(join(root, "node_modules", name), join(app, "node_modules", name), "junction");
    }
    for (const file of ["main.mts", "main.cts"])
      copyFileSync(join(root, "test/apps/typescript/fixtures", file), join(app, file));
  });

  afterAll(() => rmSync(app, { recursive: true, force: true }));

  it.each([
    [
      "ES modules",
      "main.mts",
      [
        ["price", "nails", 250],
        ["total", "5.00"],
        ["again", null, 7.5],
        ["gone", "io server disconnect", false],
        ["refused", true, "staff only"],
      ],
    ],
    [
      "CommonJS",
      "main.cts",
      [
        ["the same", true, "function", "function"],
        ["total", 10],
        ["list", ["nails"], true],
      ],
    ],
  ])("as %s compiles and runs in Node", async (_name, file, expected) => {
    const source = join(app, file);
    const problems = compile([source], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ["node"],
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    });
    expect(problems).toEqual([]);
    const { url } = await startShop();
    const script = source.replace(/ts$/, "js");
    const { stdout } = await promisify(execFile)(process.execPath, [script, url], {
      timeout: 40_000,
    });
    expect(JSON.parse(stdout)).toEqual(expected);
  });

  it("compiles what the other apps are made of", () => {
    const folder = join(root, "test/apps");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith("main.ts"))
      .map((path) => join(folder, path));
    expect(sources.length).toBeGreaterThan(4);
    const problems = compile(sources, {
      noEmit: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      // of the parser's own types
      skipLibCheck: true,
      types: ["node"],
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      paths: { "socket.io-client": [types] },
    });
    expect(problems).toEqual([]);
  });
});
