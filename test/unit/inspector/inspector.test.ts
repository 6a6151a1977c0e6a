import { beforeEach, describe, expect, it } from "vitest";
import { defineInspector } from "../../../src/inspector/index.js";
import { plot } from "../../../src/inspector/graph.js";
import { type Filter, isMatch, Matches, NO_FILTER } from "../../../src/inspector/matches.js";
import { noteRows, packetRows } from "../../../src/inspector/rows.js";
import { freeze } from "../../../src/inspector/source.js";
import {
  duration,
  noteCells,
  packetCells,
  packetFacts,
  size,
} from "../../../src/inspector/words.js";
import {
  type NoteEntry,
  type PacketEntry,
  record,
  type Recording,
} from "../../../src/recorder/index.js";
import { isolate, scriptedClient, type ScriptedClient } from "../../support/scripted-client.js";

beforeEach(() => isolate());

const PACKET: PacketEntry = {
  n: 4,
  at: 1234,
  kind: "in",
  type: "ack",
  nsp: "/admin",
  id: 3,
  bytes: 1500,
  transport: "websocket",
  of: 2,
  ms: 12.34,
};

async function recorded(bytes?: number): Promise<[ScriptedClient, Recording]> {
  const client = scriptedClient({ network: false });
  const recording = record(client.manager, bytes ? { bytes } : {});
  client.socket();
  await client.enter();
  return [client, recording];
}

describe("defineInspector()", () => {
  it("does nothing where there are no custom elements (RCD-21)", () => {
    expect(() => defineInspector()).not.toThrow();
  });
});

describe("isMatch()", () => {
  it.each<[Partial<Filter>, boolean]>([
    [{}, true],
    [{ text: "ACK admin" }, true],
    [{ text: "#3" }, true],
    [{ text: "admin event" }, false],
    [{ direction: "in" }, true],
    [{ direction: "out" }, false],
  ])("%j: %s (RCD-39)", (filter, is) => {
    expect(isMatch(PACKET, { ...NO_FILTER, ...filter })).toBe(is);
  });
});

describe("Matches", () => {
  const say = (client: ScriptedClient, from: number, to: number): void => {
    for (let count = from; count < to; count++)
      client.transport.say(`42["${count % 2 ? "odd" : "even"}",${count}]`);
  };

  it.each<[string, Filter, number]>([
    ["without a filter", NO_FILTER, 1],
    ["with one", { text: "odd", direction: "in" }, 2],
  ])("forgets what the recording forgets, %s (RCD-38)", async (_name, filter, step) => {
    const [client, recording] = await recorded(4096);
    const matches = new Matches(recording, filter);
    say(client, 0, 20);
    expect(matches.read()).toBe(0);
    const { count } = matches;
    expect(count).toBeGreaterThanOrEqual(20 / step);
    say(client, 20, 20_000);
    matches.read();
    const { packets } = recording;
    expect(matches.count).toBe(Math.ceil((packets.count - packets.first) / step));
    expect(matches.rowAt(0)).toBeGreaterThanOrEqual(packets.first);
    expect(matches.rowAt(matches.count - 1)).toBeGreaterThanOrEqual(packets.count - step);
    for (const place of [0, 1, matches.count - 1]) {
      expect(matches.placeOf(matches.rowAt(place))).toBe(place);
      expect(isMatch(recording.packet(matches.rowAt(place)) as PacketEntry, filter)).toBe(true);
    }
    expect(matches.placeOf(0)).toBeLessThan(0);
    // as much goes as comes
    say(client, 0, 10);
    expect(matches.read()).toBe(10 / step);
  });
});

describe("freeze()", () => {
  it("keeps what there was, while the recording goes on (RCD-17)", async () => {
    const [client, recording] = await recorded(1024);
    client.socket().emit("question", () => {});
    client.transport.say("430[]");
    const frozen = freeze(recording);
    const before = packetRows(frozen, new Matches(frozen, NO_FILTER));
    const { count } = frozen.packets;
    for (let more = 0; more < 100; more++) client.transport.say('42["more"]');
    expect(frozen.packets.count).toBe(count);
    expect(before.cells(count - 1)).toContain("ack");
    expect(frozen.pairOf(count - 1)).toBe(count - 2);
    expect(recording.packet(count - 1)).toBe(undefined);
  });
});

describe("noteRows()", () => {
  it("knows notes by their numbers, and marks what went wrong", async () => {
    const [client, recording] = await recorded();
    await client.fail();
    const rows = noteRows(recording);
    const keys = Array.from({ length: rows.count }, (_, place) => rows.rowAt(place));
    expect(keys.map((key) => rows.placeOf(key))).toEqual(keys.map((_, place) => place));
    expect(keys.map((key) => rows.kind(key))).toContain("bad");
    expect(rows.placeOf(-1)).toBe(-1);
    expect(rows.cells(-1)).toEqual([]);
  });
});

describe("plot()", () => {
  it("says what it draws", () => {
    expect(plot([])).toEqual({ points: "", words: "No round trip was seen yet" });
    expect(plot([12.34])).toEqual({
      points: "238,1 240,1",
      words: "Last 12.3 ms, median 12.3 ms, most 12.3 ms of 1 round trip",
    });
    expect(plot([0])).toMatchObject({ points: "238,39 240,39" });
    const { points, words } = plot([10, 40, 20]);
    expect(points).toBe("236,29.5 238,1 240,20");
    expect(words).toBe("Last 20 ms, median 20 ms, most 40 ms of 3 round trips");
  });
});

describe("The words", () => {
  it("tell of a packet", () => {
    expect(packetCells(PACKET)).toEqual([
      "1.234",
      "in",
      "ack",
      "/admin",
      "#3",
      "1.5 kB",
      "12.3 ms",
    ]);
    expect(packetFacts({ ...PACKET, data: "[1]" })).toEqual([
      ["Time", "1.234 s"],
      ["Direction", "in"],
      ["Type", "ack"],
      ["Namespace", "/admin"],
      ["Ack id", "3"],
      ["Size", "1.5 kB"],
      ["Transport", "websocket"],
      ["Round trip", "12.3 ms"],
      ["Kept", "[1]"],
    ]);
  });

  it.each<[Partial<NoteEntry> & { kind: NoteEntry["kind"] }, string]>([
    [
      {
        kind: "state",
        old: "open",
        state: "waiting",
        event: "lost",
        why: "ping timeout",
        delay: 1500,
        attempt: 2,
      },
      "open \u2192 waiting: ping timeout, next try in 1.50 s, attempt 2",
    ],
    [
      { kind: "channel", nsp: "/", old: "asking", state: "connected", event: "accepted" },
      "/ asking \u2192 connected: accepted",
    ],
    [
      { kind: "transport", what: "stayed", transport: "polling", code: "timeout" },
      "polling stayed (timeout)",
    ],
    [
      {
        kind: "failure",
        code: "http-status",
        attempts: [{ transport: "polling", ms: 20, code: "http-status", status: 503 }],
      },
      "http-status; polling: http-status (503) after 20 ms",
    ],
    [{ kind: "close", reason: "transport close", closeCode: 1006 }, "transport close (1006)"],
    [{ kind: "drop", code: "expired", nsp: "/", event: "chat" }, "/ chat: expired"],
    [{ kind: "refused", nsp: "/", code: "unauthorized" }, "/: unauthorized"],
    [{ kind: "wait", nsp: "/", delay: 1000 }, "/: 1.00 s"],
    [{ kind: "signal", signal: "wake" }, "wake"],
    [{ kind: "probe", ms: 31.5 }, "31.5 ms"],
    [{ kind: "shared", role: "guest", tabs: 3 }, "guest, 3 tabs"],
    [{ kind: "shared", role: "host", tabs: 1 }, "host, 1 tab"],
  ])("tell of %j", (note, text) => {
    expect(noteCells({ n: 0, at: 0, ...note } as NoteEntry)).toEqual(["0.000", note.kind, text]);
  });

  it("tell of sizes and times", () => {
    expect([0, 999, 1000, 2_500_000].map(size)).toEqual(["0 B", "999 B", "1.0 kB", "2.5 MB"]);
    expect([0.04, 999.9, 61_000].map(duration)).toEqual(["0 ms", "999.9 ms", "61.00 s"]);
  });
});
