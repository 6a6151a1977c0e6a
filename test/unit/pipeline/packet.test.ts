import { describe, expect, it } from "vitest";
import {
  advance,
  deliveryOf,
  encodedBytes,
  isTooLarge,
  type Packet,
  type PacketEnding,
  type PacketEvent,
  type PacketState,
  packetTable,
} from "../../../src/pipeline/packet.js";
import { eventsOf, type Rows } from "../../support/tables.js";

function packet(state: PacketState, id?: number): Packet & { released: number } {
  const made = {
    state,
    encoded: "2",
    bytes: 1,
    id,
    options: {},
    released: 0,
    release: () => void made.released++,
  };
  return made;
}

const states = Object.keys(packetTable) as PacketState[];
const events = eventsOf(packetTable as Rows) as PacketEvent[];

describe.each(states)("A packet that is %s", (state) => {
  it.each(events)("on %s", (event) => {
    const next = packetTable[state][event];
    const one = packet(state);
    expect([advance(one, event), one.state]).toEqual([next !== undefined, next ?? state]);
    // without an ack, nothing watches what the server has, nor what has ended
    expect(one.released).toBe(next === "ended" || next === "acked" ? 1 : 0);
    expect(one.release === undefined).toBe(one.released === 1);
  });

  it("may be emitted again without fear of a repetition only if it was never sent", () => {
    const isSafe = state === "made" || state === "waiting";
    expect(deliveryOf(packet(state))).toBe(isSafe ? "not-sent" : "maybe-sent");
  });
});

/** One life for each ending, as events. */
const lives: [PacketEnding, PacketEvent[]][] = [
  ["answered", ["handedOver", "answered"]],
  ["answered", ["kept", "handedOver", "takenBack", "handedOver", "received", "answered"]],
  ["timedOut", ["kept", "handedOver", "received", "timedOut"]],
  ["aborted", ["kept", "aborted"]],
  ["expired", ["kept", "handedOver", "takenBack", "expired"]],
  ["evicted", ["kept", "evicted"]],
  ["refused", ["refused"]],
  ["lost", ["handedOver", "lost"]],
];

describe("The life of a packet", () => {
  it.each(lives)("ends once: %s", (_ending, life) => {
    const one = packet("made");
    for (const event of life) expect(advance(one, event)).toBe(true);
    expect([one.state, one.released]).toEqual(["ended", 1]);
    expect(events.filter((event) => advance(one, event))).toEqual([]);
  });

  it("is watched to its end when an ack is still due", () => {
    const one = packet("sent", 7);
    advance(one, "received");
    expect([one.state, one.released]).toEqual(["acked", 0]);
    advance(one, "answered");
    expect([one.state, one.released]).toEqual(["ended", 1]);
  });
});

describe("encodedBytes", () => {
  it("counts text in UTF-8 and attachments as they are", () => {
    expect(encodedBytes('2["é"]')).toBe(7);
    expect(encodedBytes(['51-["é"]', new Uint8Array(100), new ArrayBuffer(5)])).toBe(9 + 105);
  });
});

describe("isTooLarge", () => {
  it("is never true while nobody knows the limit", () => {
    expect(isTooLarge("x".repeat(1e6), 0)).toBe(false);
  });

  it.each<[string, string | [string, ...ArrayBuffer[]], boolean]>([
    ["a text that fits with the engine's digit", "x".repeat(9), false],
    ["one that fits without it", "x".repeat(10), true],
    ["one of few characters and many bytes", "€€€€", true],
    ["an attachment that fits", ["x", new ArrayBuffer(10)], false],
    ["an attachment that doesn't", ["x", new ArrayBuffer(2), new ArrayBuffer(11)], true],
    ["many that fit one by one", ["x", new ArrayBuffer(9), new ArrayBuffer(9)], false],
  ])("looks at each frame: %s", (_what, encoded, isAbove) => {
    expect(isTooLarge(encoded, 10)).toBe(isAbove);
  });
});
