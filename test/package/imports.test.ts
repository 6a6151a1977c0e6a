import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { JSDOM } from "jsdom";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundles, entries, subpathEntries } from "../../scripts/entries.mjs";
import { type InstalledPackage, installTarball } from "./tarball.ts";

/** What `tautline` exports: no more, no less. */
const publicNames = [
  "Fetch",
  "Manager",
  "Socket",
  "TautlineError",
  "WebSocket",
  "WebTransport",
  "XHR",
  "connect",
  "createIo",
  "default",
  "io",
  "protocol",
];

/** Runs before an import, and tells what the import did to its host. */
const watchedHost = `
  const seen = [];
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  for (const name of ["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"]) {
    globalThis[name] = () => seen.push("called " + name);
  }
  for (const name of ["addEventListener", "WebSocket", "XMLHttpRequest", "BroadcastChannel"]) {
    globalThis[name] = function () { seen.push("called " + name); };
    before.add(name);
  }
  for (const name of ["window", "document", "navigator", "location", "localStorage"]) {
    const get = () => void seen.push("read " + name);
    Object.defineProperty(globalThis, name, { get, configurable: true });
    before.add(name);
  }
  const listeners = () => process.eventNames().map((name) => process.listenerCount(name));
  const processListeners = JSON.stringify(listeners());
  const report = () => {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (!before.has(name)) seen.push("new global " + name);
    }
    if (JSON.stringify(listeners()) !== processListeners) seen.push("listens to the process");
    process.stdout.write(JSON.stringify(seen));
  };
`;

const browserEntries = entries.filter(({ subpath }) => subpath !== "./server");
/** What these frameworks do when they are imported is theirs: they are there before. */
const peerOf = (subpath: string) => /^\.\/(react|vue)$/.exec(subpath)?.[1] ?? "node:path";
const specifier = (subpath: string) => `tautline${subpath.slice(1)}`;

describe("The packed tarball", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
  });
  afterAll(() => installed.remove());

  describe("imported as an ES module", () => {
    it("exports the public names (PKG-6)", () => {
      const names = installed.run(
        `import * as all from "tautline"; console.log(JSON.stringify(Object.keys(all)))`,
      );
      expect(names).toEqual(publicNames);
    });

    it("has io as its default export (TYP-1)", () => {
      const same = installed.run(
        `import io, * as all from "tautline"; console.log(io === all.io && io === all.connect)`,
      );
      expect(same).toBe(true);
    });

    it.each(browserEntries)(
      "does nothing to its host when $subpath is imported (PKG-8)",
      ({ subpath }) => {
        const done = installed.run(
          `await import("${peerOf(subpath)}"); ${watchedHost} await import(${JSON.stringify(specifier(subpath))}); report();`,
        );
        expect(done).toEqual([]);
      },
    );
  });

  describe("required as CommonJS", () => {
    it("is io itself, with the public names on it (PKG-7)", () => {
      const told = installed.run(
        `const io = require("tautline");
         console.log(JSON.stringify({
           type: typeof io,
           names: Object.keys(io).sort(),
           same: io.io === io && io.connect === io && io.default === io,
           esModule: io.__esModule,
         }))`,
        "commonjs",
      );
      expect(told).toEqual({ type: "function", names: publicNames, same: true, esModule: true });
    });

    it.each(browserEntries)(
      "does nothing to its host when $subpath is required (PKG-8)",
      ({ subpath }) => {
        const done = installed.run(
          `require("${peerOf(subpath)}"); ${watchedHost} require(${JSON.stringify(specifier(subpath))}); report();`,
          "commonjs",
        );
        expect(done).toEqual([]);
      },
    );
  });

  const developed = entries.filter(({ development }) => development);

  it.each(developed)(
    "exports the same in the development form of $subpath (PKG-9)",
    ({ subpath }) => {
      const script = `import * as all from ${JSON.stringify(specifier(subpath))}; console.log(JSON.stringify(Object.keys(all)))`;
      expect(installed.run(script, "module", "--conditions=development")).toEqual(
        installed.run(script),
      );
    },
  );

  it.each(["module", "commonjs"] as const)(
    "shares its classes between entries (%s) (PKG-10)",
    (type) => {
      const list = JSON.stringify(browserEntries.map(({ subpath }) => specifier(subpath)));
      const slimAt = browserEntries.findIndex(({ subpath }) => subpath === "./slim") - 1;
      const load = type === "module" ? "(name) => import(name)" : "async (name) => require(name)";
      const strangers = installed.run(
        `Promise.all(${list}.map(${load})).then(([main, ...others]) => {
         const differs = (other) => (name) => name in other && other[name] !== main[name];
         const classes = ["Socket", "TautlineError", "WebSocket"];
         // a Manager is the slim one, or one that has the entry's parts too
         const { prototype: slim } = others[${slimAt}].Manager;
         const isApart = ({ Manager }) =>
           Manager && Manager.prototype !== slim && !slim.isPrototypeOf(Manager.prototype);
         console.log(JSON.stringify([main, ...others].flatMap((other) =>
           [...classes.filter(differs(other)), ...(isApart(other) ? ["Manager"] : [])])));
       })`,
        type,
      );
      expect(strangers).toEqual([]);
    },
  );

  it("is found by bundlers that do not read exports (PKG-11)", () => {
    const found = installed.run(
      `const { join } = require("node:path");
       const names = ${JSON.stringify(["", ...subpathEntries().map(({ subpath }) => subpath)])};
       const load = (name) => require(join(${JSON.stringify(installed.folder)}, name));
       console.log(JSON.stringify(names.filter((name) => !Object.keys(load(name)).length)))`,
      "commonjs",
    );
    expect(found).toEqual([]);
  });

  const scriptTags = bundles.filter(({ global }) => global);
  const modules = bundles.filter(({ global }) => !global).map(({ file }) => file);

  it.each(scriptTags)("adds one global, io, by script tag ($file) (PKG-12)", ({ file, adds }) => {
    const dom = new JSDOM("", { runScripts: "outside-only", url: "http://page.test/" });
    const { window } = dom;
    const before = Object.getOwnPropertyNames(window);
    window.eval(installed.read(`dist/${file}`));
    const added = Object.getOwnPropertyNames(window).filter((name) => !before.includes(name));
    expect(added).toEqual(["io"]);
    const io = (window as unknown as { io: Record<string, unknown> }).io;
    expect(io).toBeTypeOf("function");
    for (const name of ["connect", "Manager", "Socket", "TautlineError", ...(adds ?? [])]) {
      expect(io[name], name).toBeTypeOf("function");
    }
    expect(io["protocol"]).toBe(5);
    window.close();
  });

  it.each(modules)("is a self-contained ES module for CDNs (%s) (PKG-14)", (module) => {
    const away = mkdtempSync(join(tmpdir(), "tautline-cdn-"));
    const file = join(away, "tautline.mjs");
    copyFileSync(join(installed.folder, "dist", module), file);
    const names = installed.run(
      `import * as all from ${JSON.stringify(pathToFileURL(file).href)};
       console.log(JSON.stringify(Object.keys(all)))`,
    );
    rmSync(away, { recursive: true });
    expect(names).toEqual(publicNames);
  });
});
