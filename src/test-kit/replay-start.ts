import { TautlineError } from "../errors.js";
import type { Entry, Report } from "../connection/report.js";
import { statesOf } from "../recorder/states-of.js";

/** In these a namespace stays by itself. "pending" is one of them while the connection is closed. */
const CALM = ["idle", "disconnected", "connected"];

/** The part of a report that can be walked again, and how many milliseconds of the recording were before it. */
export interface ReplayStart {
  readonly from: number;
  readonly kept: Report;
}

/**
 * Nobody knows how far the client was on its way when the first note was lost: only where nothing was on its way can another
 * client be brought there.
 *
 * @throws TautlineError `invalid-option` when there is no such moment
 */
export function fromFirstCalm(report: Report): ReplayStart {
  if (!report.lost.notes) return { from: 0, kept: report };
  const { connection, channels } = statesOf(report);
  let line: string = connection.start;
  const states = new Map<string, string>();
  for (const [nsp, { start }] of Object.entries(channels)) states.set(nsp, start);
  const isCalm = (): boolean =>
    line === "open"
      ? [...states.values()].every((state) => CALM.includes(state))
      : line === "closed" && ![...states.values()].includes("connected");
  const { entries } = report;
  let at = 0;
  for (let i = 0; i <= entries.length; i++) {
    if (isCalm()) return { from: at, kept: { ...report, entries: entries.slice(i) } };
    const entry = entries[i] as Entry | undefined;
    if (entry?.kind === "state") line = entry.state;
    if (entry?.kind === "channel") states.set(entry.nsp, entry.state);
    if (entry) ({ at } = entry);
  }
  throw new TautlineError(
    "invalid-option",
    "the beginning of this report is lost, and it has no moment at which the connection was open or closed and nothing was on its way: " +
      "record with more `bytes`",
  );
}
