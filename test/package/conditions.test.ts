import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleApp, bundlerNames, viteDevResolves } from "../../scripts/bundlers.mjs";
import { exportsOf, exportsTable, inputs } from "../../scripts/entries.mjs";

const entry = {
  subpath: ".",
  source: "src/index.ts",
  development: "src/development.ts",
  callable: "io",
};
const app = `import { form } from "two-forms"; globalThis.form = form;`;

/** A package of two forms, laid out as the table of entries lays out this one. */
describe("An entry with a development form", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tautline-forms-"));
    const modules = join(folder, "node_modules/two-forms");
    mkdirSync(join(modules, "dist"), { recursive: true });
    const manifest = { name: "two-forms", type: "module", exports: exportsTable([entry], []) };
    writeFileSync(join(modules, "package.json"), JSON.stringify(manifest));
    for (const [name, form] of [
      ["index", "lean"],
      ["index.development", "talkative"],
    ]) {
      writeFileSync(join(modules, `dist/${name}.js`), `export const form = "${form} module";`);
      writeFileSync(join(modules, `dist/${name}.cjs`), `exports.form = "${form} script";`);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const packages = () => ({ "two-forms": join(folder, "node_modules/two-forms") });

  function inNode(code: string, ...flags: string[]): string {
    const args = [...flags, "--eval", code];
    return execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim();
  }

  it("names it between the types and the default, for import and require, and one file for React Native", () => {
    expect(JSON.stringify(exportsOf(entry))).toBe(
      JSON.stringify({
        import: {
          types: "./dist/index.d.ts",
          "react-native": "./dist/index.cjs",
          development: "./dist/index.development.js",
          default: "./dist/index.js",
        },
        require: {
          types: "./dist/index.d.cts",
          development: "./dist/index.development.cjs",
          default: "./dist/index.cjs",
        },
      }),
    );
  });

  it("names the forms of hosts in front of the others", () => {
    const node = {
      ...entry,
      node: "src/index.node.ts",
      nodeDevelopment: "src/development.node.ts",
    };
    expect(JSON.stringify(exportsOf(node).import)).toBe(
      JSON.stringify({
        types: "./dist/index.d.ts",
        "react-native": "./dist/index.cjs",
        node: {
          development: "./dist/index.node.development.js",
          default: "./dist/index.node.js",
        },
        development: "./dist/index.development.js",
        default: "./dist/index.js",
      }),
    );
    expect(inputs([node]).map(({ name }) => name)).toEqual([
      "index",
      "index.development",
      "index.node",
      "index.node.development",
    ]);
  });

  it("is built from both sources", () => {
    expect(inputs([entry]).map(({ name, source }) => [name, source])).toEqual([
      ["index", "src/index.ts"],
      ["index.development", "src/development.ts"],
    ]);
  });

  it("is lean in Node, unless --conditions=development", () => {
    const script = `console.log(require("two-forms").form)`;
    const module = `import("two-forms").then(({ form }) => console.log(form))`;
    expect(inNode(script)).toBe("lean script");
    expect(inNode(module)).toBe("lean module");
    expect(inNode(script, "--conditions=development")).toBe("talkative script");
    expect(inNode(module, "--conditions=development")).toBe("talkative module");
  });

  it.each(bundlerNames)("is lean in production (%s) (PKG-15)", async (bundler) => {
    const code = await bundleApp(bundler, app, { packages: packages() });
    expect(code).toContain("lean module");
    expect(code).not.toContain("talkative");
  });

  // esbuild knows of no mode: an app names the condition itself.
  const knowing = bundlerNames.filter((name) => name !== "esbuild");

  it.each(knowing)("is talkative in development (%s) (PKG-15)", async (bundler) => {
    const code = await bundleApp(bundler, app, { packages: packages(), mode: "development" });
    expect(code).toContain("talkative module");
    expect(code).not.toContain("lean");
  });

  it.each(["vite5", "vite7"])("is talkative in the development server of %s", async (vite) => {
    expect(await viteDevResolves(vite, folder, "two-forms")).toMatch(/index\.development\.js$/);
  });
});
