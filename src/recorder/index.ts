/** What happened on a connection, for a bug report or for `tautline/inspector`. */
export { record } from "./recording.js";
export type { Recordable, RecordedManager, Recording, RecordOptions } from "./recording.js";
export { statesOf } from "./states-of.js";
export type { States, Step, Walk } from "./states-of.js";
export type {
  AttemptEntry,
  ChannelSnapshot,
  Entry,
  NoteEntry,
  PacketEntry,
  PacketName,
  Report,
  Snapshot,
} from "../connection/report.js";
