import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** What a page of Markdown says outside of its code. */
const prose = (page: string): string => read(page).replace(/^```[^]*?^```/gm, "");

const headings = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text);

/** The anchor that GitHub makes of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("docs/errors.md", () => {
  const union = /export type ErrorCode =([^;]+);/.exec(read("src/errors.ts"))?.[1] ?? "";
  const codes = [...union.matchAll(/"([^"]+)"/g)].map(([, code = ""]) => code);
  const sections = headings("docs/errors.md").filter((text) => /^[a-z-]+$/.test(text));

  it("has one section for each code, and none for anything else", () => {
    expect(codes.length).toBeGreaterThan(0);
    expect(sections.sort()).toEqual(codes.sort());
  });
});

describe.each(pages)("The links in %s", (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

  it("lead to files and headings that exist", () => {
    const dead = links.filter((target) => {
      const [path = "", fragment] = target.split("#");
      const url = path ? new URL(path, new URL(page, root)) : new URL(page, root);
      if (!existsSync(url)) return true;
      if (fragment === undefined) return false;
      const file = path ? url.pathname.slice(root.pathname.length) : page;
      return !headings(file).map(anchor).includes(fragment);
    });
    expect(dead).toEqual([]);
  });
});
