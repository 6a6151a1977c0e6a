import { appSize } from "../../../scripts/size.mjs";
import { line } from "../lib/lines.mjs";

export const row = {
  number: 17,
  title: "bundle of `tautline/slim` with the WebSocket transport alone",
  async measure() {
    const { gzip } = await appSize("{ io, WebSocket }", "tautline/slim");
    const values = { tautline: gzip };
    return [
      line({ host: "bundle", what: "gzip", unit: "B", values, figure: values, goal: 10_500 }),
    ];
  },
};
