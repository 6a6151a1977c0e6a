/**
 * The types of a report are defined with the connection, because sockets return one. Programs that read reports find
 * them here.
 */
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

/** The version of the format. */
export const REPORT_VERSION = 1;
