import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "./tarball.ts";

describe("The layer rules", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tautline-layers-"));
    write("tsconfig.json", "{}");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }

  function violations(): string[] {
    const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const config = join(root, ".dependency-cruiser.mjs");
    const flags = [tool, "src", "--config", config, "--output-type", "json"];
    const { stdout, stderr } = spawnSync(process.execPath, flags, {
      cwd: folder,
      encoding: "utf8",
    });
    if (!stdout) throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { rule: { name: string } }[] };
    };
    return summary.violations.map(({ rule }) => rule.name);
  }

  it("let a floor import what stands below it", () => {
    write("src/manager/manager.ts", `import { link } from "../socket/link.js"; export { link };`);
    write("src/socket/link.ts", `import { quote } from "../errors.js"; export const link = quote;`);
    write("src/errors.ts", `export const quote = String;`);
    expect(violations()).toEqual([]);
  });

  it("refuse an import that points up, even of a type alone", () => {
    write("src/protocol/packet.ts", `import type { A } from "../manager/a.js"; export type B = A;`);
    write("src/manager/a.ts", `export type A = string;`);
    expect(violations()).toEqual(["protocol: imports point down"]);
  });

  it("refuse a cycle of types within one floor", () => {
    write("src/manager/a.ts", `import type { B } from "./b.js"; export type A = B | string;`);
    write("src/manager/b.ts", `import type { A } from "./a.js"; export type B = A[];`);
    expect(new Set(violations())).toEqual(new Set(["no cycle"]));
  });

  it("keep what packets are, and what engines do, below what connections are", () => {
    write("src/pipeline/a.ts", `import type { C } from "../connection/c.js"; export type A = C;`);
    write("src/engine/b.ts", `import type { A } from "../pipeline/a.js"; export type B = A;`);
    write("src/connection/c.ts", `export type C = string;`);
    expect(violations().sort()).toEqual([
      "engine: imports point down",
      "pipeline: imports point down",
    ]);
  });

  it("let a subpath's index give more than its folder has", () => {
    write("src/delivery/index.ts", `export { flush } from "../reading/waiting.js";`);
    write(
      "src/reading/waiting.ts",
      `import { quote } from "../errors.js"; export { quote as flush };`,
    );
    write("src/errors.ts", `export const quote = String;`);
    expect(violations()).toEqual([]);
  });

  it("ask a floor of every module", () => {
    write("src/helpers.ts", `import { quote } from "./errors.js"; export { quote };`);
    write("src/errors.ts", `export const quote = String;`);
    expect(violations()).toEqual(["every module that imports has a floor"]);
  });
});

describe("The house rules", () => {
  // the house's own rules look at the syntax alone: without types, nothing depends on what else is on the disk
  const eslint = new ESLint({ cwd: root, overrideConfig: tseslint.configs.disableTypeChecked });

  async function broken(path: string, text: string): Promise<(string | null)[]> {
    const [result] = await eslint.lintText(text, { filePath: join(root, path) });
    return (result?.messages ?? []).map(({ ruleId }) => ruleId);
  }

  it("let only the platform know the globals of a host", async () => {
    const text = "export const title = (): string => document.title;\n";
    expect(await broken("src/url.ts", text)).toEqual(["no-restricted-globals"]);
    expect(await broken("src/platform/browser.ts", text)).toEqual([]);
  });

  it("refuse fields that bundlers compile to WeakMaps, and private members by other names", async () => {
    expect(
      await broken("src/url.ts", "export class A { #b = 1; c = (): number => this.#b; }\n"),
    ).toEqual(["no-restricted-syntax", "no-restricted-syntax"]);
    expect(await broken("src/url.ts", "export class A { private b = 1; }\n")).toContain(
      "no-restricted-syntax",
    );
    expect(await broken("src/url.ts", "export class A { _b = 1; }\n")).toEqual([
      "no-restricted-syntax",
    ]);
  });

  it("refuse to reach into a private field", async () => {
    const text = 'export const peek = (a: { _b: number }): number => a["_b"];\n';
    expect(await broken("src/url.ts", text)).toEqual(["no-restricted-syntax"]);
  });

  it("refuse to do something at import", async () => {
    const text = "export const names: string[] = [];\nnames.push('a');\n";
    expect(await broken("src/url.ts", text)).toEqual(["no-restricted-syntax"]);
  });

  it("refuse to silence the compiler", async () => {
    const text = "// @ts-ignore\nexport const n: number = 1;\n";
    expect(await broken("src/url.ts", text)).toEqual(["@typescript-eslint/ban-ts-comment"]);
  });

  it("refuse a test that hides the others", async () => {
    const text = `import { it } from "vitest";\nit.${"only"}("works", () => {});\n`;
    expect(await broken("test/package/lint.test.ts", text)).toEqual(["no-restricted-syntax"]);
  });
});
