import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { frameHeader, StreamDecoder } from "../../../src/protocol/stream-framing.js";
import { seeded } from "../../../src/test-kit/seeded.js";

interface Frame {
  body: Uint8Array;
  binary: boolean;
}

function frameOf(length: number, binary: boolean): Frame {
  const random = seeded(length);
  return { body: Uint8Array.from({ length }, () => random() * 256), binary };
}

function joined(frames: Frame[]): Uint8Array {
  return Uint8Array.from(
    frames.flatMap(({ body, binary }) => [...frameHeader(body.length, binary), ...body]),
  );
}

function decode(chunks: Uint8Array[]): Frame[] {
  const decoder = new StreamDecoder();
  const frames: Frame[] = [];
  for (const chunk of chunks)
    decoder.add(chunk, (body, binary) => frames.push({ body: body.slice(), binary }));
  return frames;
}

const frames = [
  frameOf(0, false),
  frameOf(1, true),
  frameOf(125, false),
  frameOf(126, true),
  frameOf(300, false),
  frameOf(0, true),
];

describe("frameHeader", () => {
  it.each([
    [0, [0]],
    [125, [125]],
    [126, [126, 0, 126]],
    [65535, [126, 255, 255]],
    [65536, [127, 0, 0, 0, 0, 0, 1, 0, 0]],
    [2 ** 33 + 5, [127, 0, 0, 0, 2, 0, 0, 0, 5]],
  ])("writes a length of %i", (length, header) => {
    expect([...frameHeader(length, false)]).toEqual(header);
    expect([...frameHeader(length, true)]).toEqual([
      (header[0] as number) | 0x80,
      ...header.slice(1),
    ]);
  });
});

describe("StreamDecoder", () => {
  const stream = joined(frames);

  it("reads several frames of one chunk", () => {
    expect(decode([stream])).toEqual(frames);
  });

  it("reads a stream that is cut in two anywhere (PRS-16)", () => {
    for (let cut = 0; cut <= stream.length; cut++)
      expect(decode([stream.subarray(0, cut), stream.subarray(cut)]), `cut at ${cut}`).toEqual(
        frames,
      );
  });

  it("reads a stream byte by byte", () => {
    expect(decode(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(frames);
  });

  it("reads a stream that is cut at random, with large frames in it", () => {
    const large = [
      frameOf(65535, true),
      frameOf(65536, false),
      frameOf(70_000, true),
      frameOf(3, false),
    ];
    const bytes = joined(large);
    const random = seeded(3);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const next = at + Math.floor(random() * 20_000);
      chunks.push(bytes.subarray(at, next));
      at = next;
    }
    expect(decode(chunks)).toEqual(large);
  });

  it("hands nothing out before a frame is complete", () => {
    expect(decode([stream.subarray(0, stream.length - 1)])).toEqual(frames.slice(0, -1));
  });

  it("refuses an absurd length before it waits for so much (PRS-17)", () => {
    const header = Uint8Array.of(127, 255, 255, 255, 255, 255, 255, 255, 255);
    const attempt = () => decode([header]);
    expect(attempt).toThrow(TautlineError);
    expect(attempt).toThrow(expect.objectContaining({ code: "parse-error" }));
  });
});
