import { describe, expect, it } from "vitest";
import { checkHeaders } from "../../../src/options/check-headers.js";

describe("checkHeaders", () => {
  it.each([undefined, null])("takes %s for none", (none) => {
    expect(checkHeaders(none)).toBeUndefined();
  });

  it.each<[string, object, object]>([
    ["texts", { Authorization: "Bearer a", "x_!#$%&'*+.^`|~-9": "é\tb" }, {}],
    ["numbers", { "x-id": 5 }, { "x-id": "5" }],
    ["no text", { "x-a": "" }, {}],
    ["a token from a file, with its line end", { "x-a": " a b\r\n" }, { "x-a": "a b" }],
    ["Headers", new Headers({ "x-a": "1" }), { "x-a": "1" }],
    ["pairs", [["x-a", "1"]], { "x-a": "1" }],
    ["a Map", new Map([["x-a", "1"]]), { "x-a": "1" }],
  ])("takes %s", (_what, headers, sent) => {
    expect(checkHeaders(headers)).toEqual({ ...(Array.isArray(headers) ? {} : headers), ...sent });
  });

  it.each<[string, unknown, string]>([
    ["x-a", undefined, "or its value (undefined)"],
    ["x-a", null, "or its value (object)"],
    ["x-a", true, "or its value (boolean)"],
    ["x-a", ["secret"], "or its value (object)"],
    ["x-a", () => "secret", "or its value (function)"],
    ["x-a", Symbol("secret"), "or its value (symbol)"],
    ["x-a", "secret\r\nx-b: 1", "or its value (string)"],
    ["x-a", "secret\0", "or its value (string)"],
    ["x-a", "secret ✓", "or its value (string)"],
    ["x a", "secret", "or its value (string)"],
    ["x-a:", "secret", "or its value (string)"],
    ["x-a: 1\r\nx-b", "secret", "or its value (string)"],
    ["", "secret", "or its value (string)"],
    ["naïve", "secret", "or its value (string)"],
  ])("refuses %j: %o, with its name and without the value", (name, value, why) => {
    const act = () => checkHeaders({ "x-right": "1", [name]: value });
    expect(act).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringContaining(`${JSON.stringify(name)} ${why}`),
      }),
    );
    expect(act).not.toThrow(/secret/);
  });
});
