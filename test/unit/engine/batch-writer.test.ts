import { describe, expect, it, vi } from "vitest";
import { BatchWriter } from "../../../src/engine/batch-writer.js";
import type { EngineFrame } from "../../../src/protocol/engine-packet.js";
import { encodeFrame, SEPARATOR } from "../../../src/protocol/engine-payload.js";
import { optionsFor } from "../../contract/transport-contract.js";
import { scriptedTransport } from "../../support/scripted-transport.js";
import { seeded } from "../../../src/test-kit/seeded.js";

type Frame = string | Uint8Array;

/** A writer whose batches are handed over when the test says so. */
function writerOf(maxPackets: number, maxPayload: number, ...frames: Frame[]) {
  const Polling = scriptedTransport("polling", { streams: false });
  const transport = new Polling(optionsFor("polling", 1));
  transport.stand();
  const owner = { mayFlush: vi.fn(() => true), flushed: vi.fn() };
  const writer = new BatchWriter(transport, { maxPackets, maxPayload }, owner);
  for (const frame of frames) writer.write(frame);
  const batch = (): EngineFrame[] => {
    const before = transport.batches.length;
    transport.busy = false;
    writer.flush();
    return transport.batches[before] ?? [];
  };
  return { writer, transport, owner, batch };
}

describe("BatchWriter", () => {
  it("is empty at first", () => {
    const { writer, batch } = writerOf(16, 0);
    expect([writer.frames, writer.bytes, writer.hasRoom, writer.isIdle, batch()]).toEqual([
      [],
      0,
      true,
      true,
      [],
    ]);
  });

  it("hands over at the end of the tick what was written in it", async () => {
    const { writer, transport, owner } = writerOf(16, 0, "4a");
    writer.transmit('2["b"]', false, false);
    expect(transport.batches).toEqual([]);
    await Promise.resolve();
    expect([transport.batches, owner.flushed.mock.calls.length]).toEqual([[["4a", '42["b"]']], 1]);
  });

  it("hands over without queueMicrotask(), which fake timers take", async () => {
    vi.stubGlobal("queueMicrotask", () => {});
    const { transport } = writerOf(16, 0, "4a");
    await Promise.resolve();
    vi.unstubAllGlobals();
    expect(transport.batches).toEqual([["4a"]]);
  });

  it("hands over nothing while its session holds it back", async () => {
    const { writer, transport, owner } = writerOf(16, 0, "4a");
    owner.mayFlush.mockReturnValue(false);
    await Promise.resolve();
    expect(transport.batches).toEqual([]);
    owner.mayFlush.mockReturnValue(true);
    writer.flush();
    expect(transport.batches).toEqual([["4a"]]);
  });

  it("takes no packet while a batch is on its way, unless it is urgent", () => {
    const { writer, transport } = writerOf(16, 0);
    transport.busy = true;
    expect(writer.transmit("2[]", false, undefined)).toBe(false);
    expect(writer.transmit("0", true, undefined)).toBe(true);
    expect(writer.frames).toEqual(["40"]);
  });

  it("takes back what waits of an owner, but nothing of which a part has left", () => {
    const { writer, batch } = writerOf(2, 0);
    const [one, other] = [{}, {}];
    writer.transmit(["52-", Uint8Array.of(1), Uint8Array.of(2)], true, one);
    writer.transmit('2["a"]', true, one);
    writer.transmit('2["b"]', true, other);
    batch();
    writer.discard(one);
    expect(batch()).toEqual([Uint8Array.of(2), '42["b"]']);
    expect([batch(), writer.bytes]).toEqual([[], 0]);
  });

  it("gives batches in order, of 16 packets at most", () => {
    const frames = Array.from({ length: 40 }, (_, i) => `4${i}`);
    const { writer, batch } = writerOf(16, 0, ...frames);
    const batches = [batch(), batch(), batch(), batch()];
    expect(batches.map(({ length }) => length)).toEqual([16, 16, 8, 0]);
    expect(batches.flat()).toEqual(frames);
    expect(writer.bytes).toBe(0);
  });

  it("gives everything in one batch where only the bytes are limited", () => {
    const { writer, batch } = writerOf(Infinity, 1000);
    for (let i = 0; i < 100; i++) writer.write("4abcd");
    expect([writer.hasRoom, batch().length, writer.frames]).toEqual([true, 100, []]);
  });

  it.each([0, -1, NaN])("takes one packet at least where so many are allowed: %s", (maxPackets) => {
    const { writer, batch } = writerOf(maxPackets, 1000);
    expect(writer.hasRoom).toBe(true);
    writer.write("4a");
    expect([writer.hasRoom, batch(), writer.hasRoom]).toEqual([false, ["4a"], true]);
  });

  it("gives a packet that is larger than a body all the same", () => {
    const { batch } = writerOf(16, 10, "4" + "x".repeat(100), "4b");
    expect([batch().length, batch().length]).toEqual([1, 1]);
  });

  it("never makes a body larger than the server takes: 500 mixes of text and binary", () => {
    const random = seeded(5);
    const below = (limit: number) => Math.floor(random() * limit);
    for (let round = 0; round < 500; round++) {
      const maxPayload = 50 + below(500);
      const frames = Array.from({ length: 1 + below(60) }, () =>
        random() < 0.5 ? "4" + "xé€\u{1F600}".repeat(below(10)) : new Uint8Array(below(60)),
      );
      const { writer, batch } = writerOf(16, maxPayload, ...frames);
      const taken: unknown[] = [];
      for (let body; (body = batch()).length;) {
        const text = body.map((frame) => encodeFrame(frame as Frame)).join(SEPARATOR);
        const size = new TextEncoder().encode(text).length;
        expect(body.length === 1 || size <= maxPayload, `${size} of ${maxPayload}`).toBe(true);
        expect(body.length).toBeLessThanOrEqual(16);
        taken.push(...body);
      }
      expect(taken).toEqual(frames);
      expect(writer.bytes).toBe(0);
    }
  });

  it("has room for one body's worth", () => {
    const { writer, batch } = writerOf(16, 20);
    for (let i = 0; i < 2; i++) writer.write("4123456");
    expect([writer.bytes, writer.hasRoom]).toEqual([18, true]);
    writer.write("4");
    expect(writer.hasRoom).toBe(false);
    batch();
    expect(writer.hasRoom).toBe(true);
    const many = writerOf(16, 0, ...Array.from({ length: 16 }, () => "4"));
    expect(many.writer.hasRoom).toBe(false);
  });

  it("fills a body to the last byte, and has no more room then", () => {
    const { writer, batch } = writerOf(16, 18, "4123456", "4123456", "4");
    expect([batch(), batch()]).toEqual([["4123456", "4123456"], ["4"]]);
    writer.write("4123456");
    expect(writer.hasRoom).toBe(true);
    writer.write("4123456");
    expect(writer.hasRoom).toBe(false);
  });

  it("says that it has taken what is written", () => {
    expect(writerOf(16, 0).writer.write("4a")).toBe(true);
  });

  it("keeps what a buffer held when it was written", () => {
    const bytes = Uint8Array.of(1, 2);
    const { batch } = writerOf(16, 0, bytes);
    bytes.fill(9);
    expect(batch()).toEqual([Uint8Array.of(1, 2)]);
  });

  it("gives everything at once to another writer", () => {
    const frames = Array.from({ length: 40 }, (_, i) => `4${i}`);
    const { writer } = writerOf(16, 10, ...frames);
    expect(writer.takeAll()).toEqual(frames);
    expect([writer.frames, writer.bytes]).toEqual([[], 0]);
  });
});
