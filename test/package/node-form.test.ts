import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleApp, bundlerNames } from "../../scripts/bundlers.mjs";
import { type InstalledPackage, installTarball } from "./tarball.ts";

/** Which polling a build has: Node's says so in its errors. */
const asksNode = `
  const socket = io("http://127.0.0.1:9", {
    transports: ["polling"], withCredentials: true, reconnection: false, forceNew: true,
  });
  socket.on("connect_error", ({ message }) => console.log(JSON.stringify(message)));`;

describe("The packed tarball, in Node", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
  });
  afterAll(() => installed.remove());

  it.each([
    ["imported", "module", `import { io } from "tautline";`, []],
    ["required", "commonjs", `const io = require("tautline");`, []],
    ["imported while developing", "module", `import { io } from "tautline";`, ["development"]],
    ["required while developing", "commonjs", `const io = require("tautline");`, ["development"]],
  ] as const)("does what Node can do when it is %s", (_how, type, load, conditions) => {
    const flags = conditions.map((name) => `--conditions=${name}`);
    expect(installed.run(load + asksNode, type, ...flags)).toBe("http poll error");
  });

  it("explains its errors in the development form only", () => {
    const script = `import { io } from "tautline";
      const socket = io("http://127.0.0.1:9", { transports: ["polling"], reconnection: false });
      socket.on("connect_error", ({ hint }) => console.log(JSON.stringify(hint ?? null)));`;
    expect(installed.run(script)).toBeNull();
    expect(installed.run(script, "module", "--conditions=development")).toMatch(/\w+ \w+ \w+/);
  });

  it("exports the same as in a browser (NOD-1)", () => {
    const names = (file: string): unknown =>
      installed.run(
        `import(${JSON.stringify(file)}).then((all) => console.log(JSON.stringify(Object.keys(all))))`,
      );
    expect(names("tautline")).toEqual(names(`${installed.folder}/dist/index.js`));
  });

  it("is one copy with the subpaths", () => {
    const same = installed.run(
      `import { TautlineError, Socket, createIo } from "tautline";
       import { node } from "tautline/node";
       import * as slim from "tautline/slim";
       const { Manager } = createIo({}, node);
       console.log(TautlineError === slim.TautlineError && Socket === slim.Socket &&
         Manager.prototype instanceof slim.Manager)`,
    );
    expect(same).toBe(true);
  });

  it.each(bundlerNames)("leaves no trace in a browser's bundle (%s) (NOD-2)", async (bundler) => {
    const app = `import { io } from "tautline"; globalThis.socket = io("https://example.com");`;
    const code = await bundleApp(bundler, app, { packages: { tautline: installed.folder } });
    expect(code).not.toMatch(/node:|http poll|Set-Cookie/i);
  });
});
