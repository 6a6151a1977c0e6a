import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { PacketDecoder } from "../../../src/protocol/packet-decoder.js";
import { PacketType } from "../../../src/protocol/socket-packet.js";

const bytes = (...values: number[]) => Uint8Array.from(values).buffer;

function refusal(act: () => unknown): TautlineError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TautlineError);
    return error as TautlineError;
  }
  throw new Error("nothing was thrown");
}

describe("PacketDecoder", () => {
  describe("on a text that is a packet", () => {
    it.each([
      ["0", PacketType.CONNECT, "/", undefined, undefined],
      ['0{"sid":"a"}', PacketType.CONNECT, "/", undefined, { sid: "a" }],
      ['0/admin,{"sid":"a"}', PacketType.CONNECT, "/admin", undefined, { sid: "a" }],
      ["0/admin", PacketType.CONNECT, "/admin", undefined, undefined],
      ["1", PacketType.DISCONNECT, "/", undefined, undefined],
      ["1/admin,", PacketType.DISCONNECT, "/admin", undefined, undefined],
      ['2["a"]', PacketType.EVENT, "/", undefined, ["a"]],
      ['2,["a"]', PacketType.EVENT, "/", undefined, ["a"]],
      ['212["a",null,1.5]', PacketType.EVENT, "/", 12, ["a", null, 1.5]],
      ['2/x?token=1,0["a"]', PacketType.EVENT, "/x?token=1", 0, ["a"]],
      ["2[1,2]", PacketType.EVENT, "/", undefined, [1, 2]],
      ["2[-1.5]", PacketType.EVENT, "/", undefined, [-1.5]],
      ['2[""]', PacketType.EVENT, "/", undefined, [""]],
      ["37[]", PacketType.ACK, "/", 7, []],
      ['3/x,0["connect"]', PacketType.ACK, "/x", 0, ["connect"]],
      ['4{"message":"no"}', PacketType.CONNECT_ERROR, "/", undefined, { message: "no" }],
      ['4/x,"no"', PacketType.CONNECT_ERROR, "/x", undefined, "no"],
      ['2["é\\u0000\u{1F600}"]', PacketType.EVENT, "/", undefined, ["é\u0000\u{1F600}"]],
    ])("reads %s", (text, type, nsp, id, data) => {
      expect(new PacketDecoder().text(text)).toEqual({ type, nsp, id, data });
    });

    it("begins where it is told to", () => {
      expect(new PacketDecoder().text('42["a"]', 1)?.data).toEqual(["a"]);
    });
  });

  describe("with a number of attachments of its own", () => {
    const head = (count: number) => `5${count}-["a",{"_placeholder":true,"num":0}]`;

    it("takes as many, and no more", () => {
      expect(new PacketDecoder(300).text(head(300))).toBeUndefined();
      expect(refusal(() => new PacketDecoder(300).text(head(301))).code).toBe("parse-error");
      expect(new PacketDecoder(Infinity).text(head(100_000))).toBeUndefined();
      expect(refusal(() => new PacketDecoder().text(head(11))).code).toBe("parse-error");
    });
  });

  describe("on attachments", () => {
    it("puts them back in their places, in order (PRS-5)", () => {
      const decoder = new PacketDecoder();
      const head =
        '52-/x,3["a",{"_placeholder":true,"num":1},[{"b":{"_placeholder":true,"num":0}}]]';
      expect(decoder.text(head)).toBeUndefined();
      expect(decoder.binary(bytes(1))).toBeUndefined();
      expect(decoder.binary(bytes(2))).toEqual({
        type: PacketType.EVENT,
        nsp: "/x",
        id: 3,
        data: ["a", bytes(2), [{ b: bytes(1) }]],
      });
    });

    it("reads an answer with some", () => {
      const decoder = new PacketDecoder();
      decoder.text('61-5[{"_placeholder":true,"num":0}]');
      expect(decoder.binary(bytes(9))).toEqual({
        type: PacketType.ACK,
        nsp: "/",
        id: 5,
        data: [bytes(9)],
      });
    });

    it("uses one twice when two placeholders name it", () => {
      const decoder = new PacketDecoder();
      decoder.text('51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]');
      expect(decoder.binary(bytes(9))?.data).toEqual(["a", bytes(9), bytes(9)]);
    });

    it("reads the next packet after the last one", () => {
      const decoder = new PacketDecoder();
      decoder.text('51-["a",{"_placeholder":true,"num":0}]');
      decoder.binary(bytes(1));
      expect(decoder.text('2["b"]')?.data).toEqual(["b"]);
    });

    it("puts them at keys that look like prototypes, without touching any (PRS-7)", () => {
      const decoder = new PacketDecoder();
      decoder.text(
        '52-["a",{"__proto__":{"_placeholder":true,"num":0},"constructor":{"_placeholder":true,"num":1}}]',
      );
      decoder.binary(bytes(1));
      const [, value] = decoder.binary(bytes(2))?.data as [string, object];
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toEqual(bytes(1));
      expect(Object.getOwnPropertyDescriptor(value, "constructor")?.value).toEqual(bytes(2));
    });
  });

  describe("on a text that is none", () => {
    it.each([
      ["an empty one", ""],
      ["an unknown type", '7["a"]'],
      ["a type that is no digit", 'x["a"]'],
      ["the type beyond the digits", ':["a"]'],
      ["bad JSON", '2["a"'],
      ["text after the JSON", '2["a"]x'],
      ["no JSON at all", "2"],
      ["an event that is an object", '2{"a":1}'],
      ["an event without a name", "2[]"],
      ["an event whose name is an object", "2[{}]"],
      ["an event whose name is null", "2[null]"],
      ["an event whose name is true", "2[true]"],
      ["the reserved name connect", '2["connect"]'],
      ["the reserved name connect_error", '2["connect_error",{}]'],
      ["the reserved name disconnect", '2["disconnect"]'],
      ["the reserved name disconnecting", '2["disconnecting"]'],
      ["the reserved name newListener", '2["newListener"]'],
      ["the reserved name removeListener", '2["removeListener"]'],
      ["a reserved name with attachments", '51-["connect",{"_placeholder":true,"num":0}]'],
      ["an answer that is no array", '30{"a":1}'],
      ["an answer without data", "30"],
      ["a connect with an array", "0[]"],
      ["a connect with a string", '0"a"'],
      ["a connect with null", "0null"],
      ["a disconnect with data", "1{}"],
      ["a refusal without data", "4"],
      ["a refusal with a number", "41"],
      ["a refusal with an array", "4[]"],
      ["a refusal with null", "4null"],
      ["no attachments in a binary packet", '50-["a"]'],
      ["11 attachments", '511-["a"]'],
      ["an endless number of attachments", `5${"9".repeat(400)}-["a"]`],
      ["a negative number of attachments", '5-1-["a"]'],
      ["a binary packet without a number", '5["a"]'],
      ["a binary packet without its dash", '51["a"]'],
      ["a binary packet without payload", "51-"],
    ])("refuses %s, quoting it (PRS-2)", (_what, text) => {
      const error = refusal(() => new PacketDecoder().text(text));
      expect(error.code).toBe("parse-error");
      expect(error.message).toContain(JSON.stringify(text).slice(0, 40));
    });

    it("cuts what it quotes (PRS-3)", () => {
      const { message } = refusal(() => new PacketDecoder().text(`2[${"x".repeat(100_000)}`));
      expect(message.length).toBeLessThan(200);
    });
  });

  describe("on frames out of turn", () => {
    it("refuses text where an attachment is due (PRS-6)", () => {
      const decoder = new PacketDecoder();
      decoder.text('51-["a",{"_placeholder":true,"num":0}]');
      expect(refusal(() => decoder.text('2["b"]')).message).toContain("attachment");
    });

    it("refuses binary data where none is due (PRS-6)", () => {
      expect(refusal(() => new PacketDecoder().binary(bytes(1))).code).toBe("parse-error");
    });

    it.each(["1", "-1", "0.5", '"0"', "null", "1e99", '"length"', '"__proto__"'])(
      "refuses a placeholder that names attachment %s of one",
      (num) => {
        const decoder = new PacketDecoder();
        decoder.text(`51-["a",{"_placeholder":true,"num":${num}}]`);
        expect(refusal(() => decoder.binary(bytes(1))).code).toBe("parse-error");
      },
    );

    it("refuses a nesting that no stack holds (PRS-8)", () => {
      const decoder = new PacketDecoder();
      const depth = 200_000;
      decoder.text(`51-["a",${"[".repeat(depth)}${"]".repeat(depth)}]`);
      expect(refusal(() => decoder.binary(bytes(1))).code).toBe("parse-error");
    });

    it("forgets what was begun on reset", () => {
      const decoder = new PacketDecoder();
      decoder.text('51-["a",{"_placeholder":true,"num":0}]');
      decoder.destroy();
      expect(decoder.text('2["b"]')?.data).toEqual(["b"]);
    });
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes %s as a name, a key and a namespace",
    (name) => {
      const packet = new PacketDecoder().text(`2/${name},["${name}",{"${name}":{"polluted":1}}]`);
      expect(packet?.nsp).toBe(`/${name}`);
      expect((packet?.data as unknown[])[0]).toBe(name);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
});
