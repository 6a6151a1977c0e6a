import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { detach, isBinary, reattach, sendable } from "../../../src/protocol/attachments.js";
import type { BinaryData } from "../../../src/protocol/engine-packet.js";

describe("isBinary", () => {
  it("knows buffers of other realms", () => {
    const foreign = (source: string) => runInNewContext(source) as object;
    expect(isBinary(foreign("new ArrayBuffer(1)"))).toBe(true);
    expect(isBinary(foreign("new Float32Array(1)"))).toBe(true);
    expect(isBinary(foreign("({ size: 1, byteLength: 1 })"))).toBe(false);
  });

  it.each([[{}], [[]], [new Date()], [new Map()], [{ byteLength: 3 }]])(
    "takes %o for none",
    (value) => {
      expect(isBinary(value)).toBe(false);
    },
  );
});

const hasBinary = (value: object): boolean => {
  const frames: (string | BinaryData)[] = [""];
  detach(value, frames);
  return frames.length > 1;
};

describe("sendable", () => {
  const bytesOf = (data: BinaryData) =>
    ArrayBuffer.isView(data)
      ? [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
      : [...new Uint8Array(data as ArrayBuffer)];
  const filled = <T extends ArrayBufferLike>(buffer: T): T => {
    new Uint8Array(buffer).set([1, 2, 3, 4]);
    return buffer;
  };
  const resizable = () => {
    const Resizable = ArrayBuffer as unknown as new (
      size: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer;
    return filled(new Resizable(4, { maxByteLength: 8 }));
  };
  const shared = () => filled(new SharedArrayBuffer(4));

  it.each([
    ["an ArrayBuffer", new ArrayBuffer(3)],
    ["an empty ArrayBuffer", new ArrayBuffer(0)],
    ["an empty view", new Uint8Array(0)],
    ["a view", new Float32Array(2)],
    ["a Buffer", Buffer.from("text")],
    ["a Blob", new Blob(["text"])],
    ["an empty Blob", new Blob([])],
  ])("leaves %s as it is", (_name, data) => {
    expect(sendable(data)).toBe(data);
  });

  it.each([
    ["a view over shared memory", () => new Uint8Array(shared(), 1, 2), [2, 3]],
    ["shared memory", () => shared() as unknown as BinaryData, [1, 2, 3, 4]],
    ["a DataView over shared memory", () => new DataView(shared(), 2), [3, 4]],
    ["a resizable ArrayBuffer", resizable, [1, 2, 3, 4]],
    ["a view over a resizable one", () => new Uint16Array(resizable(), 2), [3, 4]],
  ])("copies %s", (_name, make, bytes) => {
    const data = make();
    const copy = sendable(data) as Uint8Array;
    expect(copy).not.toBe(data);
    expect(bytesOf(copy)).toEqual(bytes);
    expect(Object.prototype.toString.call(copy.buffer)).toBe("[object ArrayBuffer]");
    expect((copy.buffer as { resizable?: boolean }).resizable).toBe(false);
  });

  it.each([
    ["an ArrayBuffer", (buffer: ArrayBuffer) => buffer],
    ["a view", (buffer: ArrayBuffer) => new Uint8Array(buffer, 1)],
    ["a DataView", (buffer: ArrayBuffer) => new DataView(buffer)],
  ])("refuses %s that is detached (BIN-12)", (_name, make) => {
    const buffer = new ArrayBuffer(8);
    const data = make(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    expect(() => sendable(data)).toThrow(expect.objectContaining({ code: "unserializable" }));
  });
});

describe("detach", () => {
  it("does not look at what is inherited, which JSON doesn't write either (BIN-14)", () => {
    const data = new Uint8Array(1);
    const value = Object.assign(Object.create({ inherited: data }) as object, { own: data });
    const frames: (string | BinaryData)[] = [""];
    expect(JSON.stringify(detach([value], frames))).toBe('[{"own":{"_placeholder":true,"num":0}}]');
    expect(frames).toHaveLength(2);
    expect(hasBinary(Object.create({ inherited: { deep: data } }) as object)).toBe(false);
  });

  it.each([
    ["an array", [1, [new Uint8Array(1)]], true],
    ["an object", { a: { b: new ArrayBuffer(1) } }, true],
    ["an object without prototype", Object.assign(Object.create(null), { a: new Blob([]) }), true],
    ["plain values", { a: [1, "b", null, undefined, { c: true }] }, false],
    ["what toJSON shows", { toJSON: () => [new Uint8Array(1)] }, true],
    ["a date", [new Date()], false],
  ])("looks into %s", (_name, value, expected) => {
    expect(hasBinary(value as object)).toBe(expected);
  });

  it("takes the same object in two places for no circle", () => {
    const shared = { a: 1 };
    expect(hasBinary([shared, shared, { shared }])).toBe(false);
  });

  it("refuses a toJSON that never ends", () => {
    const endless = (): object => ({ toJSON: () => endless() });
    expect(() => hasBinary(endless())).toThrow(expect.objectContaining({ code: "unserializable" }));
  });
});

describe("reattach", () => {
  it("puts an attachment where the whole value is a placeholder", () => {
    const data = new ArrayBuffer(1);
    expect(reattach({ _placeholder: true, num: 0 }, [data])).toBe(data);
  });

  it.each([null, 5, "a", undefined])("leaves %s alone", (value) => {
    expect(reattach(value, [])).toBe(value);
  });
});
