import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** What a page of Markdown says outside of its code. */
const prose = (page: string): string => read(page).replace(/^```[^]*?^```/gm, "");

const headings = (page: string): string[] =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => text);

/** Where pages are, for a page that is shown elsewhere too. */
const HOME = "https://github.com/tautline/tautline/blob/main/";

/** The anchor that GitHub makes of a heading. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

const linksOf = (page: string): string[] =>
  [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);

const isAbsolute = (target: string): boolean => /^[a-z]+:/.test(target);

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

describe("docs/api.md", () => {
  const page = read("docs/api.md");
  const isMissing = (name: string): boolean => !page.includes("`" + name);

  it("names everything that the entry exports", () => {
    const entry = read("src/index.ts");
    const lists = [...entry.matchAll(/^export (?:type )?\{([^}]+)\}/gm)];
    const listed = lists.flatMap(([, list = ""]) =>
      list.split(",").map((item) => item.trim().split(" ").at(-1) ?? ""),
    );
    const declared = [...entry.matchAll(/^export (?:class|const|type) (\w+)/gm)];
    const names = [...listed.filter(Boolean), ...declared.map(([, name = ""]) => name)];
    expect(names).toContain("Manager");
    expect(names.filter(isMissing)).toEqual([]);
  });

  it.each([
    ["src/connection/options.ts", "ConnectionOptions"],
    ["src/manager/manager.ts", "ManagerOptions"],
    ["src/engine/options.ts", "EngineOptions"],
    ["src/socket/socket.ts", "SocketOptions"],
    ["src/connection/channel-options.ts", "ChannelOptions"],
    ["src/pipeline/pipeline-host.ts", "PipelineOptions"],
    ["src/pipeline/outbox.ts", "BufferOptions"],
  ])("has every option of %s, %s", (file, name) => {
    const body = new RegExp(`export interface ${name} [^]*?\\n}`).exec(read(file))?.[0] ?? "";
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option = ""]) => option);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter(isMissing)).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  it("has a line for every file of the source", () => {
    const page = read("docs/architecture.md");
    const files = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => name.replaceAll("\\", "/").split("/").at(-1) ?? "");
    expect(files.filter((name) => !page.includes(name + "`"))).toEqual([]);
  });
});

describe("The source", () => {
  it("refers to pages that exist", () => {
    const files = readdirSync(new URL("src/", root), { recursive: true, encoding: "utf8" });
    const named = files
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => read(`src/${name}`).match(/docs\/[\w/-]+\.md/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((page) => !existsSync(new URL(page, root)))).toEqual([]);
  });
});

describe("The README", () => {
  it("has absolute links, because registries and CDNs show it too", () => {
    const onThePage = /^#/;
    const others = linksOf("README.md").filter((target) => !onThePage.test(target));
    expect(others.filter((target) => !isAbsolute(target))).toEqual([]);
  });
});

describe.each(pages)("The links in %s", (page) => {
  const links = linksOf(page)
    .map((target) => (page === "README.md" ? target.replace(HOME, "") : target))
    .filter((target) => !isAbsolute(target));

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
