/** The form of a report stands with the connection, whose sockets give one; who reads reports finds it here. */
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

/** The version of that form. */
export const REPORT_VERSION = 1;
