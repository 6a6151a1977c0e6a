/**
 * The names of private members in `dist`. Each build compiles its modules one by one, so that all of them
 * must agree beforehand: the table is made from the sources alone, and is the same for every entry and format.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Which properties are renamed. The underscore stays: a plain letter could be a name that an app puts there. */
export const PRIVATE = /^_[a-zA-Z]/;

/** Which are not: a word of the protocol, and a method that tests of the ecosystem call. */
export const PUBLIC = /^_(placeholder|close)$/;

/**
 * Long name to short name, the commonest shortest.
 *
 * @param {Iterable<string>} texts of the sources
 * @returns {Record<string, string>}
 */
export function nameTable(texts) {
  const counts = new Map();
  for (const text of texts) {
    for (const [name] of text.matchAll(/(?<![\w$"'`])_[a-zA-Z]\w*/g)) {
      if (!PUBLIC.test(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  const names = [...counts.keys()].sort(
    (a, b) => counts.get(b) - counts.get(a) || (a < b ? -1 : 1),
  );
  const short = shortNames();
  return Object.fromEntries(names.map((name) => [name, short.next().value]));
}

/** The table of what stands in `src`. */
export function privateNames() {
  const files = readdirSync(SOURCES, { recursive: true }).filter((file) => file.endsWith(".ts"));
  return nameTable(files.sort().map((file) => readFileSync(join(SOURCES, file), "utf8")));
}

/** `_a` to `_Z`, then `_aa` and so on. */
function* shortNames() {
  for (let length = 1; ; length++) {
    for (let index = 0; index < LETTERS.length ** length; index++) {
      let name = "";
      for (let rest = index, left = length; left > 0; left--) {
        name = LETTERS[rest % LETTERS.length] + name;
        rest = Math.floor(rest / LETTERS.length);
      }
      if (!PUBLIC.test(`_${name}`)) yield `_${name}`;
    }
  }
}
