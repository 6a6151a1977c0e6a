/**
 * The measured numbers of docs/comparison.md: taken from the pages that have them, which other scripts write. `npm run
 * sync` puts them in.
 */
import { readFileSync } from "node:fs";
import { format } from "prettier";

const root = new URL("../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");

/** The cells of the first row of a page that has `words` in it, without those that are empty. */
function row(page, ...words) {
  const line = read(page)
    .split("\n")
    .find((text) => text.startsWith("|") && words.every((word) => text.includes(word)));
  if (!line) throw new Error(`${page} has no row with ${words.join(", ")}`);
  return line
    .split("|")
    .map((cell) => cell.trim())
    .filter(Boolean);
}

/** Rows of [what, socket.io-client, Tautline, page]. */
function rows() {
  const size = row("README.md", "rollup and terser");
  const cost = (label, ...words) => {
    const cells = row("docs/performance.md", ...words);
    // what, host, raw, peer, Tautline, ..
    const at = cells.indexOf("Node");
    return [label, cells[at + 2], cells[at + 3], "[performance](performance.md)"];
  };
  const loss = (words) => {
    const [what, own, peer] = row("docs/reconnection.md", words);
    return [`back again: ${what}`, peer, own, "[reconnection](reconnection.md#measured)"];
  };
  return [
    [
      "`import { io }`, gzip",
      size[2],
      size[1],
      "[size](https://github.com/tautline/tautline#size)",
    ],
    cost("emit a small object, in Node", "emit a small object: emit", "Node"),
    cost("receive a small event, in Node", "receive a small event: receive", "Node"),
    cost("emit with ack, in Node", "emit with ack, both ways", "Node"),
    loss("no network for 10 s"),
    loss("half-open after sleep"),
    loss("frozen for 10 s"),
    loss("into the page cache for 2 s"),
  ];
}

/** The page as it should be. */
export async function comparison() {
  const table = [
    "| what | socket.io-client | Tautline | from |",
    "| --- | --: | --: | --- |",
    ...rows().map((cells) => `| ${cells.join(" | ")} |`),
  ].join("\n");
  const page = read("docs/comparison.md").replace(
    /(<!-- measured:start -->)[^]*(<!-- measured:end -->)/,
    (_all, start, end) => `${start}\n\n${table}\n\n${end}`,
  );
  return format(page, { parser: "markdown", printWidth: 100 });
}
