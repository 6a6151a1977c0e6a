import * as msgpack from "socket.io-msgpack-parser";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import type { Codec } from "../../../src/protocol/codec.js";
import { DefaultCodec } from "../../../src/protocol/default-codec.js";
import { type CustomParser, ParserCodec } from "../../../src/protocol/parser-codec.js";
import {
  type Encoded,
  PacketType,
  type SocketPacket,
} from "../../../src/protocol/socket-packet.js";
import { seeded } from "../../../src/test-kit/seeded.js";

const { CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR } = PacketType;

function decode(codec: Codec, encoded: Encoded): SocketPacket | undefined {
  const decoder = codec.decoder();
  let packet: SocketPacket | undefined;
  for (const frame of typeof encoded === "string" ? [encoded] : encoded)
    packet = typeof frame === "string" ? decoder.text(frame, 0) : decoder.binary(frame);
  return packet;
}

/** Any value that JSON or an attachment can hold. */
function anyValue(random: () => number, depth: number, attachments: { left: number }): unknown {
  const below = (limit: number) => Math.floor(random() * limit);
  const kind = below(depth > 0 ? 9 : 6);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return (random() - 0.5) * 10 ** below(20);
  if (kind === 3)
    return String.fromCharCode(...Array.from({ length: below(12) }, () => below(0xd800)));
  if (kind === 4) return ["__proto__", "constructor", "toString", "", "\u{1F600}"][below(5)];
  if (kind === 5 && attachments.left-- > 0)
    return Uint8Array.from({ length: below(40) }, () => below(256)).buffer;
  const items = Array.from({ length: below(4) }, () => anyValue(random, depth - 1, attachments));
  if (kind < 8) return items;
  // Object.fromEntries makes "__proto__" a key like any other
  return Object.fromEntries(
    items.map((item, at) => [["__proto__", "a", "ключ", "_placeholder"][at], item]),
  );
}

describe("DefaultCodec", () => {
  it("reads back what it wrote: 2,000 packets of any kind (PRS-1)", () => {
    const random = seeded(7);
    const codec = new DefaultCodec();
    for (let round = 0; round < 2000; round++) {
      const attachments = { left: 10 };
      const nsp = ["/", "/admin", "/__proto__", "/a?b=1"][round % 4] as string;
      const id = round % 3 ? undefined : round;
      const type = round % 5 ? EVENT : ACK;
      const data = ["name", anyValue(random, 4, attachments), anyValue(random, 2, attachments)];
      // an app's own {_placeholder: true} is the one thing that the protocol can't tell apart
      if (JSON.stringify(data).includes('"_placeholder":true')) continue;
      expect(decode(codec, codec.encode(type, nsp, data, id))).toEqual({ type, nsp, id, data });
    }
  });

  it.each([
    [CONNECT, { token: "t" }],
    [CONNECT, undefined],
    [DISCONNECT, undefined],
    [CONNECT_ERROR, { message: "no", data: { why: 1 } }],
  ])("reads back packets of type %i", (type, data) => {
    const codec = new DefaultCodec();
    const packet = { type, nsp: "/x", id: undefined, data };
    expect(decode(codec, codec.encode(type, "/x", data))).toEqual(packet);
  });
});

describe("A codec's decoders", () => {
  const data = ["a", Uint8Array.of(1).buffer];

  it("share nothing: a packet that one has begun is nothing to the next (PRS-12)", () => {
    const codec = new DefaultCodec();
    const [head, attachment] = codec.encode(EVENT, "/", data) as [string, ArrayBuffer];
    const [old, next] = [codec.decoder(), codec.decoder()];
    expect(old.text(head, 0)).toBeUndefined();
    expect(next.text('2["b"]', 0)?.data).toEqual(["b"]);
    expect(() => next.binary(attachment)).toThrow(TautlineError);
    expect(old.binary(attachment)?.data).toEqual(data);
  });

  it("take as many attachments as the codec", () => {
    const many = ["a", ...Array.from({ length: 200 }, (_, at) => Uint8Array.of(at).buffer)];
    const codec = new DefaultCodec(200);
    expect(decode(codec, codec.encode(EVENT, "/", many))?.data).toEqual(many);
  });

  it("of a parser are each its own, and hear of the session's end (PRS-12)", () => {
    const made: { isDestroyed: boolean }[] = [];
    class Decoder {
      isDestroyed = false;
      #listener: ((packet: unknown) => void) | undefined;
      constructor() {
        made.push(this);
      }
      on(_event: "decoded", listener: (packet: unknown) => void) {
        this.#listener = listener;
      }
      add() {
        this.#listener?.({ type: EVENT, nsp: "/", data: ["a"] });
      }
      destroy() {
        this.isDestroyed = true;
        this.#listener = undefined;
      }
    }
    const codec = new ParserCodec({ ...parserThat(() => {}), Decoder });
    for (let session = 0; session < 3; session++) {
      const decoder = codec.decoder();
      expect(decoder.text("x", 0)?.data).toEqual(["a"]);
      decoder.destroy();
    }
    expect(made.map(({ isDestroyed }) => isDestroyed)).toEqual([true, true, true]);
  });

  it("of a parser can't disturb a session by what destroy() throws (PRS-15)", () => {
    const report = vi.fn();
    vi.stubGlobal("reportError", report);
    onTestFinished(() => void vi.unstubAllGlobals());
    const error = new Error("of the parser");
    class Decoder {
      on() {}
      add() {}
      destroy() {
        throw error;
      }
    }
    new ParserCodec({ ...parserThat(() => {}), Decoder }).decoder().destroy();
    expect(report.mock.calls).toEqual([[error]]);
  });
});

/** In Node, the parser gets its build for Node, which reads Buffers only. */
class NodeDecoder extends msgpack.Decoder {
  override add(data: ArrayBuffer): void {
    super.add(Buffer.from(data));
  }
}

const msgpackParser = { ...msgpack, Decoder: NodeDecoder } as unknown as CustomParser;

/** A parser that lets a test say what it decodes, and what it throws. */
function parserThat(
  add: (frame: unknown, decoded: (packet: unknown) => void) => void,
): CustomParser {
  return {
    Encoder: class {
      encode(packet: SocketPacket): unknown[] {
        return [JSON.stringify(packet)];
      }
    },
    Decoder: class {
      #listener: (packet: never) => void = () => {};
      on(_event: "decoded", listener: (packet: never) => void) {
        this.#listener = listener;
      }
      add(frame: never) {
        add(frame, this.#listener as (packet: unknown) => void);
      }
    },
  };
}

describe("ParserCodec", () => {
  it("reads back what socket.io-msgpack-parser wrote (PRS-11)", () => {
    const codec = new ParserCodec(msgpackParser);
    const data = ["a", { deep: [1, "é", null] }];
    const [frame] = codec.encode(EVENT, "/x", data, 3) as [Uint8Array];
    expect(codec.decoder().binary(frame)).toMatchObject({ type: EVENT, nsp: "/x", id: 3, data });
  });

  it("hands the parser the packet that the reference client hands it", () => {
    const codec = new ParserCodec(parserThat(() => {}));
    const [text] = codec.encode(EVENT, "/", ["a"], 1, false) as [string];
    expect(JSON.parse(text)).toEqual({
      type: EVENT,
      nsp: "/",
      id: 1,
      data: ["a"],
      options: { compress: false },
    });
  });

  it("takes the engine's digit away", () => {
    const seen: unknown[] = [];
    new ParserCodec(parserThat((frame) => seen.push(frame))).decoder().text("4hello", 1);
    expect(seen).toEqual(["hello"]);
  });

  it("turns what the encoder throws into an error of the house (PRS-13)", () => {
    const cause = new Error("too odd");
    const parser = parserThat(() => {});
    parser.Encoder = class {
      encode(): unknown[] {
        throw cause;
      }
    };
    const attempt = () => new ParserCodec(parser).encode(EVENT, "/", ["a"]);
    expect(attempt).toThrow(TautlineError);
    expect(attempt).toThrow(expect.objectContaining({ code: "unserializable", cause }));
  });

  it.each([
    ["no array", "text"],
    ["nothing", undefined],
    ["a number among the frames", ["a", 5]],
    ["an object among the frames", [{}]],
  ])("refuses an encoder's %s", (_what, frames) => {
    const Encoder = class {
      encode(): unknown {
        return frames;
      }
    };
    const codec = new ParserCodec({ ...parserThat(() => {}), Encoder });
    expect(() => codec.encode(EVENT, "/", ["a"])).toThrow(
      expect.objectContaining({ code: "unserializable" }),
    );
  });

  it("copies an encoder's shared memory, and refuses its detached buffers", () => {
    const buffer = new ArrayBuffer(2);
    const frames: unknown[] = [new Uint8Array(new SharedArrayBuffer(2))];
    const Encoder = class {
      encode(): unknown {
        return frames;
      }
    };
    const codec = new ParserCodec({ ...parserThat(() => {}), Encoder });
    const [frame] = codec.encode(EVENT, "/", ["a"]) as [Uint8Array];
    expect(frame.buffer).toBeInstanceOf(ArrayBuffer);
    structuredClone(buffer, { transfer: [buffer] });
    frames.push(buffer);
    expect(() => codec.encode(EVENT, "/", ["a"])).toThrow(
      expect.objectContaining({ code: "unserializable" }),
    );
  });

  it("turns what the decoder throws into a parse error (PRS-14)", () => {
    const cause = new Error("garbage");
    const decoder = new ParserCodec(
      parserThat(() => {
        throw cause;
      }),
    ).decoder();
    expect(() => decoder.text("4zzz", 1)).toThrow(
      expect.objectContaining({
        code: "parse-error",
        cause,
        message: expect.stringContaining("zzz"),
      }),
    );
  });

  it.each([
    ["an unknown type", { type: 9, nsp: "/" }],
    ["no namespace", { type: EVENT, data: ["a"] }],
    ["a namespace that is no string", { type: EVENT, nsp: 5, data: ["a"] }],
    ["an id that is no number", { type: ACK, nsp: "/", id: "1", data: [] }],
    ["a reserved name", { type: EVENT, nsp: "/", data: ["disconnect"] }],
    ["an event without a name", { type: EVENT, nsp: "/", data: [] }],
    ["a number for a packet", 5],
  ])("refuses %s", (_what, packet) => {
    const decoder = new ParserCodec(parserThat((_frame, decoded) => decoded(packet))).decoder();
    expect(() => decoder.text("4x", 1)).toThrow(expect.objectContaining({ code: "parse-error" }));
  });

  it("goes on after an error", () => {
    let rounds = 0;
    const packet = { type: EVENT, nsp: "/", data: ["a"] };
    const decoder = new ParserCodec(
      parserThat((_frame, decoded) => {
        if (!rounds++) throw new Error("once");
        decoded(packet);
      }),
    ).decoder();
    expect(() => decoder.text("4x", 1)).toThrow(TautlineError);
    expect(decoder.text("4x", 1)).toBe(packet);
  });

  it("doesn't hand out a packet twice", () => {
    let rounds = 0;
    const packet = { type: EVENT, nsp: "/", data: ["a"] };
    const decoder = new ParserCodec(
      parserThat((_frame, decoded) => {
        if (!rounds++) decoded(packet);
      }),
    ).decoder();
    expect([decoder.text("4x", 1), decoder.text("4x", 1)]).toEqual([packet, undefined]);
  });
});
