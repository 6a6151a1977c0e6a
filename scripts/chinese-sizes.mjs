/** The table of sizes in README.zh-CN.md: that of README.md, with other heads. `npm run sync` puts it in. */
import { readFileSync } from "node:fs";
import { format } from "prettier";

const block = /<!-- size:start -->[^]*?<!-- size:end -->/;
const heads = [
  ["What an app ships", "应用实际包含的代码"],
  ["socket.io-client's", "socket.io-client"],
  ['`import { io } from "tautline"` by', '`import { io } from "tautline"`，打包工具'],
  ["rollup and terser", "rollup 和 terser"],
];

/** The page as it should be. */
export async function chineseReadme() {
  const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
  const [english] = block.exec(read("README.md"));
  const chinese = heads.reduce((table, [from, to]) => {
    if (!table.includes(from)) throw new Error(`README.md's table of sizes has no "${from}".`);
    return table.replace(from, to);
  }, english);
  return format(read("README.zh-CN.md").replace(block, chinese), {
    parser: "markdown",
    printWidth: 100,
  });
}
