import { appSize } from "../../../scripts/size.mjs";
import { line } from "../lib/lines.mjs";

const GOALS = { gzip: 10_400, brotli: 9_400 };

export const row = {
  number: 16,
  title: 'bundle of `import { io } from "tautline"`',
  async measure() {
    const sizes = {
      peer: await appSize("{ io }", "socket.io-client"),
      tautline: await appSize("{ io }", "tautline"),
    };
    return Object.entries(GOALS).map(([kind, goal]) => {
      const values = Object.fromEntries(
        Object.entries(sizes).map(([side, size]) => [side, size[kind]]),
      );
      return line({ host: "bundle", what: kind, unit: "B", values, figure: values, goal });
    });
  },
};
