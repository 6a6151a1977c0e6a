import { describe, expect, it, vi } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../src/protocol/base64.js";
import { seeded } from "../../../src/test-kit/seeded.js";

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

  it("has all characters of the alphabet, each at its place", () => {
    const bytes = Uint8Array.from({ length: 256 * 3 }, (_, i) => (i % 3 ? i * 7 : i / 3));
    const text = encodeBase64(bytes);
    expect(new Set(text).size).toBe(64);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(new Uint8Array(decodeBase64(text))).toEqual(bytes);
  });

  it("reads text without padding", () => {
    expect(new Uint8Array(decodeBase64("AQ"))).toEqual(new Uint8Array([1]));
    expect(new Uint8Array(decodeBase64("AQI"))).toEqual(new Uint8Array([1, 2]));
  });

  it.each(["\n", "\r\n", " "])("reads lines that end with %j", (end) => {
    const bytes = randomBytes(300);
    const text = encodeBase64(bytes).replace(/.{76}/g, `$&${end}`) + end;
    expect(new Uint8Array(decodeBase64(text))).toEqual(bytes);
  });

  it.each([300, 301, 302])("reads what is written for URLs: %i bytes", (length) => {
    const bytes = randomBytes(length).fill(0xff, 50, 100).fill(0xfb, 100, 150);
    const text = Buffer.from(bytes).toString("base64url");
    expect(text).toMatch(/-.*_|_.*-/);
    expect(new Uint8Array(decodeBase64(text))).toEqual(bytes);
  });

  it("needs neither atob nor btoa (BIN-13)", () => {
    vi.stubGlobal("atob", undefined);
    vi.stubGlobal("btoa", undefined);
    expect(new Uint8Array(decodeBase64(encodeBase64(new Uint8Array([1, 2]))))).toEqual(
      new Uint8Array([1, 2]),
    );
    vi.unstubAllGlobals();
  });

  it.each([
    "*",
    "abcde",
    "=",
    "==",
    "a=b=",
    "Q=",
    "QQ=",
    "A===",
    "a.b~",
    "AQ\u{A0}ID",
    "a b=",
    "é",
    "\u{1F600}",
  ])("refuses %s, quoting it", (text) => {
    expect(() => decodeBase64(text)).toThrow(
      expect.objectContaining({ code: "parse-error", message: expect.stringContaining(text) }),
    );
  });
});
