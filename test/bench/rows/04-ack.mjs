import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 4,
  title: "emit with ack, both ways",
  parts: [{ case: "ack", what: "emit and its answer", goals: { node: 1.35, chromium: 1.35 } }],
});
