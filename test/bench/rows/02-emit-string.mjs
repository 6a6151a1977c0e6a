import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 2,
  title: "emit a string",
  parts: [{ case: "emit-string", what: "emit", goals: { node: 1.7, chromium: 2.3 } }],
});
