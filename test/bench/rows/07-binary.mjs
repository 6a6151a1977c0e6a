import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 7,
  title: "64 KB of binary",
  parts: [
    { case: "emit-binary", what: "emit", goals: { node: 2.2, chromium: 2.3 } },
    { case: "receive-binary", what: "receive", goals: { node: 2, chromium: 2 } },
  ],
});
