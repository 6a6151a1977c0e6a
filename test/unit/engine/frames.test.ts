import { describe, expect, it } from "vitest";
import { Frames, type FramesOwner } from "../../../src/engine/frames.js";
import { TautlineError } from "../../../src/errors.js";
import type { BinaryData } from "../../../src/protocol/engine-packet.js";
import { DefaultCodec } from "../../../src/protocol/default-codec.js";

/** The frames of a session that writes down what it is told. */
function setUp(convert?: (data: BinaryData) => BinaryData) {
  const told: unknown[] = [];
  const owner: FramesOwner = {
    announce: (event, ...args) => told.push([event, ...args]),
    packet: ({ nsp, data }) => told.push(["socket.io", nsp, data]),
    pinged: () => told.push("pinged"),
    left: () => told.push("left"),
    failed: (error) => told.push(error),
    drained: () => told.push("drained"),
    closed: (failure) => told.push(failure),
  };
  const frames = new Frames(new DefaultCodec().decoder(), owner, convert);
  return { frames, told };
}

const bytes = Uint8Array.of(1, 2, 3);

describe("Frames", () => {
  it.each([
    ["1", ["left"]],
    ["2", ["pinged"]],
    ["3", []],
    ["5", []],
    ["6", []],
    ['42["a",1]', [["socket.io", "/", ["a", 1]]]],
    ['42/x,["a"]', [["socket.io", "/x", ["a"]]]],
  ])("read %s", (frame, expected) => {
    const { frames, told } = setUp();
    frames.text(frame);
    expect(told).toEqual(expected);
    expect([frames.heard, frames.bytes]).toEqual([1, frame.length]);
  });

  it.each(["", "0", "7", "9", "x", "42[", "b!"])("find nothing in %j, and quote it", (frame) => {
    const { frames, told } = setUp();
    frames.text(frame);
    expect(told).toEqual([expect.any(TautlineError)]);
    const [{ code, message }] = told as [TautlineError];
    expect([code, message]).toEqual(["parse-error", expect.stringContaining(frame.slice(1))]);
  });

  it("say what is no engine packet", () => {
    const { frames, told } = setUp();
    frames.text("9nine");
    expect((told as TautlineError[])[0]?.message).toMatch(/9nine.*not an engine packet/);
  });

  it("put binary data back, also out of base64, which counts as what it is", () => {
    const { frames, told } = setUp();
    for (const send of [() => frames.binary(bytes), () => frames.text("bAQID")]) {
      frames.text('451-["a",{"_placeholder":true,"num":0}]');
      send();
    }
    expect(told.map((one) => [...new Uint8Array((one as [0, 0, [0, ArrayBuffer]])[2][1])])).toEqual(
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    );
    expect([frames.heard, frames.bytes]).toEqual([4, 2 * (39 + 3)]);
  });

  it("hand on binary data as the host has it", () => {
    const { frames, told } = setUp((data) => Buffer.from(data as Uint8Array));
    frames.text('451-["a",{"_placeholder":true,"num":0}]');
    frames.binary(bytes);
    expect((told as [[0, 0, [0, Buffer]]])[0][2][1]).toEqual(Buffer.from(bytes));
  });

  it("fail where binary data is not due", () => {
    const { frames, told } = setUp();
    frames.binary(bytes);
    expect(told).toEqual([expect.objectContaining({ code: "parse-error" })]);
  });

  it("hand on what the transport says of itself", () => {
    const { frames, told } = setUp();
    const failure = { kind: "close", message: "websocket error" } as const;
    frames.opened();
    frames.drained();
    frames.closed(failure);
    expect(told).toEqual(["drained", failure]);
  });

  describe("while somebody listens", () => {
    function observed() {
      const made = setUp();
      made.frames.isObserved = true;
      return made;
    }

    it("tell of each frame, and of the data of messages", () => {
      const { frames, told } = observed();
      frames.text("3");
      frames.text('42["a"]');
      frames.tellReceived('0{"sid":"s"}');
      expect(told).toEqual([
        ["packet", { type: "pong" }],
        ["heartbeat"],
        ["packet", { type: "message", data: '2["a"]' }],
        ["heartbeat"],
        ["data", '2["a"]'],
        ["message", '2["a"]'],
        ["socket.io", "/", ["a"]],
        ["packet", { type: "open", data: '{"sid":"s"}' }],
        ["heartbeat"],
      ]);
    });

    it("have an empty text for a message without data", () => {
      const { frames, told } = observed();
      frames.tellReceived("4");
      expect(told.slice(2)).toEqual([
        ["data", ""],
        ["message", ""],
      ]);
    });

    it("tell what was written, with how it is to be sent, and once a tick that a stream has taken it", async () => {
      const { frames, told } = observed();
      frames.sent(['42["a"]', bytes], false, true);
      frames.sent(["3", "x"], true, true);
      expect(told).toEqual([
        ["packetCreate", { type: "message", data: '2["a"]', options: { compress: false } }],
        ["packetCreate", { type: "message", data: bytes, options: { compress: false } }],
        ["packetCreate", { type: "pong", options: { compress: true } }],
      ]);
      await expect.poll(() => told.slice(3)).toEqual([["flush"], ["drain"]]);
      frames.settle();
      expect(told).toHaveLength(5);
      frames.sent(["3"], true, true);
      frames.settle();
      expect(told.slice(6)).toEqual([["flush"], ["drain"]]);
    });

    it("say nothing of what left over a carrier that batches: its writer does", async () => {
      const { frames, told } = observed();
      frames.sent(["3"], true, false);
      frames.settle();
      await Promise.resolve();
      expect(told.map(([event]: any) => event)).toEqual(["packetCreate"]);
    });
  });

  it("tell of no single frame while nobody listens", () => {
    const { frames, told } = setUp();
    frames.text("3");
    frames.tellReceived('0{"sid":"s"}');
    expect(told).toEqual([]);
  });
});
