import type { Table } from "../machine.js";
import type { Packet } from "../pipeline/packet.js";
import type { NewPacket } from "./store.js";

/** "unstored": the store has failed, and the packet is in memory only. */
export type EntryState =
  "storing" | "stored" | "unstored" | "sending" | "delivered" | "expired" | "refused" | "cleared";

/** How a durable packet ends. */
export type Status = "delivered" | "expired" | "refused";

export type EntryEvent = "kept" | "failed" | "entered" | Status | "cleared";

/** See docs/states.md. */
export const entryTable: Table<EntryState, EntryEvent> = {
  storing: { kept: "stored", failed: "unstored" },
  stored: { entered: "sending", expired: "expired", refused: "refused", cleared: "cleared" },
  unstored: {
    entered: "sending",
    kept: "stored",
    expired: "expired",
    refused: "refused",
    cleared: "cleared",
  },
  sending: {
    kept: "stored",
    failed: "unstored",
    delivered: "delivered",
    refused: "refused",
    cleared: "cleared",
  },
  delivered: {},
  expired: {},
  refused: {},
  cleared: {},
};

/** A durable packet, in this session. */
export interface Entry {
  state: EntryState;
  record: NewPacket & { readonly id?: number | undefined };
  /** The event's name and its arguments. */
  readonly args: unknown[];
  /** Its packet in the pipeline. */
  packet?: Packet;
  /** When it was passed to the connection, on the monotonic clock; undefined: it was not. */
  sentAt?: number | undefined;
}

/** Makes the transition that {@link entryTable} lists. Returns false when it lists none. */
export function move(entry: Entry, event: EntryEvent): boolean {
  const next = entryTable[entry.state][event];
  if (next) entry.state = next;
  return !!next;
}
