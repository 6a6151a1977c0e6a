import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { encodePacket } from "../../../src/protocol/packet-encoder.js";
import { PacketType } from "../../../src/protocol/socket-packet.js";

const { CONNECT, DISCONNECT, EVENT, ACK } = PacketType;

function refusal(act: () => unknown): TautlineError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TautlineError);
    return error as TautlineError;
  }
  throw new Error("nothing was thrown");
}

describe("encodePacket", () => {
  it.each([
    ["0", [CONNECT, "/"]],
    ["0/admin,", [CONNECT, "/admin"]],
    ['0/admin,{"token":"t"}', [CONNECT, "/admin", { token: "t" }]],
    ["1", [DISCONNECT, "/"]],
    ["1/admin,", [DISCONNECT, "/admin"]],
    ['2["a"]', [EVENT, "/", ["a"]]],
    ['2/x,0["a",1,null]', [EVENT, "/x", ["a", 1, null], 0]],
    ["312[]", [ACK, "/", [], 12]],
  ] as const)("writes %s", (text, args) => {
    expect(encodePacket(...(args as unknown as Parameters<typeof encodePacket>))).toBe(text);
  });

  describe("with binary data", () => {
    const data = Uint8Array.of(1, 2, 3);

    it("puts it behind the text, in order", () => {
      const first = data.buffer;
      const second = new Uint16Array(2);
      const frames = encodePacket(EVENT, "/x", ["a", first, { deep: [second] }], 4);
      expect(frames).toEqual([
        '52-/x,4["a",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1}]}]',
        first,
        second,
      ]);
    });

    it("writes an answer with some", () => {
      expect(encodePacket(ACK, "/", [data], 1)).toEqual([
        '61-1[{"_placeholder":true,"num":0}]',
        data,
      ]);
    });

    it.each([
      ["an ArrayBuffer", new ArrayBuffer(2)],
      ["a typed array", new Float64Array(1)],
      ["a DataView", new DataView(new ArrayBuffer(1))],
      ["a Node Buffer", Buffer.from("x")],
      ["a Blob", new Blob(["x"])],
      ["a File", new File(["x"], "x.txt")],
    ])("takes %s", (_name, value) => {
      const [text, attachment] = encodePacket(EVENT, "/", ["a", value]) as unknown[];
      expect(text).toBe('51-["a",{"_placeholder":true,"num":0}]');
      expect(attachment).toBe(value);
    });

    it("finds it in what toJSON returns", () => {
      const value = { toJSON: () => ({ data }) };
      expect(encodePacket(EVENT, "/", ["a", value])).toEqual([
        '51-["a",{"data":{"_placeholder":true,"num":0}}]',
        data,
      ]);
    });

    it("leaves out what toJSON hides", () => {
      const value = { data, toJSON: () => "text" };
      expect(encodePacket(EVENT, "/", ["a", value])).toBe('2["a","text"]');
    });

    it("finds it in a class of the app", () => {
      class Frame {
        readonly data = data;
      }
      expect(encodePacket(EVENT, "/", ["a", new Frame()])).toHaveLength(2);
    });

    it("doesn't touch the arguments", () => {
      const args = ["a", { data }];
      encodePacket(EVENT, "/", args);
      expect(args).toEqual(["a", { data: Uint8Array.of(1, 2, 3) }]);
    });

    it("takes 10 of them, and refuses 11 (BIN-7)", () => {
      const many = (count: number) => ["a", ...Array.from({ length: count }, () => data)];
      expect(encodePacket(EVENT, "/", many(10))).toHaveLength(11);
      const error = refusal(() => encodePacket(EVENT, "/", many(11)));
      expect([error.code, error.message]).toEqual([
        "too-many-attachments",
        expect.stringContaining("11"),
      ]);
    });

    it("takes as many as it is told that the server takes", () => {
      const many = (count: number) => ["a", ...Array.from({ length: count }, () => data)];
      expect(encodePacket(EVENT, "/", many(300), undefined, Infinity)).toHaveLength(301);
      expect(encodePacket(EVENT, "/", many(2), undefined, 2)).toHaveLength(3);
      const error = refusal(() => encodePacket(EVENT, "/", many(3), undefined, 2));
      expect(error.message).toContain("takes 2");
    });

    it("refuses a detached buffer among others, whole", () => {
      const buffer = new ArrayBuffer(2);
      structuredClone(buffer, { transfer: [buffer] });
      const error = refusal(() => encodePacket(EVENT, "/", ["a", data, { buffer }]));
      expect(error.code).toBe("unserializable");
    });

    it("is not disturbed by a packet that is written in the middle, from a toJSON", () => {
      const inner: unknown[] = [];
      const value = {
        toJSON() {
          inner.push(encodePacket(EVENT, "/", ["inner", Uint8Array.of(9)], 7));
          return { data };
        },
      };
      const outer = encodePacket(EVENT, "/", ["outer", data, value, data], 3);
      expect(outer).toEqual([
        '53-3["outer",{"_placeholder":true,"num":0},{"data":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":2}]',
        data,
        data,
        data,
      ]);
      expect(inner[0]).toEqual(['51-7["inner",{"_placeholder":true,"num":0}]', Uint8Array.of(9)]);
    });

    it("writes what an app calls a placeholder as it is (BIN-11)", () => {
      expect(encodePacket(EVENT, "/", ["a", { _placeholder: true, num: 0 }])).toBe(
        '2["a",{"_placeholder":true,"num":0}]',
      );
    });
  });

  describe("with what JSON can't hold", () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const circularArray: unknown[] = [];
    circularArray.push(circularArray);
    const nested = (depth: number) => {
      let value: unknown = 1;
      for (let level = 0; level < depth; level++) value = { value };
      return value;
    };

    it.each([
      ["a circle", circular],
      ["a circle of arrays", circularArray],
      ["a circle beside binary data", { data: new Uint8Array(1), circular }],
      ["a BigInt", 1n],
      ["a BigInt inside", { a: [1n] }],
      ["100,000 levels", nested(100_000)],
      [
        "a toJSON that throws",
        {
          toJSON() {
            throw new Error("no");
          },
        },
      ],
      [
        "a getter that throws",
        {
          get value() {
            throw new Error("no");
          },
        },
      ],
    ])("refuses %s (BIN-15)", (_name, value) => {
      const { code, message } = refusal(() => encodePacket(EVENT, "/", ["a", value]));
      expect(code).toBe("unserializable");
      expect(message.length).toBeGreaterThan(20);
    });

    it("takes 900 levels (BIN-15)", () => {
      expect(encodePacket(EVENT, "/", ["a", nested(900)])).toContain("value");
    });

    it("keeps the cause", () => {
      expect(refusal(() => encodePacket(EVENT, "/", ["a", 1n])).cause).toBeInstanceOf(TypeError);
    });
  });

  it("takes objects without a prototype", () => {
    const bare = Object.assign(Object.create(null) as object, { a: 1 });
    expect(encodePacket(EVENT, "/", ["a", bare])).toBe('2["a",{"a":1}]');
  });

  it("writes what JSON makes of dates, undefined and functions", () => {
    const date = new Date(0);
    expect(encodePacket(EVENT, "/", ["a", date, undefined, { f() {} }])).toBe(
      '2["a","1970-01-01T00:00:00.000Z",null,{}]',
    );
  });
});
