import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 5,
  title: "the same with timeout()",
  parts: [{ case: "ack-timeout", what: "emit and its answer", goals: { node: 1.6, chromium: 2 } }],
});
