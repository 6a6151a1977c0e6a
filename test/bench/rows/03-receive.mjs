import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 3,
  title: "receive a small event",
  parts: [{ case: "receive-object", what: "receive", goals: { node: 1.2, chromium: 1.25 } }],
});
