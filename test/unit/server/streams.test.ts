import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { Streams } from "../../../src/server/streams.js";
import type { Stream } from "../../../src/server/stream.js";

const names = (count: number, prefix = "s"): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

/** Clients that come, and leave again. */
const visit = (streams: Streams, ids: string[]): Stream[] =>
  ids.map((id) => {
    const conn = new EventEmitter();
    const stream = streams.enter(conn, id);
    conn.emit("close");
    return stream;
  });

describe("Streams", () => {
  it("remembers a stream while its client is away", () => {
    const streams = new Streams({});
    const [stream] = visit(streams, ["s"]);
    expect(visit(streams, ["s"])).toEqual([stream]);
  });

  it("forgets the one that is away longest (DED-14)", () => {
    const streams = new Streams({ maxStreams: 2 });
    const [a, b] = visit(streams, ["a", "b"]);
    visit(streams, ["a", "c"]);
    expect(visit(streams, ["a"])[0]).toBe(a);
    expect(visit(streams, ["b"])[0]).not.toBe(b);
  });

  it("forgets none of a connection that lives", () => {
    const streams = new Streams({ maxStreams: 2 });
    const conn = new EventEmitter();
    const stream = streams.enter(conn, "s");
    visit(streams, names(10));
    expect(streams.enter(new EventEmitter(), "s")).toBe(stream);
  });

  it("keeps one that another connection uses still", () => {
    const streams = new Streams({ maxStreams: 0 });
    const [old, young] = [new EventEmitter(), new EventEmitter()];
    const stream = streams.enter(old, "s");
    expect(streams.enter(young, "s")).toBe(stream);
    expect(streams.enter(young, "s")).toBe(stream);
    old.emit("close");
    expect(streams.enter(young, "s")).toBe(stream);
    young.emit("close");
    expect(streams.enter(new EventEmitter(), "s")).not.toBe(stream);
  });

  it("remembers 100 of a connection, which costs nobody else's (DED-15)", () => {
    const streams = new Streams({ maxStreams: 100 });
    const others = visit(streams, names(100, "other "));
    const conn = new EventEmitter();
    for (const id of names(10_000)) streams.enter(conn, id);
    expect(conn.listenerCount("close")).toBe(1);
    expect(visit(streams, names(100, "other "))).toEqual(others);
  });

  it.each([NaN, -1, "many"])("refuses a bound of %s", (bound) => {
    for (const name of ["maxStreams", "maxReplyBytes"])
      expect(() => new Streams({ [name]: bound })).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining(name),
        }),
      );
  });

  describe("answers", () => {
    /** What is kept of this answer to packet `sequence`. */
    const keep = (streams: Streams, stream: Stream, sequence: number, ...args: unknown[]): void =>
      streams.answers.give(streams.answers.expect(stream, sequence), args);
    const kept = (stream: Stream, ...sequences: number[]): unknown[] =>
      sequences.map((sequence) => stream.answers?.get(sequence)?.args);
    const serve = (maxReplyBytes?: number) => {
      const streams = new Streams(maxReplyBytes === undefined ? {} : { maxReplyBytes });
      const enter = (id: string): Stream => streams.enter(new EventEmitter(), id);
      return { streams, enter };
    };

    it("are copies, as JSON carries them, with binary data", () => {
      const { streams, enter } = serve();
      const stream = enter("s");
      const bytes = Uint8Array.of(1, 2);
      const answer = { n: 1, at: new Date(0), list: [bytes, bytes.buffer], none: null };
      keep(streams, stream, 1, answer, "text");
      answer.n = 2;
      bytes[0] = 9;
      const buffer = Buffer.from([1, 2]);
      const copy = { n: 1, at: "1970-01-01T00:00:00.000Z", list: [buffer, buffer], none: null };
      expect(kept(stream, 1)).toEqual([[copy, "text"]]);
    });

    it("are not kept when they can't be read", () => {
      const { streams, enter } = serve();
      const stream = enter("s");
      const circle: unknown[] = [];
      circle.push(circle);
      keep(streams, stream, 1, circle);
      expect(kept(stream, 1)).toEqual([undefined]);
    });

    it("of one stream take a 64th of the bytes, the oldest give way", () => {
      const { streams, enter } = serve(64 * 1000);
      const [s, t] = [enter("s"), enter("t")];
      keep(streams, s, 1, "x".repeat(600));
      keep(streams, t, 1, "y");
      keep(streams, s, 2, Buffer.alloc(600));
      expect(kept(s, 1, 2)).toEqual([undefined, [Buffer.alloc(600)]]);
      keep(streams, s, 3, { ["z".repeat(1000)]: 1 });
      expect(kept(s, 2, 3)).toEqual([undefined, undefined]);
      expect(kept(t, 1)).toEqual([["y"]]);
    });

    it("of all streams are bounded, the oldest give way (DED-16)", () => {
      const { streams, enter } = serve(64 * 1000);
      const list = names(100).map(enter);
      for (const stream of list) keep(streams, stream, 1, "x".repeat(600));
      const isKept = list.map((stream) => kept(stream, 1)[0] !== undefined);
      expect(isKept.filter(Boolean)).toHaveLength(Math.floor(64_000 / (256 + 16 + 600)));
      expect(isKept.lastIndexOf(false)).toBe(isKept.indexOf(true) - 1);
    });

    it("are forgotten with their stream", () => {
      const streams = new Streams({ maxStreams: 0 });
      const conn = new EventEmitter();
      const stream = streams.enter(conn, "s");
      keep(streams, stream, 1, "gone");
      expect(kept(stream, 1)).toEqual([["gone"]]);
      conn.emit("close");
      expect(kept(stream, 1)).toEqual([undefined]);
    });
  });
});
