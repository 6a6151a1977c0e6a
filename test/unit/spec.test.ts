import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** docs/spec.md and the names of all tests, those of other runners and of types too. */
const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const ID = /[A-Z]{3}-[1-9]\d*/;
/** What stands behind the words of a name: one id, or several. */
const IDS = new RegExp(`^.*\\S \\((${ID.source}(?:, ${ID.source})*)\\)$`, "s");

interface Sentence {
  id: string;
  section: string;
  text: string;
}

/** The sentences of a page, and its lines that look like one and are none. */
function sentencesOf(page: string): { sentences: Sentence[]; odd: string[] } {
  const sentences: Sentence[] = [];
  const odd: string[] = [];
  let section = "";
  for (const line of page.split("\n")) {
    section = /^## (.+)$/.exec(line)?.[1] ?? section;
    if (!/^\s*[-*] /.test(line)) continue;
    const [, id, text] = new RegExp(`^- \\*\\*(${ID.source})\\*\\* (\\S.*\\.)$`).exec(line) ?? [];
    if (id && text && section) sentences.push({ id, section, text });
    else odd.push(line);
  }
  return { sentences, odd };
}

/** What is wrong with the order of ids: each section has a prefix of its own, and its numbers go up. */
function wrongOrder(sentences: readonly Sentence[]): string[] {
  const prefixes = new Map<string, string>();
  const last = new Map<string, number>();
  return sentences.flatMap(({ id, section }) => {
    const [prefix = "", digits] = id.split("-");
    const number = Number(digits);
    const wrong: string[] = [];
    if (!prefixes.has(section) && [...prefixes.values()].includes(prefix))
      wrong.push(`${id}: another section has ${prefix}`);
    else if ((prefixes.get(section) ?? prefix) !== prefix)
      wrong.push(`${id}: "${section}" has ${prefixes.get(section)}`);
    if (number === last.get(prefix)) wrong.push(`${id} is there twice`);
    else if (number < (last.get(prefix) ?? 0)) wrong.push(`${id} is out of order`);
    prefixes.set(section, prefixes.get(section) ?? prefix);
    last.set(prefix, number);
    return wrong;
  });
}

/** The words in which `it(..)`, `test.each(..)(..)` and the like name a test. */
function namesOf(text: string, file = "a.test.ts"): string[] {
  const names: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [name] = node.arguments;
      const called = /^(?:it|test)\b[\w.]*/.test(node.expression.getText(source));
      const isName = name && (ts.isStringLiteralLike(name) || ts.isTemplateExpression(name));
      if (called && isName && node.arguments.length > 1)
        names.push(name.getText(source).slice(1, -1));
    }
    ts.forEachChild(node, walk);
  };
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  walk(source);
  return names;
}

/** The ids of a name, and whether one stands where ids don't. */
function idsOf(name: string, prefixes: readonly string[]): { ids: string[]; isOdd: boolean } {
  const [, list = ""] = IDS.exec(name) ?? [];
  const ids = list ? list.split(", ") : [];
  const rest = list ? name.slice(0, -list.length - 2) : name;
  return { ids, isOdd: prefixes.some((prefix) => new RegExp(`\\b${prefix}-\\d`).test(rest)) };
}

const testFiles = readdirSync(new URL("test/", root), { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.m?tsx?$|\.mjs$/.test(file) && !file.includes("node_modules/"))
  .map((file) => `test/${file}`);

describe("docs/spec.md", () => {
  const { sentences, odd } = sentencesOf(read("docs/spec.md"));
  const known = new Set(sentences.map(({ id }) => id));
  const prefixes = [...new Set(sentences.map(({ id }) => id.split("-")[0] ?? ""))];
  const proofs = new Map<string, string[]>();
  const misplaced: string[] = [];
  for (const file of testFiles) {
    const text = read(file);
    // parsing is slow, and most files have no id
    if (file.endsWith("unit/spec.test.ts") || !new RegExp(ID.source).test(text)) continue;
    for (const name of namesOf(text, file)) {
      const { ids, isOdd } = idsOf(name, prefixes);
      for (const id of ids) proofs.set(id, [...(proofs.get(id) ?? []), `${file}: ${name}`]);
      if (isOdd) misplaced.push(`${file}: ${name}`);
    }
  }

  it("has sentences, each with its id", () => {
    expect(sentences.length).toBeGreaterThan(450);
    expect(odd).toEqual([]);
  });

  it("has each id once, in order", () => {
    expect(wrongOrder(sentences)).toEqual([]);
  });

  it("says nothing twice", () => {
    const texts = sentences.map(({ section, text }) => `${section}: ${text}`);
    expect(texts.filter((text, at) => texts.indexOf(text) !== at)).toEqual([]);
  });

  it("has a test for each sentence", () => {
    expect(sentences.filter(({ id }) => !proofs.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it("has a sentence for the id of each test", () => {
    const strangers = [...proofs].filter(([id]) => !known.has(id));
    expect(strangers).toEqual([]);
  });

  it("finds ids at the end of names alone", () => {
    expect(misplaced).toEqual([]);
  });
});

describe("The reading of the spec", () => {
  const section = (...lines: string[]) => sentencesOf(["## A", "", ...lines].join("\n"));

  it("knows a sentence from what is none", () => {
    expect(section("- **ABC-1** It works.", "words").sentences).toEqual([
      { id: "ABC-1", section: "A", text: "It works." },
    ]);
    const wrong = ["- It works.", "- **ABC-01** So.", "- **AB-1** So.", "- **ABC-1** No stop"];
    expect(section(...wrong).odd).toEqual(wrong);
    expect(sentencesOf("- **ABC-1** Of no section.").odd).toHaveLength(1);
  });

  it.each([
    [["- **ABC-1** A.", "- **ABC-3** A gap."], []],
    [["- **ABC-1** A.", "- **ABC-1** B."], ["ABC-1 is there twice"]],
    [["- **ABC-2** A.", "- **ABC-1** B."], ["ABC-1 is out of order"]],
    [["- **ABC-1** A.", "- **DEF-2** B."], ['DEF-2: "A" has ABC']],
    [["- **ABC-1** A.", "## B", "- **ABC-2** B."], ["ABC-2: another section has ABC"]],
  ])("sees what is wrong with the order: %j", (lines, wrong) => {
    expect(wrongOrder(section(...lines).sentences)).toEqual(wrong);
  });

  it("finds the names of tests of all kinds, and those alone", () => {
    const text = `
      describe("a (ABC-1)", () => {
        it("b", () => {});
        it.each([["c (ABC-2)"]])("d %s", () => {});
        it.each<[string, number]>([])(\`e \${1}\`, () => {});
        it.concurrent.each([])('f', {}, () => {});
        test("g", async () => {});
        expect(item("h")).toBe(omit("i", 1));
      });`;
    expect(namesOf(text)).toEqual(["b", "d %s", "e ${1}", "f", "g"]);
  });

  it.each([
    ["works (ABC-1)", ["ABC-1"], false],
    ["works (ABC-1, DEF-20)", ["ABC-1", "DEF-20"], false],
    ["counts UTF-8 (bytes)", [], false],
    ["works (ABC-1) always", [], true],
    ["works ABC-1", [], true],
    ["ABC-1 works (ABC-2)", ["ABC-2"], true],
  ])("reads the ids of %j", (name, ids, isOdd) => {
    expect(idsOf(name, ["ABC", "DEF"])).toEqual({ ids, isOdd });
  });
});
