import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { hostTimers, monotonicNow } from "../../../src/platform/browser.js";
import {
  boundsOf,
  type BufferOptions,
  encodedBytes,
  Outbox,
  type Outgoing,
} from "../../../src/socket/outbox.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

function packet(name: string, changes: Partial<Outgoing> = {}): Outgoing {
  return {
    encoded: name,
    bytes: name.length,
    id: undefined,
    options: {},
    stage: "new",
    ...changes,
  };
}

function setUp(options?: BufferOptions) {
  const expired: unknown[] = [];
  const owner = { expired: ({ encoded }: Outgoing) => void expired.push(encoded) };
  const outbox = new Outbox(hostTimers(), owner, boundsOf(options));
  const names = () =>
    Array.from({ [Symbol.iterator]: () => outbox[Symbol.iterator]() }, (one) => one.encoded);
  return { outbox, expired, names };
}

describe("Outbox", () => {
  it("keeps packets in their order, and knows how much it keeps", () => {
    const { outbox, names } = setUp();
    for (const name of ["a", "bb", "ccc"]) outbox.add(packet(name));
    expect(names()).toEqual(["a", "bb", "ccc"]);
    expect([outbox.size, outbox.bytes]).toEqual([3, 6]);
  });

  it("takes what there is room for, and nothing gives way unless it may", () => {
    const { outbox, names } = setUp({ maxPackets: 3, maxBytes: 4 });
    expect([outbox.put(packet("aa")), outbox.put(packet("bb"))]).toEqual([[], []]);
    expect(outbox.put(packet("c"))).toBeUndefined();
    expect([names(), outbox.packets, outbox.bytes]).toEqual([["aa", "bb"], 2, 4]);
  });

  it("drops the oldest packets for a new one, but no barrier, and only when that makes room enough", () => {
    const { outbox, names } = setUp({ maxPackets: 2, maxBytes: 4, overflow: "drop-oldest" });
    const [barrier, a, b] = [packet("", { barrier: () => {} }), packet("a"), packet("bbb")];
    outbox.add(barrier);
    outbox.put(a);
    outbox.put(b);
    expect(outbox.put(packet("ccccc"))).toBeUndefined();
    expect(outbox.put(packet("cccc"))).toEqual([a, b]);
    expect([names(), outbox.packets, outbox.bytes]).toEqual([["", "cccc"], 1, 4]);
  });

  it("lets the older packet of a key give way first, and that one alone when it is enough", () => {
    const { outbox, names } = setUp({ maxPackets: 2, overflow: "drop-oldest" });
    const older = packet("older", { options: { key: "k" } });
    outbox.put(packet("a"));
    outbox.put(older);
    expect(outbox.put(packet("newer", { options: { key: "k" } }))).toEqual([older]);
    expect(names()).toEqual(["a", "newer"]);
  });

  it("puts packets that come back in front, but of each key only the newest", () => {
    const { outbox, names } = setUp();
    const keyed = (name: string, key: string) => packet(name, { options: { key } });
    outbox.add(keyed("x3", "x"));
    const [x1, y1, y2] = [keyed("x1", "x"), keyed("y1", "y"), keyed("y2", "y")];
    expect(outbox.addFirst([x1, y1, packet("a"), y2])).toEqual([x1, y1]);
    expect(names()).toEqual(["a", "y2", "x3"]);
    expect([outbox.packets, outbox.bytes, outbox.withKey("y")]).toEqual([3, 5, y2]);
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
    for (const one of outbox as Iterable<Outgoing>) {
      walked.push(one.encoded);
      outbox.remove(one);
    }
    expect([walked, outbox.size, outbox.bytes]).toEqual([["a", "b", "c"], 0, 0]);
  });

  describe("with a time to live", () => {
    it("drops packets when it is over, and not before", () => {
      const { outbox, expired, names } = setUp();
      outbox.add(packet("long", { expiresAt: monotonicNow() + 200 }));
      outbox.add(packet("short", { expiresAt: monotonicNow() + 100 }));
      outbox.add(packet("forever"));
      vi.advanceTimersByTime(99);
      expect(expired).toEqual([]);
      vi.advanceTimersByTime(1);
      expect([expired, names()]).toEqual([["short"], ["long", "forever"]]);
      vi.advanceTimersByTime(100);
      expect([expired, names()]).toEqual([["short", "long"], ["forever"]]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("needs one timer for all", () => {
      const { outbox } = setUp();
      for (let i = 0; i < 1000; i++)
        outbox.add(packet("p", { expiresAt: monotonicNow() + 1000 - i }));
      expect(vi.getTimerCount()).toBe(1);
    });

    it("leaves no timer when it is empty", () => {
      const { outbox } = setUp();
      const one = packet("one", { expiresAt: monotonicNow() + 100 });
      outbox.add(one);
      outbox.remove(one);
      expect(vi.getTimerCount()).toBe(0);
    });
  });
});

describe("encodedBytes", () => {
  it("counts text in UTF-8 and attachments as they are", () => {
    expect(encodedBytes('2["é"]')).toBe(7);
    expect(encodedBytes(['51-["é"]', new Uint8Array(100), new ArrayBuffer(5)])).toBe(9 + 105);
  });
});
