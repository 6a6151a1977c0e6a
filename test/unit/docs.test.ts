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
  "README.zh-CN.md",
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

  it("has one section for each code, and none for anything else (ERR-2)", () => {
    expect(codes.length).toBeGreaterThan(0);
    expect(sections.sort()).toEqual(codes.sort());
  });
});

describe("docs/api.md", () => {
  const page = read("docs/api.md");
  const isMissing = (name: string): boolean => !page.includes("`" + name);

  it("names everything that the entry exports (PKG-23)", () => {
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
    ["src/socket/socket-options.ts", "SocketOptions"],
    ["src/connection/channel-options.ts", "ChannelOptions"],
    ["src/pipeline/pipeline-host.ts", "PipelineOptions"],
    ["src/pipeline/outbox.ts", "BufferOptions"],
  ])("has every option of %s, %s (PKG-24)", (file, name) => {
    const body = new RegExp(`export interface ${name} [^]*?\\n}`).exec(read(file))?.[0] ?? "";
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option = ""]) => option);
    expect(options.length).toBeGreaterThan(0);
    expect(options.filter(isMissing)).toEqual([]);
  });
});

describe("docs/migrating.md", () => {
  const page = read("docs/migrating.md");
  const section = page.slice(
    page.indexOf("## What is different"),
    page.indexOf("## What an app may"),
  );
  const rows = [...section.matchAll(/^\| (.+?) +\|/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "what" && !/^-+$/.test(name));

  /** What test/integration/migrating.test.ts can't show: there are no two libraries to compare, or no page. */
  const elsewhere: Record<string, [file: string, words: string]> = {
    "`rememberUpgrade`": ["unit/engine/memory", "that is to last"],
    "a transport that failed here": ["unit/engine/memory", "memory"],
    "writing during an upgrade": ["unit/engine/upgrade", "lets writing go on meanwhile"],
    "the reconnection delay": ["unit/backoff", "nor beyond the longest delay"],
    "when the delays begin again": ["unit/connection/state-event", "The minimum uptime"],
    "the `offline` event of the browser": ["browser/signals", "offline"],
    "`online`, and a laptop that wakes": ["unit/connection/signals", "online"],
    "a page that goes into the page cache": ["browser/lifecycle", "leaves for the page cache"],
    "`Retry-After` of a busy server (429, 503)": ["integration/verdicts", "Retry-After"],
    "events that come before CONNECT is answered": [
      "integration/field-early",
      "Events that come before the CONNECT is answered",
    ],
  };

  /** Without the ids of docs/spec.md. */
  const withoutIds = (text: string): string =>
    text.replace(/ \([A-Z]{3}-\d+(?:, [A-Z]{3}-\d+)*\)(?=["'`])/g, "");

  it("names no difference that no test shows (PKG-25)", () => {
    const shown = withoutIds(read("test/integration/migrating.test.ts"));
    const isShown = (name: string): boolean => {
      const place = elsewhere[name];
      if (place) return read(`test/${place[0]}.test.ts`).includes(place[1]);
      return [`it("${name}"`, `it('${name}'`, `["${name}"`, `\n        "${name}"`].some((title) =>
        shown.includes(title),
      );
    };
    expect(rows.length).toBeGreaterThan(40);
    expect(rows.filter((name) => !isShown(name))).toEqual([]);
    expect(Object.keys(elsewhere).filter((name) => !rows.includes(name))).toEqual([]);
  });

  it("names all that are shown (PKG-25)", () => {
    const titles = [
      ...withoutIds(read("test/integration/migrating.test.ts")).matchAll(/ it\((["'])(.+)\1,/g),
    ];
    expect(titles.length).toBeGreaterThan(20);
    expect(
      titles.map(([, , title = ""]) => title).filter((title) => !rows.includes(title)),
    ).toEqual([]);
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

describe.each(["README.md", "README.zh-CN.md"])("%s", (page) => {
  it("has absolute links, because registries and CDNs show it too", () => {
    const onThePage = /^#/;
    const others = linksOf(page).filter((target) => !onThePage.test(target));
    expect(others.filter((target) => !isAbsolute(target))).toEqual([]);
  });
});

describe("docs/README.md", () => {
  it("leads to every page, but to decisions by their folder", () => {
    const linked = linksOf("docs/README.md").map((target) => `docs/${target.split("#")[0]}`);
    const own = pages.filter((page) => /^docs\/[^/]+$/.test(page) && page !== "docs/README.md");
    expect(own.filter((page) => !linked.includes(page))).toEqual([]);
    expect(read("docs/README.md")).toContain("/docs/adr)");
  });
});

describe.each([
  ["README.zh-CN.md", "README.md"],
  ["docs/tutorial.zh-CN.md", "docs/tutorial.md"],
])("%s", (chinese, english) => {
  const blocks = (page: string): string[] =>
    [...read(page).matchAll(/(?:^<!-- file: \S+ -->\n\n)?^```[^]*?^```$/gm)].map(([text]) => text);

  it("has the code of the English page", () => {
    expect(blocks(english).length).toBeGreaterThan(5);
    expect(blocks(chinese)).toEqual(blocks(english));
  });
});

describe("Programs of pages", () => {
  /** Which test runs the named blocks (`<!-- file: .. -->`) of a page. */
  const runners: Record<string, string> = {
    "docs/tutorial.md": "test/browser/tutorial.test.ts",
    // the same blocks, as another test says
    "docs/tutorial.zh-CN.md": "test/browser/tutorial.test.ts",
    "docs/workers.md": "test/browser/docs-programs.test.ts",
    "docs/hosts.md": "test/integration/hosts.test.ts",
    "docs/deployment.md": "test/integration/deployment.test.ts",
    "docs/security.md": "test/integration/docs-programs.test.ts",
  };

  it("are run by a test", () => {
    const withPrograms = pages.filter((page) => /^<!-- file: \S+ -->$/m.test(read(page)));
    expect(withPrograms.sort()).toEqual(Object.keys(runners).sort());
    for (const [page, test] of Object.entries(runners))
      expect(read(test)).toContain(page.replace(".zh-CN", ""));
  });
});

describe("Pages that say what was measured", () => {
  it("name a script of the repository", () => {
    const measured = pages.filter((page) =>
      /^docs\/[^/]+$/.test(page) ? /\bmeasured\b.*\d|\d+ (?:ns|µs)\b/i.test(prose(page)) : false,
    );
    const scripts = (page: string): string[] =>
      read(page).match(/(?:test\/bench|scripts)\/[\w/-]+\.mjs|npm run (?:bench|size|sync)/g) ?? [];
    expect(measured).toContain("docs/performance.md");
    expect(measured.filter((page) => !scripts(page).length)).toEqual([]);
    const files = measured.flatMap(scripts).filter((name) => name.endsWith(".mjs"));
    expect(files.filter((name) => !existsSync(new URL(name, root)))).toEqual([]);
  });

  it("agree on the size of the bundle: `node test/bench/run.mjs --rows 16,17` measures it again", () => {
    const kB = (page: string, row: RegExp): number => Number(row.exec(read(page))?.[1]);
    const own = kB("README.md", /^\| rollup and terser +\| +([\d.]+) kB/m);
    const measured = kB("docs/performance.md", /rollup, gzip +\|[^\n]* ([\d.]+) kB +\| +\d+ \(/);
    expect(Math.abs(measured - own) / own).toBeLessThan(0.05);
  });
});

describe.each(pages)("The links in %s to other sites", (page) => {
  it("are addresses over https, with nothing but an address in them", () => {
    const targets = linksOf(page).filter((target) => isAbsolute(target));
    const isSound = (target: string): boolean =>
      URL.canParse(target) && new URL(target).protocol === "https:" && !/[<>"'`\\]/.test(target);
    expect(targets.filter((target) => !isSound(target))).toEqual([]);
  });
});

describe.each(pages)("The links in %s", (page) => {
  const links = linksOf(page)
    .map((target) => (page.startsWith("README") ? target.replace(HOME, "") : target))
    .filter((target) => !isAbsolute(target));

  it("lead to files and headings that exist (PKG-26)", () => {
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
