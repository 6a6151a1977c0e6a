import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** As an app writes it. */
const asShown = (code: string): string =>
  code
    .replaceAll("../../src/index.js", "tautline")
    .replace(/\.\.\/\.\.\/src\/(\w+)\/index\.js/g, "tautline/$1")
    .replace(/"\.(?:\.\/recipes)?\/([\w-]+)\.js"/g, '"./$1"');

const page = read("docs/frameworks.md");
const shown = [...page.matchAll(/<!-- recipe: (\S+) -->\n\n```\w+\n([^]*?)```/g)].map(
  ([, path = "", code = ""]) => ({ path, code }),
);

describe("docs/frameworks.md", () => {
  it.each(shown)("shows $path as it is tested (FRW-1)", ({ path, code }) => {
    expect(code).toBe(asShown(read(path)));
  });

  it("shows every recipe, and no other code (FRW-1)", () => {
    const files = readdirSync(new URL("test/recipes/", root))
      .filter((name) => !/\.(test|d)\.ts$/.test(name))
      .map((name) => `test/recipes/${name}`);
    const paths = shown.map(({ path }) => path);
    expect(paths.sort()).toEqual([...files, "test/angular/angular-socket.ts"].sort());
    expect(page.match(/^```\w/gm)).toHaveLength(shown.length);
  });
});
