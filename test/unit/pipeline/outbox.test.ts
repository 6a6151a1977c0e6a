import { describe, expect, it } from "vitest";
import { boundsOf, type BufferOptions, Outbox } from "../../../src/pipeline/outbox.js";
import type { Packet } from "../../../src/pipeline/packet.js";

function packet(name: string, changes: Partial<Packet> = {}): Packet {
  return {
    state: "waiting",
    encoded: name,
    bytes: name.length,
    id: undefined,
    options: {},
    ...changes,
  };
}

function setUp(options?: BufferOptions) {
  const outbox = new Outbox(boundsOf(options));
  const names = () => [...outbox].map((one) => one.encoded);
  /** Makes room, as the pipeline does, and says what for. */
  const put = (one: Packet): Packet[] | undefined => {
    const gone = outbox.roomFor(one);
    for (const older of gone ?? []) outbox.remove(older);
    if (gone) outbox.add(one);
    return gone;
  };
  return { outbox, names, put };
}

describe("Outbox", () => {
  it("keeps packets in their order, and knows how much it keeps", () => {
    const { outbox, names } = setUp();
    for (const name of ["a", "bb", "ccc"]) outbox.add(packet(name));
    expect(names()).toEqual(["a", "bb", "ccc"]);
    expect([outbox.size, outbox.bytes]).toEqual([3, 6]);
  });

  it("takes what there is room for, and nothing gives way unless it may", () => {
    const { outbox, names, put } = setUp({ maxPackets: 3, maxBytes: 4 });
    expect([put(packet("aa")), put(packet("bb"))]).toEqual([[], []]);
    expect(put(packet("c"))).toBeUndefined();
    expect([names(), outbox.packets, outbox.bytes]).toEqual([["aa", "bb"], 2, 4]);
  });

  it("drops the oldest packets for a new one, but no place in the order, and only when that makes room enough (BUF-4)", () => {
    const { outbox, names, put } = setUp({ maxPackets: 2, maxBytes: 4, overflow: "drop-oldest" });
    const [place, a, b] = [packet("", { pass: () => true }), packet("a"), packet("bbb")];
    outbox.add(place);
    put(a);
    put(b);
    expect(put(packet("ccccc"))).toBeUndefined();
    expect(put(packet("cccc"))).toEqual([a, b]);
    expect([names(), outbox.packets, outbox.bytes]).toEqual([["", "cccc"], 1, 4]);
  });

  it("lets the older packet of a key give way first, and that one alone when it is enough (BUF-12)", () => {
    const { names, put } = setUp({ maxPackets: 2, overflow: "drop-oldest" });
    const older = packet("older", { options: { key: "k" } });
    put(packet("a"));
    put(older);
    expect(put(packet("newer", { options: { key: "k" } }))).toEqual([older]);
    expect(names()).toEqual(["a", "newer"]);
  });

  it("asks for room and changes nothing", () => {
    const { outbox, names } = setUp({ maxPackets: 1, overflow: "drop-oldest" });
    const one = packet("one");
    outbox.add(one);
    expect(outbox.roomFor(packet("two"))).toEqual([one]);
    expect([names(), outbox.bytes]).toEqual([["one"], 3]);
  });

  it("has no room at all where nothing may wait", () => {
    const { put } = setUp({ maxPackets: 0, overflow: "drop-oldest" });
    expect(put(packet("a"))).toBeUndefined();
  });

  it("puts packets that come back in front, in their order, over every bound (BUF-16)", () => {
    const { outbox, names } = setUp({ maxPackets: 1 });
    const keyed = packet("y", { id: 5, options: { key: "y" } });
    outbox.add(packet("new"));
    outbox.addFirst([packet("a"), keyed]);
    expect(names()).toEqual(["a", "y", "new"]);
    expect([outbox.packets, outbox.bytes]).toEqual([3, 5]);
    expect([outbox.withKey("y"), outbox.withAck(5)]).toEqual([keyed, keyed]);
  });

  it("takes undefined bounds for the usual ones", () => {
    expect(boundsOf({ maxBytes: undefined as never, ttl: 5 })).toEqual({
      ...boundsOf(undefined),
      ttl: 5,
    });
  });

  it("gives a packet back once", () => {
    const { outbox, names } = setUp();
    const one = packet("one");
    outbox.add(one);
    outbox.add(packet("two"));
    expect([outbox.remove(one), outbox.remove(one)]).toEqual([true, false]);
    expect([names(), outbox.bytes]).toEqual([["two"], 3]);
  });

  it("finds packets by their ack and by their key", () => {
    const { outbox } = setUp();
    const one = packet("one", { id: 7, options: { key: "__proto__" } });
    outbox.add(one);
    expect([outbox.withAck(7), outbox.withKey("__proto__")]).toEqual([one, one]);
    outbox.remove(one);
    expect([outbox.withAck(7), outbox.withKey("__proto__"), outbox.withKey("constructor")]).toEqual(
      [undefined, undefined, undefined],
    );
  });

  it("keeps the newest packet of a key findable when an older one goes", () => {
    const { outbox } = setUp();
    const [older, newer] = [
      packet("older", { options: { key: "k" } }),
      packet("newer", { options: { key: "k" } }),
    ];
    outbox.add(older);
    outbox.add(newer);
    outbox.remove(older);
    expect(outbox.withKey("k")).toBe(newer);
  });

  it("can be walked while packets are taken out", () => {
    const { outbox } = setUp();
    for (const name of ["a", "b", "c"]) outbox.add(packet(name));
    const walked: unknown[] = [];
    for (const one of outbox) {
      walked.push(one.encoded);
      outbox.remove(one);
    }
    expect([walked, outbox.size, outbox.bytes]).toEqual([["a", "b", "c"], 0, 0]);
  });
});
