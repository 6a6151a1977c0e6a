import { describe, expect, it } from "vitest";
import {
  binaryLength,
  copyBinary,
  encodeFrame,
  frameSize,
  SEPARATOR,
  utf8Length,
} from "../../../src/protocol/engine-payload.js";

const strings = [
  "",
  "a",
  "é",
  "€",
  "\u{1F600}",
  "a\u{1F600}é€b",
  "\ud800",
  "\udc00",
  "\ud800\ud800x",
  "x".repeat(1000),
];

describe("utf8Length", () => {
  it.each(strings)("counts the bytes of %j", (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
  });
});

describe("encodeFrame", () => {
  it("writes text as it is and binary data as base64", () => {
    expect(encodeFrame('42["a"]')).toBe('42["a"]');
    expect(encodeFrame(Uint8Array.of(1, 2, 3, 4))).toBe("bAQIDBA==");
    expect(encodeFrame(Uint8Array.of(1, 2, 3, 4).buffer)).toBe("bAQIDBA==");
  });
});

describe("frameSize", () => {
  it.each([...strings, ...[0, 1, 2, 3, 4, 5].map((length) => new Uint8Array(length))])(
    "is no less than what a frame adds to a body",
    (frame) => {
      const added = new TextEncoder().encode(encodeFrame(frame) + SEPARATOR).length;
      expect(frameSize(frame)).toBeGreaterThanOrEqual(added);
      expect(frameSize(frame)).toBeLessThanOrEqual(added + 1);
    },
  );
});

describe("binaryLength", () => {
  it("knows buffers, views and Blobs", () => {
    expect(binaryLength(new ArrayBuffer(5))).toBe(5);
    expect(binaryLength(new Uint16Array(3))).toBe(6);
    expect(binaryLength(new Blob(["abc"]))).toBe(3);
  });
});

describe("copyBinary", () => {
  it.each([
    ["a buffer", (bytes: Uint8Array) => bytes.buffer as ArrayBuffer],
    ["a view", (bytes: Uint8Array) => bytes],
    ["a part of a buffer", (bytes: Uint8Array) => bytes.subarray(1)],
    ["a Node Buffer", (bytes: Uint8Array) => Buffer.from(bytes.buffer)],
  ])("keeps what %s holds when the app writes to it again", (_name, shapeOf) => {
    const bytes = Uint8Array.of(1, 2, 3);
    const original = shapeOf(bytes);
    const before = encodeFrame(original);
    const copy = copyBinary(original) as Uint8Array;
    bytes.fill(9);
    expect(encodeFrame(copy)).toBe(before);
  });

  it("copies neither text nor Blobs, which can't change", () => {
    const blob = new Blob(["x"]);
    expect(copyBinary(blob)).toBe(blob);
    expect(copyBinary("x")).toBe("x");
  });
});
