import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../../src/server/index.js";
import { Streams } from "../../../src/server/streams.js";

describe("MemoryStore", () => {
  it("keeps streams apart", () => {
    const store = new MemoryStore();
    expect([store.claim("a", 1), store.claim("b", 1), store.claim("a", 1)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("forgets the stream that was silent longest, with its answers", () => {
    const store = new MemoryStore({ maxStreams: 2 });
    store.saveReply("b", 1, ["old"]);
    for (const stream of ["a", "b", "a", "c"]) store.claim(stream, 1);
    expect([store.claim("a", 1), store.claim("b", 1), store.reply("b", 1)]).toEqual([
      false,
      true,
      undefined,
    ]);
  });

  describe("of answers", () => {
    it("keeps a copy, as JSON carries it, and binary data", () => {
      const store = new MemoryStore();
      const bytes = Uint8Array.of(1, 2);
      const answer = { n: 1, at: new Date(0), list: [bytes, bytes.buffer], none: null };
      store.saveReply("s", 1, [answer, "text"]);
      answer.n = 2;
      bytes[0] = 9;
      const buffer = Buffer.from([1, 2]);
      expect(store.reply("s", 1)).toEqual([
        { n: 1, at: "1970-01-01T00:00:00.000Z", list: [buffer, buffer], none: null },
        "text",
      ]);
    });

    it("keeps none that can't be read", () => {
      const store = new MemoryStore();
      const circle: unknown[] = [];
      circle.push(circle);
      store.saveReply("s", 1, circle);
      expect(store.reply("s", 1)).toBeUndefined();
    });

    it("forgets the oldest of a stream", () => {
      const store = new MemoryStore({ maxReplies: 2 });
      for (const n of [1, 2, 3]) store.saveReply("s", n, [n]);
      expect([1, 2, 3].map((n) => store.reply("s", n))).toEqual([undefined, [2], [3]]);
    });

    it("lets a stream use a 64th of the bytes", () => {
      const store = new MemoryStore({ maxReplyBytes: 64 * 1000 });
      store.saveReply("s", 1, ["x".repeat(600)]);
      store.saveReply("t", 1, ["y"]);
      store.saveReply("s", 2, [Buffer.alloc(600)]);
      store.saveReply("s", 3, ["z".repeat(1000)]);
      expect([1, 2, 3].map((n) => store.reply("s", n))).toEqual([undefined, undefined, undefined]);
      expect(store.reply("t", 1)).toEqual(["y"]);
    });

    it("forgets the oldest of all where they are too much together", () => {
      const store = new MemoryStore({ maxReplyBytes: 64 * 1000 });
      for (let n = 1; n <= 100; n++) store.saveReply(`s${n}`, 1, ["x".repeat(600)]);
      const kept = Array.from({ length: 100 }, (_, n) => store.reply(`s${n + 1}`, 1) !== undefined);
      expect(kept.filter(Boolean)).toHaveLength(Math.floor(64_000 / (256 + 16 + 600)));
      expect(kept.lastIndexOf(false)).toBe(kept.indexOf(true) - 1);
    });
  });

  it.each([NaN, -1, "many"])("refuses a bound of %s", (bound) => {
    expect(() => new MemoryStore({ maxStreams: bound as number })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});

describe("Streams", () => {
  it("forgets none of a connection that lives", () => {
    const streams = new Streams({ maxStreams: 2 });
    const conn = new EventEmitter();
    const stream = streams.enter(conn, "s");
    for (let n = 0; n < 10; n++) streams.find(`other ${n}`);
    expect(streams.find("s")).toBe(stream);
    conn.emit("close");
    expect(streams.find("s")).toBe(stream);
    for (let n = 0; n < 10; n++) streams.find(`other ${n}`);
    expect(streams.find("s")).not.toBe(stream);
  });

  it("keeps one that another connection uses still", () => {
    const streams = new Streams({ maxStreams: 0 });
    const [old, young] = [new EventEmitter(), new EventEmitter()];
    const stream = streams.enter(old, "s");
    expect(streams.enter(young, "s")).toBe(stream);
    expect(streams.enter(young, "s")).toBe(stream);
    old.emit("close");
    expect(streams.find("s")).toBe(stream);
    young.emit("close");
    expect(streams.find("s")).not.toBe(stream);
  });

  it("remembers 100 of a connection, which costs nobody else's", () => {
    const streams = new Streams({ maxStreams: 200 });
    const away = streams.find("away");
    const conn = new EventEmitter();
    for (let n = 0; n < 10_000; n++) streams.enter(conn, `s${n}`);
    expect(conn.listenerCount("close")).toBe(1);
    conn.emit("close");
    expect(streams.find("away")).toBe(away);
  });
});
