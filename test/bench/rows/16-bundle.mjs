import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { appSize, compressed } from "../../../scripts/size.mjs";
import { ROOT } from "../lib/builds.mjs";
import { line } from "../lib/lines.mjs";

const GOALS = { rollup: 14_000, vite5: 15_000 };

export const row = {
  number: 16,
  title: 'bundle of `import { io } from "tautline"`',
  async measure() {
    const lines = [];
    for (const [bundler, goal] of Object.entries(GOALS)) {
      const values = {
        peer: (await appSize("{ io }", "socket.io-client", bundler)).gzip,
        tautline: (await appSize("{ io }", "tautline", bundler)).gzip,
      };
      lines.push(sizeLine(`${bundler}, gzip`, values, goal));
    }
    const full = await readFile(join(ROOT, "dist/tautline.full.min.js"), "utf8");
    lines.push(sizeLine("everything, by script tag", { tautline: compressed(full).gzip }, 20_000));
    return lines;
  },
};

function sizeLine(what, values, goal) {
  return line({ host: "bundle", what, unit: "B", values, figure: values, goal });
}
