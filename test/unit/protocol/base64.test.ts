import { describe, expect, it } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../src/protocol/base64.js";
import { seeded } from "../../support/seeded.js";

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const random = seeded(length + 1);
  return Uint8Array.from({ length }, () => random() * 256);
}

describe("base64", () => {
  it.each([0, 1, 2, 3, 4, 24575, 24576, 24577, 100_000])("holds %i bytes", (length) => {
    const bytes = randomBytes(length);
    const text = encodeBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(new Uint8Array(decodeBase64(text))).toEqual(bytes);
  });

  it("writes the part of a buffer that a view shows", () => {
    const view = new Uint8Array([0, 1, 2, 3, 4, 5]).subarray(2, 4);
    expect(encodeBase64(view)).toBe(Buffer.from([2, 3]).toString("base64"));
    expect(encodeBase64(new DataView(view.buffer, 1, 2))).toBe(
      Buffer.from([1, 2]).toString("base64"),
    );
  });

  it.each(["*", "abcde", "=", "a=b=", "\u{1F600}"])("refuses %s, quoting it", (text) => {
    expect(() => decodeBase64(text)).toThrow(
      expect.objectContaining({ code: "parse-error", message: expect.stringContaining(text) }),
    );
  });
});
