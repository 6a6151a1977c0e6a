import type { Recording } from "../recorder/recording.js";
import type { NoteEntry, PacketEntry, Report, Snapshot } from "../connection/report.js";

/** What is shown: a recording, or its state when the view was paused. */
export interface Source {
  readonly duration: number;
  /** The packets that are kept: from index `first` on, below `count`. */
  readonly packets: { readonly first: number; readonly count: number };
  readonly notes: readonly NoteEntry[];
  packet(index: number): PacketEntry | undefined;
  pairOf(index: number): number | undefined;
  now(): Snapshot;
  report(): Report;
}

/** A copy, because the recording continues and overwrites packets. */
export function freeze(recording: Recording): Source {
  const { duration } = recording;
  const { first, count } = recording.packets;
  const packets: (PacketEntry | undefined)[] = [];
  const pairs: (number | undefined)[] = [];
  for (let index = first; index < count; index++) {
    packets.push(recording.packet(index));
    pairs.push(recording.pairOf(index));
  }
  const notes = [...recording.notes];
  const now = recording.now();
  const report = recording.report();
  return {
    duration,
    packets: { first, count },
    notes,
    packet: (index) => packets[index - first],
    pairOf: (index) => pairs[index - first],
    now: () => now,
    report: () => report,
  };
}
