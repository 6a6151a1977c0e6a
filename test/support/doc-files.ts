import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** A block of code of a page that has a name: `<!-- file: server.mjs -->` stands in front of it. */
export interface DocFile {
  name: string;
  language: string;
  text: string;
}

/** The named blocks of a page, in its order; a name that comes again is a later version of that file. */
export function docFiles(page: string): DocFile[] {
  const text = readFileSync(new URL(page, root), "utf8");
  const pattern = /<!-- file: (\S+) -->\n+```(\w+)\n([^]*?)\n```/g;
  return [...text.matchAll(pattern)].map(([, name = "", language = "", code = ""]) => ({
    name,
    language,
    text: code + "\n",
  }));
}

/** The last version of each named block of a page. */
export function filesOf(page: string): Record<string, string> {
  const files = docFiles(page);
  if (!files.length) throw new Error(`${page} has no named blocks`);
  return Object.fromEntries(files.map(({ name, text }) => [name, text]));
}
