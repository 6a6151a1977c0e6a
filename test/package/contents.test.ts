import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundles, entries, exportsTable, subpathEntries, typesOf } from "../../scripts/entries.mjs";
import { type InstalledPackage, installTarball } from "./tarball.ts";

interface Manifest {
  dependencies: Record<string, string>;
  exports: Record<string, unknown>;
  sideEffects: boolean;
  homepage: string;
  bugs: { url: string };
  repository: { url: string };
  engines: { node: string };
}

interface SourceMap {
  sources: string[];
  sourcesContent: (string | null)[];
}

const bundleFiles = bundles.map(({ file }) => `dist/${file}`);

describe("The packed tarball", () => {
  let installed: InstalledPackage;
  let manifest: Manifest;
  let scripts: string[];

  beforeAll(() => {
    installed = installTarball();
    manifest = JSON.parse(installed.read("package.json")) as Manifest;
    scripts = installed.files.filter((file) => /^dist\/.*\.c?js$/.test(file));
  });
  afterAll(() => installed.remove());

  it("holds the build, the papers, and nothing else (PKG-1)", () => {
    const folders = subpathEntries().map(({ subpath }) => subpath.slice(2));
    const strangers = installed.files.filter(
      (file) =>
        !/^dist\/(chunks\/)?[\w.-]+\.(js|cjs|d\.ts|d\.cts)(\.map)?$/.test(file) &&
        !/^docs\/([\w-]+\/)?[\w-]+(\.zh-CN)?\.(md|svg)$/.test(file) &&
        !["package.json", "LICENSE", "README.md", "CHANGELOG.md", "README.zh-CN.md"].includes(
          file,
        ) &&
        !["llms.txt", "skill/SKILL.md"].includes(file) &&
        !folders.some((folder) => file === `${folder}/package.json`) &&
        file !== "bin/tautline.mjs",
    );
    expect(strangers).toEqual([]);
    expect(installed.files).toEqual(
      expect.arrayContaining(["LICENSE", "llms.txt", "skill/SKILL.md", ...bundleFiles]),
    );
  });

  it("exports what the table of entries says, in that order", () => {
    expect(JSON.stringify(manifest.exports)).toBe(JSON.stringify(exportsTable()));
    expect(manifest.sideEffects).toBe(false);
  });

  it("says where it comes from, and what runs it", () => {
    const home = "https://github.com/tautline/tautline";
    expect(manifest).toMatchObject({
      homepage: `${home}#readme`,
      bugs: { url: `${home}/issues` },
      repository: { url: `git+${home}.git` },
      engines: { node: ">=18" },
    });
  });

  it("gives each self-contained file, its map and its types an address", () => {
    for (const bundle of bundles) {
      const file = `./dist/${bundle.file}`;
      expect(manifest.exports[file]).toEqual({
        types: `./dist/${typesOf(bundle)}`,
        default: file,
      });
      expect(manifest.exports[`${file}.map`]).toBe(`${file}.map`);
    }
  });

  /** What pages for contributors speak of stays in the repository. */
  const isSource = (file: string): boolean => file.startsWith("src/");

  it("has pages whose links lead to each other", () => {
    const pages = installed.files.filter((file) => file.endsWith(".md"));
    const dead = pages.flatMap((page) =>
      [...installed.read(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !/^https?:/.test(target))
        .map((target) => join(dirname(page), target))
        .filter((target) => !installed.files.includes(target) && !isSource(target))
        .map((target) => `${page}: ${target}`),
    );
    expect(pages).toEqual(expect.arrayContaining(["README.md", "docs/api.md"]));
    expect(dead).toEqual([]);
  });

  it("has every file that its exports, or the folder of a subpath, lead to", () => {
    const targets = (value: unknown): string[] =>
      typeof value === "string" ? [value] : Object.values(value as object).flatMap(targets);
    const led = targets(manifest.exports).map((path) => path.slice(2));
    for (const { subpath } of subpathEntries()) {
      const folder = subpath.slice(2);
      const stub = JSON.parse(installed.read(`${folder}/package.json`)) as object;
      led.push(...targets(stub).map((path) => join(folder, path)));
    }
    expect(led.length).toBeGreaterThan(entries.length * 4);
    expect(installed.files).toEqual(expect.arrayContaining(led));
  });

  it("depends on exactly two packages (PKG-2)", () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(["backo2", "eventemitter3"]);
  });

  it("imports no other package but its peers (PKG-3)", () => {
    // Statements begin a line; a message may name an import too.
    const statement =
      /^(?:(?:import|export)\b.*?|(?:const|var) .*=.*\brequire\()["']([^."'][^"']*)["']\)?;$/gm;
    const imported = scripts
      .filter((file) => !bundleFiles.includes(file) && !file.startsWith("dist/server."))
      .flatMap((file) => [...installed.read(file).matchAll(statement)].map((match) => match[1]));
    // what Node itself has is imported by its form only: node-form.test.ts looks into the bundles of browsers
    const packages = imported.filter((name) => !name?.startsWith("node:"));
    expect([...new Set(packages)].sort()).toEqual(["backo2", "eventemitter3", "react", "vue"]);
  });

  it("has declarations that need no peer of another entry", () => {
    const files = installed.files.filter((file) => /\.d\.c?ts$/.test(file));
    const needing = files.filter((file) =>
      /from '\.{1,2}\/(react|vue)\.c?js'/.test(installed.read(file)),
    );
    expect(files.length).toBeGreaterThan(entries.length);
    expect(needing).toEqual([]);
  });

  it("starts each bundle with the licence banner, and no module: an app's bundle would keep each of them", () => {
    const files = installed.files.filter((file) => /^dist\/.*\.(js|cjs)$/.test(file));
    const marked = files.filter((file) => installed.read(file).startsWith("/*! tautline "));
    expect(marked.sort()).toEqual([...bundleFiles].sort());
  });

  it("carries the notices of the packages that its bundles contain (PKG-4)", () => {
    const licence = installed.read("LICENSE");
    for (const file of bundleFiles) expect(licence).toContain(file);
    expect(licence).toContain("eventemitter3");
    expect(licence).toContain("Copyright (c) 2014 Arnout Kazemier");
    expect(licence).toContain("backo2");
  });

  it("maps each script to the sources that it was made from (PKG-5)", () => {
    for (const file of scripts) {
      const link = /\n\/\/# sourceMappingURL=(\S+)\s*$/.exec(installed.read(file))?.[1];
      expect(link, file).toBeDefined();
      const map = JSON.parse(installed.read(join(dirname(file), link ?? ""))) as SourceMap;
      expect(map.sourcesContent, file).toHaveLength(map.sources.length);
      expect(map.sourcesContent, file).not.toContain(null);
    }
    const bundle = JSON.parse(installed.read("dist/tautline.min.js.map")) as SourceMap;
    for (const source of ["src/cdn.ts", "eventemitter3/", "backo2/"]) {
      expect(bundle.sources).toContainEqual(expect.stringContaining(source));
    }
  });
});
