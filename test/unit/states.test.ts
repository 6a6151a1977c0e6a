import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { machines, renderStates } from "../../scripts/states.mjs";
import { channelTable } from "../../src/connection/channel-table.js";
import { connectionTable } from "../../src/connection/connection-table.js";
import { entryTable } from "../../src/durable/entry.js";
import { sessionTable } from "../../src/engine/session-table.js";
import { upgradeTable } from "../../src/engine/upgrade.js";
import { packetTable } from "../../src/pipeline/packet.js";
import { websocketTable } from "../../src/websocket/websocket-table.js";
import { tabTable } from "../../src/shared/tab-table.js";
import { streamTable } from "../../src/stream/stream-table.js";

const tables: Record<string, Record<string, Record<string, string>>> = {
  channelTable,
  connectionTable,
  entryTable,
  packetTable,
  sessionTable,
  streamTable,
  tabTable,
  upgradeTable,
  websocketTable,
};

describe("docs/states.md", () => {
  it("shows the tables as they are: `npm run states` writes it (STA-7)", () => {
    const written = readFileSync(new URL("../../docs/states.md", import.meta.url), "utf8");
    expect(written).toBe(renderStates(tables));
  });
});

describe.each(machines)("The table of $title", ({ table, initial, states: sentences }) => {
  const rows = tables[table] ?? {};
  const states = Object.keys(rows);

  it("has a sentence for each of its states", () => {
    expect(Object.keys(sentences)).toEqual(states);
  });

  it("leads to states that it has", () => {
    const targets = states.flatMap((state) => Object.values(rows[state] ?? {}));
    expect(targets.filter((target) => !states.includes(target))).toEqual([]);
  });

  it("reaches every state from the first (STA-8)", () => {
    const reached = new Set([initial]);
    // a Set is walked on while it grows
    for (const state of reached)
      for (const next of Object.values(rows[state] ?? {})) reached.add(next);
    expect([...reached].sort()).toEqual([...states].sort());
  });
});
