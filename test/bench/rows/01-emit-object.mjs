import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 1,
  title: "emit a small object",
  parts: [{ case: "emit-object", what: "emit", goals: { node: 1.5, chromium: 1.9 } }],
});
