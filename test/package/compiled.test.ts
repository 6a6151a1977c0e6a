import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Node, parse } from "acorn";
import { transform } from "esbuild";
import { Linter } from "eslint";
import { type Plugin, rollup } from "rollup";
import { beforeAll, describe, expect, it } from "vitest";
import { compile } from "../../scripts/compile.mjs";
import { bundles, TARGET } from "../../scripts/entries.mjs";
import { nameTable, privateNames } from "../../scripts/private-names.mjs";
import { root } from "./tarball.ts";

const YEAR = 2020;
/** Methods of later years: a compiler of syntax lets them pass. */
const TOO_NEW =
  /^(at|any|findLast|findLastIndex|hasOwn|replaceAll|toReversed|toSorted|toSpliced|withResolvers)$/;
/**
 * What a host must have, with the first Chrome, Firefox and Safari that had it: Chrome 80, Firefox 74 and Safari 13.1 are the
 * oldest that the README names. Whatever else is used is looked for first, as a property of `globalThis` or with `typeof`.
 */
const HOST = new Map([
  ["AbortController", [66, 57, 12.1]],
  ["Blob", [20, 13, 6]],
  ["FileReader", [7, 3.6, 6]],
  ["TextDecoder", [38, 19, 10.1]],
  ["TextEncoder", [38, 19, 10.1]],
  ["atob", [4, 1, 3]],
  ["btoa", [4, 1, 3]],
  ["clearTimeout", [1, 1, 1]],
  ["console", [1, 4, 3]],
  ["fetch", [42, 39, 10.1]],
  ["queueMicrotask", [71, 69, 12.1]],
  ["setTimeout", [1, 1, 1]],
]);
const OLDEST = [80, 74, 13.1] as const;
/** What modules and the wrappers of scripts ask for. */
const MODULES = new Set(["define", "exports", "module", "require", "self"]);
/** eventemitter3's own, in the files that contain it. */
const FOREIGN = /^_events(Count)?$/;
const dist = join(root, "dist");

function isNode(value: unknown): value is Node {
  return typeof (value as Node | null)?.type === "string";
}

interface Names {
  /** Property names that a script reads, writes or declares without quotes. */
  used: Set<string>;
  /** Those that it calls. */
  called: Set<string>;
}

type Parts = Record<"property" | "key" | "callee", (Node & { name?: string }) | undefined>;

function propertyNames(tree: Node): Names {
  const names: Names = { used: new Set(), called: new Set() };
  const visit = (node: Node): void => {
    const { property, key, callee, computed } = node as Node & Parts & { computed?: boolean };
    if (!computed) for (const word of [property, key]) if (word?.name) names.used.add(word.name);
    const method = (callee as (Node & Parts) | undefined)?.property?.name;
    if (method) names.called.add(method);
    for (const value of Object.values(node).flat()) if (isNode(value)) visit(value);
  };
  visit(tree);
  return names;
}

const scriptTags = new Set(bundles.filter(({ global }) => global).map(({ file }) => file));
const isScript = (file: string): boolean => file.endsWith(".cjs") || scriptTags.has(file);

const linter = new Linter();

/** The names that a text uses, neither declares nor looks for, and that ES2020 itself does not have. */
function freeNames(text: string, isScript: boolean): string[] {
  const messages = linter.verify(text, {
    languageOptions: { ecmaVersion: YEAR, sourceType: isScript ? "script" : "module" },
    linterOptions: { reportUnusedDisableDirectives: "off" },
    rules: { "no-undef": "error" },
  });
  const names = messages.map(({ message }) => /^'(.+)' is not defined/.exec(message)?.[1]);
  return [...new Set(names.map((name, at) => name ?? messages[at]?.message ?? ""))];
}

describe("The build", () => {
  const scripts = new Map<string, Names>();
  const texts = new Map<string, string>();

  beforeAll(() => {
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" });
    for (const file of files.filter((name) => /\.c?js$/.test(name))) {
      const text = readFileSync(join(dist, file), "utf8");
      const sourceType = isScript(file) ? "script" : "module";
      texts.set(file, text);
      scripts.set(file, propertyNames(parse(text, { ecmaVersion: YEAR, sourceType })));
    }
  });

  it(`is ${TARGET} syntax, in every file (PKG-16)`, () => {
    expect(TARGET).toBe(`es${YEAR}`);
    expect([...scripts.keys()]).toEqual(expect.arrayContaining(["index.js", "index.cjs"]));
    for (const { file } of bundles) expect(scripts.has(file), file).toBe(true);
  });

  it("calls no method that is younger (PKG-16)", () => {
    for (const [file, { called }] of scripts) {
      const young = [...called].filter((name) => TOO_NEW.test(name));
      expect(young, file).toEqual([]);
    }
  });

  it("takes no global for granted that is younger than the browsers it is for (PKG-16)", () => {
    for (const versions of HOST.values()) {
      OLDEST.forEach((oldest, at) => expect(versions[at]).toBeLessThanOrEqual(oldest));
    }
    for (const [file, text] of texts) {
      // for Node alone, and for tests
      if (/^(server|node|test|[a-z]+\.node)\./.test(file)) continue;
      const unknown = freeNames(text, isScript(file)).filter((name) => !MODULES.has(name));
      expect(
        unknown.filter((name) => !HOST.has(name)),
        file,
      ).toEqual([]);
    }
  });

  it("has its README and its pages say for which browsers it is", () => {
    const [chrome, firefox, safari] = OLDEST;
    const readme = readFileSync(join(root, "README.md"), "utf8");
    expect(readme).toContain(`Chrome and Edge ${chrome}, Firefox ${firefox}, Safari ${safari}`);
    const page = readFileSync(join(root, "docs/installing.md"), "utf8");
    expect(page).toMatch(new RegExp(`\\| Chrome, Edge +\\| ${chrome} `));
    expect(page).toMatch(new RegExp(`\\| Firefox +\\| ${firefox} `));
    expect(page).toMatch(new RegExp(`\\| Safari, iOS Safari +\\| ${safari} `));
  });

  it("bears no private name of the sources, and only short ones of the table", () => {
    const table = privateNames();
    const short = new Set(Object.values(table));
    for (const [file, { used }] of scripts) {
      const long = [...used].filter(
        (name) => Object.hasOwn(table, name) && !short.has(name) && !FOREIGN.test(name),
      );
      expect(long, file).toEqual([]);
    }
    expect([...(scripts.get("tautline.min.js")?.used ?? [])]).toEqual(
      expect.arrayContaining(["_a", "_placeholder", "_close"]),
    );
  });

  it("is not changed by a compiler for ES2020, apart from what its printer does", async () => {
    const text = texts.get("tautline.js") ?? "";
    const options = { minifyWhitespace: true, legalComments: "none" } as const;
    const [native, lowered] = await Promise.all(
      ["esnext", "es2020"].map((target) => transform(text, { ...options, target })),
    );
    expect(lowered?.code).toBe(native?.code);
  });

  it("compiles to no private field and no WeakMap that is not written, however old the target", async () => {
    const { code } = await transform(texts.get("tautline.js") ?? "", { target: "es2017" });
    const weakMaps = (text: string): number => text.match(/new WeakMap/g)?.length ?? 0;
    expect(code).not.toMatch(/__privateAdd|__publicField/);
    // the answers of `auth` functions, and no other
    expect(weakMaps(code)).toBe(1);
  });
});

describe("The table of private names", () => {
  it("gives the commonest the shortest, and the alphabet decides between equals", () => {
    const table = nameTable([`this._b; this._often; this._often; this._a`, `this._often`]);
    expect(Object.entries(table)).toEqual([
      ["_often", "_a"],
      ["_a", "_b"],
      ["_b", "_c"],
    ]);
  });

  it("does not depend on the order of the files", () => {
    const files = ["this._x; this._y", "this._y; this._z", "this._w"];
    expect(nameTable([...files].reverse())).toEqual(nameTable(files));
  });

  it("never gives a name twice, and leaves the public ones alone", () => {
    const names = Array.from({ length: 6000 }, (_, index) => `this._n${index}`);
    const table = nameTable([...names, "this._close(); value._placeholder"]);
    const short = Object.values(table);
    expect(new Set(short).size).toBe(6000);
    expect(short.every((name) => /^_[a-zA-Z]+$/.test(name))).toBe(true);
    expect(table).not.toHaveProperty("_close");
    expect(table).not.toHaveProperty("_placeholder");
  });

  it("ignores what stands in quotes, and what only ends in such a name", () => {
    expect(nameTable([`x["_quoted"]; snake_case; $_dollar`])).toEqual({});
  });
});

describe("Compiling a module", () => {
  async function compiled(text: string, names: Record<string, string>): Promise<string> {
    const memory: Plugin = {
      name: "memory",
      resolveId: (id) => id,
      load: () => text,
    };
    const plugins = [memory, compile({ target: TARGET, names })];
    const bundle = await rollup({ input: "module.ts", plugins });
    const { output } = await bundle.generate({ format: "es" });
    return output[0].code;
  }

  it("renames by the table, in classes and in the types' place", async () => {
    const text = `export class Line { private _count = 0; add(): number { return ++this._count; } }`;
    const code = await compiled(text, { _count: "_q" });
    expect(code).toContain("this._q = 0");
    expect(code).toContain("++this._q");
    expect(code).not.toContain("_count");
  });

  it("fails at a private name that is not in the table", async () => {
    const text = `export class Line { private _stranger = 0; }`;
    await expect(compiled(text, { _count: "_q" })).rejects.toThrow(
      "not in the table of names: _stranger",
    );
  });

  it("assigns fields, and leaves alone what is only declared", async () => {
    const text = `export class Line { declared?: string; given = 1; }`;
    const code = await compiled(text, {});
    expect(code).toContain("this.given = 1");
    expect(code).not.toContain("declared");
  });
});
