import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPackage, installTarball } from "./tarball.ts";

const esModule = `
import io, { Manager, Socket, TautlineError, connect, protocol } from "tautline";
import type { ManagerOptions } from "tautline";
interface Events { hello: (name: string) => void }
const options: Partial<ManagerOptions> = { path: "/chat" };
const socket: Socket<Events, Events> = io("http://localhost", options);
socket.emit("hello", "you");
// @ts-expect-error a wrong argument
socket.emit("hello", 1);
const other: Socket = new Manager("http://localhost").socket("/admin");
const error: Error | undefined = undefined as TautlineError | undefined;
const five: 5 = protocol as 5;
export { connect, error, five, other };
`;

const commonJs = `
import io = require("tautline");
import standard, { Manager, type ManagerOptions } from "tautline";
interface Events { hello: (name: string) => void }
const options: Partial<ManagerOptions> = { path: "/chat" };
const socket: io.Socket<Events, Events> = io("http://localhost", options);
socket.emit("hello", "you");
// @ts-expect-error a wrong argument
socket.emit("hello", 1);
const other: io.Socket = new Manager("http://localhost").socket("/admin");
const third: io.Socket = io.connect("http://localhost");
const fourth: io.Socket = standard("http://localhost");
// @ts-expect-error no such export
void io.nothing;
export = { other, third, fourth };
`;

describe("The packed types", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
  });
  afterAll(() => installed.remove());

  function complaints(file: string, text: string, resolution: "node" | "bundler"): string[] {
    const path = join(installed.app, file);
    writeFileSync(path, text);
    const bundler = resolution === "bundler";
    const program = ts.createProgram([path], {
      target: ts.ScriptTarget.ES2022,
      module: bundler ? ts.ModuleKind.ESNext : ts.ModuleKind.NodeNext,
      moduleResolution: bundler
        ? ts.ModuleResolutionKind.Bundler
        : ts.ModuleResolutionKind.NodeNext,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ messageText, file, start }) =>
          `${file?.fileName.split("/").pop()}:${start}: ` +
          ts.flattenDiagnosticMessageText(messageText, "\n"),
      );
  }

  it("serve an ES module of Node", () => {
    expect(complaints("app.mts", esModule, "node")).toEqual([]);
  });

  it("serve an app that is bundled", () => {
    expect(complaints("app.ts", esModule, "bundler")).toEqual([]);
  });

  it("serve CommonJS, where the package is a function", () => {
    expect(complaints("app.cts", commonJs, "node")).toEqual([]);
  });
});
