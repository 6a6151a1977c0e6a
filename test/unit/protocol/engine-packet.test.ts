import { describe, expect, it } from "vitest";
import { describeFrame, EnginePacketType } from "../../../src/protocol/engine-packet.js";

describe("describeFrame", () => {
  it.each(Object.entries(EnginePacketType))("knows %s", (type, digit) => {
    expect(describeFrame(digit)).toEqual({ type });
    expect(describeFrame(digit + "data")).toEqual({ type, data: "data" });
  });

  it("takes binary data for a message", () => {
    const data = new ArrayBuffer(1);
    expect(describeFrame(data)).toEqual({ type: "message", data });
  });

  it.each(["", "7", "x", "b64", "\u0000"])("knows no packet %j", (frame) => {
    expect(describeFrame(frame)).toBeUndefined();
  });
});
