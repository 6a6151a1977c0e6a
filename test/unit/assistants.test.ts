import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { entries, entryName } from "../../scripts/entries.mjs";

/** What coding assistants read of the package: all that is named there has to exist. */
const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const HOME = "https://github.com/tautline/tautline/blob/main/";

const texts = ["llms.txt", "skill/SKILL.md"];
const skill = read("skill/SKILL.md");

/** The source of an entry; the build of Node is the same by its names. */
const sources = new Map<string, string>([
  ["tautline", "src/index.ts"],
  ...entries.slice(1).map((entry) => {
    const name = entryName(entry);
    return [`tautline/${name}`, entry.source] as [string, string];
  }),
]);

const imports = [...skill.matchAll(/^import \{ ([^}]+) \} from "([^"]+)";/gm)].map(
  ([, names = "", from = ""]) => ({ from, names: names.split(", ") }),
);

describe("skill/SKILL.md", () => {
  it("imports from entries of the package, each of which it knows", () => {
    const named = new Set(imports.map(({ from }) => from));
    expect([...named].filter((from) => !sources.has(from))).toEqual([]);
    const needsNoWord = ["slim", "full", "node", "react-native", "webtransport", "inspector"];
    const unnamed = [...sources.keys()].filter(
      (name) => !named.has(name) && !needsNoWord.includes(name.replace("tautline/", "")),
    );
    expect(unnamed).toEqual([]);
  });

  it.each(imports)("names what $from exports", async ({ from, names }) => {
    const source = new URL(sources.get(from) ?? "", root);
    const entry = (await import(/* @vite-ignore */ source.href)) as object;
    expect(names.filter((name) => !(name in entry))).toEqual([]);
  });

  const section = skill.slice(
    skill.indexOf("## Options of io"),
    skill.indexOf("There are no options"),
  );
  const named = [...section.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
  const list = /KNOWN = `([^`]+)`/.exec(read("src/options/warn-unknown-options.ts"))?.[1] ?? "";
  const known = list.trim().split(/\s+/);

  it("names options that exist, and none as missing that does", () => {
    const options = named.filter((name) => name !== "api");
    expect(options.length).toBeGreaterThan(20);
    expect(options.filter((name) => !known.includes(name))).toEqual([]);
    const missing = /There are no options ([^\n]+)/.exec(skill)?.[1] ?? "";
    const denied = [...missing.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);
    expect(denied.length).toBeGreaterThan(0);
    expect(denied.filter((name) => known.includes(name))).toEqual([]);
  });

  it("names pages and states that exist", () => {
    const pages = [...skill.matchAll(/`([\w-]+\.md)`/g)].map(([, name = ""]) => name);
    expect(pages).toContain("errors.md");
    expect(pages.filter((name) => !existsSync(new URL(`docs/${name}`, root)))).toEqual([]);
    const states = /\/\/ (closed, [\w, ]+)/.exec(skill)?.[1]?.split(", ") ?? [];
    const table = read("src/connection/connection-table.ts");
    expect(states.length).toBe(6);
    expect(states.filter((state) => !new RegExp(`\\b${state}: \\{`).test(table))).toEqual([]);
  });

  it("is short", () => {
    expect(skill.split("\n").length).toBeLessThan(120);
  });
});

describe.each(texts)("The links in %s", (text) => {
  it("lead to files that exist", () => {
    const targets = [...read(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !target.startsWith(HOME))).toEqual([]);
    const paths = targets.map((target) => target.slice(HOME.length));
    expect(paths.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
  });
});

describe("llms.txt", () => {
  it("leads to each page for users", () => {
    const listed = read("llms.txt");
    const links = [...read("docs/README.md").matchAll(/\]\(([\w-]+\.md)[#)]/g)].map(
      ([, name = ""]) => name,
    );
    // for contributors, of interest to people alone, or in another language
    const others =
      /^(architecture|spec|performance|comparison|security|transports|reconnection|doctor|recorder|tutorial\.zh-CN)\.md$/;
    const pages = [...new Set(links)].filter((name) => !others.test(name));
    expect(pages.filter((name) => !listed.includes(`docs/${name}`))).toEqual([]);
  });
});
