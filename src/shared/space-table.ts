import type { Table } from "../machine.js";

export type SpaceState = "out" | "asking" | "in" | "left";
export type SpaceEvent =
  "asked" | "accepted" | "refused" | "left" | "released" | "expelled" | "lost";

/** See docs/states.md. */
export const spaceTable: Table<SpaceState, SpaceEvent> = {
  out: { asked: "asking" },
  asking: { accepted: "in", refused: "out", expelled: "out", lost: "out" },
  in: { left: "left", expelled: "out", lost: "out" },
  left: { released: "out", lost: "out" },
};
