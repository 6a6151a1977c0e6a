import type { Table } from "../machine.js";

export type SpaceState = "out" | "asking" | "in" | "left";
export type SpaceEvent = "asked" | "accepted" | "left" | "ended";

/** See docs/states.md. */
export const spaceTable: Table<SpaceState, SpaceEvent> = {
  out: { asked: "asking" },
  asking: { accepted: "in", ended: "out" },
  in: { left: "left", ended: "out" },
  left: { ended: "out" },
};
