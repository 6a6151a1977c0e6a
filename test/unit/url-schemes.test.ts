import { describe, expect, it } from "vitest";
import { parseEndpoint } from "../../src/url.js";

describe("parseEndpoint", () => {
  it("takes ws:// as not secure", () => {
    const { secure, origin } = parseEndpoint("ws://a.test:3000", undefined);
    expect([secure, origin]).toEqual([false, "http://a.test:3000"]);
  });
});
