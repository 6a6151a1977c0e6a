import { join } from "node:path";
import { bundleImport, compressed } from "../../../scripts/size.mjs";
import { exists, PEER, ROOT } from "../lib/builds.mjs";
import { line } from "../lib/lines.mjs";

const GOALS = { gzip: 10_400, brotli: 9_400 };

export const row = {
  number: 16,
  title: 'bundle of `import { io } from "tautline"`',
  async measure() {
    const built = join(ROOT, "dist/index.js");
    const sizes = {
      peer: compressed(await bundleImport("{ io }", join(PEER, "build/esm/index.js"))),
      ...((await exists(built)) && { tautline: compressed(await bundleImport("{ io }", built)) }),
    };
    return Object.entries(GOALS).map(([kind, goal]) => {
      const values = Object.fromEntries(
        Object.entries(sizes).map(([side, size]) => [side, size[kind]]),
      );
      return line({ host: "bundle", what: kind, unit: "B", values, figure: values, goal });
    });
  },
};
