import { join } from "node:path";
import { bundleImport, compressed } from "../../../scripts/size.mjs";
import { exists, ROOT } from "../lib/builds.mjs";
import { line } from "../lib/lines.mjs";

export const row = {
  number: 17,
  title: "bundle of `tautline/slim` with the WebSocket transport alone",
  async measure() {
    const built = join(ROOT, "dist/slim.js");
    if (!(await exists(built))) return [];
    const values = { tautline: compressed(await bundleImport("{ io, WebSocket }", built)).gzip };
    return [line({ host: "bundle", what: "gzip", unit: "B", values, figure: values, goal: 7000 })];
  },
};
