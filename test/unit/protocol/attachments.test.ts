import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { detach, isBinary, reattach } from "../../../src/protocol/attachments.js";
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

describe("detach", () => {
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
