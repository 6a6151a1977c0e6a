import type { ChannelEvent, ChannelState } from "../connection/channel-table.js";
import type { ConnectionEvent } from "../connection/connection-table.js";
import type { ConnectionState } from "../connection/events.js";
import type { Report } from "../connection/report.js";

/** One transition, as in the tables of docs/states.md. */
export interface Step<S extends string = string, E extends string = string> {
  at: number;
  event: E;
  state: S;
}

/** The transitions of one state machine. */
export interface Walk<S extends string = string, E extends string = string> {
  /** The state before the first kept step; without a step, the state at the end. */
  start: S;
  steps: Step<S, E>[];
}

/** The transitions of the connection and of each namespace. */
export interface States {
  connection: Walk<ConnectionState, ConnectionEvent>;
  channels: Record<string, Walk<ChannelState, ChannelEvent>>;
}

/** The states of a report with the events between them. The state tables accept these transitions. */
export function statesOf(report: Report): States {
  const connection: States["connection"] = { start: report.now.state, steps: [] };
  const channels = new Map<string, Walk<ChannelState, ChannelEvent>>();
  for (const { nsp, state } of report.now.channels) channels.set(nsp, { start: state, steps: [] });
  for (const entry of report.entries) {
    if (entry.kind === "state") {
      if (!connection.steps.length) connection.start = entry.old;
      const { at, event, state } = entry;
      connection.steps.push({ at, event, state });
    } else if (entry.kind === "channel") {
      const { at, event, state, nsp, old } = entry;
      const walk = channels.get(nsp) ?? { start: old, steps: [] };
      channels.set(nsp, walk);
      if (!walk.steps.length) walk.start = old;
      walk.steps.push({ at, event, state });
    }
  }
  return { connection, channels: Object.fromEntries(channels) };
}
