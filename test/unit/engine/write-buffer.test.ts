import { describe, expect, it } from "vitest";
import { WriteBuffer } from "../../../src/engine/write-buffer.js";
import { encodeFrame, SEPARATOR } from "../../../src/protocol/engine-payload.js";
import { seeded } from "../../support/seeded.js";

type Frame = string | Uint8Array;

function bufferOf(maxPayload: number, ...frames: Frame[]): WriteBuffer {
  const buffer = new WriteBuffer(16, maxPayload);
  for (const frame of frames) buffer.push(frame);
  return buffer;
}

describe("WriteBuffer", () => {
  it("is empty at first", () => {
    const buffer = new WriteBuffer(16, 0);
    expect([buffer.frames, buffer.bytes, buffer.hasRoom, buffer.takeBatch()]).toEqual([
      [],
      0,
      true,
      [],
    ]);
  });

  it("gives batches in order, of 16 packets at most", () => {
    const frames = Array.from({ length: 40 }, (_, i) => `4${i}`);
    const buffer = bufferOf(0, ...frames);
    const batches = [
      buffer.takeBatch(),
      buffer.takeBatch(),
      buffer.takeBatch(),
      buffer.takeBatch(),
    ];
    expect(batches.map((batch) => batch.length)).toEqual([16, 16, 8, 0]);
    expect(batches.flat()).toEqual(frames);
    expect(buffer.bytes).toBe(0);
  });

  it("gives everything in one batch where only the bytes are limited", () => {
    const buffer = new WriteBuffer(Infinity, 1000);
    for (let i = 0; i < 100; i++) buffer.push("4abcd");
    expect([buffer.hasRoom, buffer.takeBatch().length, buffer.frames]).toEqual([true, 100, []]);
  });

  it.each([0, -1, NaN])("takes one packet at least where so many are allowed: %s", (maxPackets) => {
    const buffer = new WriteBuffer(maxPackets, 1000);
    expect(buffer.hasRoom).toBe(true);
    buffer.push("4a");
    expect([buffer.hasRoom, buffer.takeBatch(), buffer.hasRoom]).toEqual([false, ["4a"], true]);
  });

  it("gives a packet that is larger than a body all the same", () => {
    const buffer = bufferOf(10, "4" + "x".repeat(100), "4b");
    expect([buffer.takeBatch().length, buffer.takeBatch().length]).toEqual([1, 1]);
  });

  it("never makes a body larger than the server takes: 500 mixes of text and binary", () => {
    const random = seeded(5);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = 0; round < 500; round++) {
      const maxPayload = 50 + below(500);
      const frames = Array.from({ length: 1 + below(60) }, () =>
        random() < 0.5 ? "4" + "xé€\u{1F600}".repeat(below(10)) : new Uint8Array(below(60)),
      );
      const buffer = bufferOf(maxPayload, ...frames);
      const taken: unknown[] = [];
      for (let batch; (batch = buffer.takeBatch()).length;) {
        const body = batch.map((frame) => encodeFrame(frame as Frame)).join(SEPARATOR);
        const size = new TextEncoder().encode(body).length;
        expect(batch.length === 1 || size <= maxPayload, `${size} of ${maxPayload}`).toBe(true);
        expect(batch.length).toBeLessThanOrEqual(16);
        taken.push(...batch);
      }
      expect(taken).toEqual(frames);
      expect(buffer.bytes).toBe(0);
    }
  });

  it("has room for one body's worth", () => {
    const buffer = bufferOf(20);
    for (let i = 0; i < 2; i++) buffer.push("4123456");
    expect([buffer.bytes, buffer.hasRoom]).toEqual([18, true]);
    buffer.push("4");
    expect(buffer.hasRoom).toBe(false);
    buffer.takeBatch();
    expect(buffer.hasRoom).toBe(true);
    const many = bufferOf(0, ...Array.from({ length: 16 }, () => "4"));
    expect(many.hasRoom).toBe(false);
  });

  it("keeps what a buffer held when it was pushed", () => {
    const bytes = Uint8Array.of(1, 2);
    const buffer = bufferOf(0, bytes);
    bytes.fill(9);
    expect(buffer.takeBatch()).toEqual([Uint8Array.of(1, 2)]);
  });

  it("gives everything at once to a transport that streams", () => {
    const frames = Array.from({ length: 40 }, (_, i) => `4${i}`);
    const buffer = bufferOf(10, ...frames);
    expect(buffer.takeAll()).toEqual(frames);
    expect([buffer.frames, buffer.bytes]).toEqual([[], 0]);
  });
});
