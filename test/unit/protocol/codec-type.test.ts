import { describe, expect, it } from "vitest";
import { isValid } from "../../../src/protocol/packet-decoder.js";

describe("isValid", () => {
  it.each([9, -1, 1.5, "2", undefined])("refuses type %s", (type) => {
    expect(isValid({ type: type as never, nsp: "/", data: ["a"] })).toBe(false);
  });
});
