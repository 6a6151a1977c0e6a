/**
 * The state tables, and the ways through them. To extend: add a table to `tables`; every test that walks pairs walks it
 * too.
 */
import { channelTable } from "../../src/connection/channel-table.js";
import { connectionTable } from "../../src/connection/connection-table.js";
import { sessionTable } from "../../src/engine/session-table.js";
import { upgradeTable } from "../../src/engine/upgrade.js";
import { packetTable } from "../../src/pipeline/packet.js";
import { tabTable } from "../../src/shared/tab-table.js";
import { websocketTable } from "../../src/websocket/websocket-table.js";

export type Rows = Record<string, Record<string, string>>;

export interface NamedTable {
  name: string;
  initial: string;
  rows: Rows;
}

export const tables: NamedTable[] = [
  { name: "connection", initial: "closed", rows: connectionTable as Rows },
  { name: "channel", initial: "idle", rows: channelTable as Rows },
  { name: "packet", initial: "made", rows: packetTable as Rows },
  { name: "session", initial: "opening", rows: sessionTable as Rows },
  { name: "upgrade", initial: "idle", rows: upgradeTable as Rows },
  { name: "websocket", initial: "closed", rows: websocketTable as Rows },
  { name: "tab", initial: "away", rows: tabTable as Rows },
];

/** Every event that any state of a table knows. */
export function eventsOf(rows: Rows): string[] {
  return [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))];
}

/** The shortest way from `initial` to each state that can be reached, as events. */
export function waysFrom(initial: string, rows: Rows): Map<string, string[]> {
  const ways = new Map<string, string[]>([[initial, []]]);
  // a Map is walked on while it grows
  for (const [state, way] of ways)
    for (const [event, next] of Object.entries(rows[state] ?? {}))
      if (!ways.has(next)) ways.set(next, [...way, event]);
  return ways;
}

/** Every (state, event) pair of every table. */
export const pairs = tables.flatMap(({ name, initial, rows }) => {
  const ways = waysFrom(initial, rows);
  return [...ways].flatMap(([state, way]) =>
    eventsOf(rows).map((event) => ({ name, initial, rows, state, way, event })),
  );
});
