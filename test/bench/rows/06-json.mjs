import { costRow } from "../lib/cost-row.mjs";

export const row = costRow({
  number: 6,
  title: "64 KB of JSON",
  parts: [
    { case: "emit-json", what: "emit", goals: { node: 1.2, chromium: 1.55 } },
    { case: "receive-json", what: "receive", goals: { node: 1.05, chromium: 1.1 } },
  ],
});
