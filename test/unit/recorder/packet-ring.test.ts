import { beforeEach, describe, expect, it } from "vitest";
import { PacketRing } from "../../../src/recorder/packet-ring.js";
import { DefaultCodec } from "../../../src/protocol/default-codec.js";
import { PacketType } from "../../../src/protocol/socket-packet.js";
import type { Session } from "../../../src/engine/session.js";

const HOUR = 3_600_000;

let now: number;
let ring: PacketRing;
let session: { bytesHeard: number; transport: { name: string } };

beforeEach(() => {
  now = 1000.04;
  session = { bytesHeard: 0, transport: { name: "websocket" } };
  ring = fresh(4096);
});

function fresh(bytes: number): PacketRing {
  const timers = { now: () => now, after: () => () => {} };
  const made = new PacketRing({ timers, codec: new DefaultCodec() }, bytes, undefined);
  made.follow(session as Session);
  return made;
}

/** In a turn of the event loop of its own. */
async function receive(id?: number, event: unknown = "e", bytes = 10): Promise<number> {
  session.bytesHeard += bytes;
  ring.received({ type: PacketType.EVENT, nsp: "/", id, data: [event] });
  await Promise.resolve();
  await Promise.resolve();
  return ring.count - 1;
}

describe("PacketRing", () => {
  it("tells the time to a tenth of a millisecond, also after weeks without a packet (RCD-34)", async () => {
    const times: number[] = [];
    for (const ms of [0, 0.3, HOUR, 28 * HOUR, 30 * HOUR, 21 * 24 * HOUR, 0.7]) {
      now += ms;
      const index = await receive();
      times.push(ring.timeOf(index) - (now - ring.startedAt));
    }
    for (const off of times) expect(Math.abs(off)).toBeLessThan(0.06);
    expect(ring.timeOf(0)).toBe(0);
  });

  it("reads the clock once for the packets of one turn (RCD-34)", async () => {
    ring.sent('2["a"]');
    now += 5;
    ring.sent('2["b"]');
    await receive();
    now += 5;
    await receive();
    expect([0, 1, 2, 3].map((index) => ring.timeOf(index))).toEqual([0, 0, 0, 10]);
  });

  it("has forgotten when its oldest packets were counted from, once these are gone", async () => {
    for (let count = 0; count < 300; count++) {
      now += 31 * HOUR;
      await receive();
    }
    for (let index = ring.first + 1; index < ring.count; index++)
      expect(ring.timeOf(index) - ring.timeOf(index - 1)).toBeCloseTo(31 * HOUR, 0);
  });

  it("keeps no ack id that is larger than any client counts to", async () => {
    const ids = [0, 7, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 7, 2 ** 53];
    const kept = [];
    for (const id of ids) kept.push(ring.id(await receive(id)));
    expect(kept).toEqual([0, 7, 2 ** 31 - 1, -1, -1, -1]);
  });

  it.each([
    [['2["move",1]', '2["moved",1]', '2["mo"]', '2["move"]'], "move moved mo move"],
    [['2["a\\"b",1]', '2["a\\"b",2]', '2["a\\""]'], 'a"b a"b a"'],
    [['2/x,["e"]', '2["e"]', '2/x,["e"]', '2/y,["e"]'], "/x:e e /x:e /y:e"],
    [["2[1]", "2[12]", "2[1,2]"], "1 12 1"],
    [['21["e"]', '22["e"]', '2["e"]', '23["e"]', '2["e",1]'], "e#1 e#2 e e#3 e"],
    [['2["e"]', "31[1]", '2["e"]', "1", "1/x,"], "e #1 e  /x:"],
    [
      [`2["${"n".repeat(70)}",1]`, `2["${"n".repeat(64)}m",1]`],
      ["n", "n"].map((n) => n.repeat(64)).join(" "),
    ],
  ])("reads what is sent, whatever was sent before: %j (RCD-35)", (texts, expected) => {
    for (const text of texts) ring.sent(text);
    const heads = texts.map((_, index) => {
      const { nsp, event } = ring.name(index);
      const id = ring.id(index);
      return `${nsp === "/" ? "" : `${nsp}:`}${event}${id < 0 ? "" : `#${id}`}`;
    });
    expect(heads.join(" ")).toBe(expected);
    texts.forEach((text, index) => expect(ring.bytes(index)).toBe(text.length + 1));
  });

  it("names packets rightly while others make it count its names anew", () => {
    ring = fresh(2048);
    for (let count = 0; count < 5000; count++) {
      ring.sent('2["same",1]');
      ring.sent(`2["name ${count}"]`);
      const events = [ring.count - 2, ring.count - 1].map((index) => ring.name(index).event);
      expect(events).toEqual(["same", `name ${count}`]);
    }
  });

  it("knows direction, type and size of each", async () => {
    ring.sent('51-["file",{"_placeholder":true,"num":0}]');
    await receive(undefined, "e", 2 ** 30);
    ring.pinged();
    const read = [0, 1, 2].map((index) => [ring.isOut(index), ring.type(index), ring.bytes(index)]);
    expect(read).toEqual([
      [true, PacketType.BINARY_EVENT, 42],
      [false, PacketType.EVENT, 2 ** 30],
      [false, 7, 0],
    ]);
  });
});
