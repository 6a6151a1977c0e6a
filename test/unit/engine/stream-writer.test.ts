import { describe, expect, it } from "vitest";
import { StreamWriter } from "../../../src/engine/stream-writer.js";
import type { Transport } from "../../../src/transports/transport.js";

const play = (writable: boolean, takes = true) => {
  const sent: unknown[] = [];
  const send = (frame: unknown): boolean => takes && !!sent.push(frame);
  return { writer: new StreamWriter({ writable, send } as unknown as Transport), sent };
};

describe("A writer to a stream", () => {
  it("hands on the frames of a packet", () => {
    const { writer, sent } = play(true);
    const bytes = new ArrayBuffer(1);
    expect(writer.transmit('2["a"]', false)).toBe(true);
    expect(writer.transmit(['51-["b"]', bytes], false)).toBe(true);
    expect(sent).toEqual(['42["a"]', '451-["b"]', bytes]);
  });

  it("takes no packet of the app while the stream is not writable", () => {
    const { writer, sent } = play(false);
    expect(writer.transmit('2["a"]', false)).toBe(false);
    expect(writer.transmit(['51-["b"]', new ArrayBuffer(1)], false)).toBe(false);
    expect(sent).toEqual([]);
  });

  it("takes a packet of the protocol all the same, where the stream does", () => {
    const { writer, sent } = play(false);
    expect(writer.transmit("0", true)).toBe(true);
    expect(writer.transmit(["51-", new ArrayBuffer(1)], true)).toBe(true);
    expect(sent).toHaveLength(3);
    const down = play(false, false);
    expect(down.writer.transmit("0", true)).toBe(false);
    expect(down.writer.transmit(["51-", new ArrayBuffer(1)], true)).toBe(false);
  });
});
