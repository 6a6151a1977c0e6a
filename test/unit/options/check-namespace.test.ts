import { describe, expect, it } from "vitest";
import { checkNamespace } from "../../../src/options/check-namespace.js";

describe("checkNamespace", () => {
  it.each(["/", "/chat", "/chat/room", "/a b", "/é\u{1F600}", "/a?b=1", "/__proto__"])(
    "takes %s",
    (nsp) => {
      expect(() => checkNamespace(nsp)).not.toThrow();
    },
  );

  it.each(["", "chat", "/a,b", ",", "/\ud800", " /a", 5, undefined, null, {}])(
    "refuses %j, quoting it (OPT-11)",
    (nsp) => {
      expect(() => checkNamespace(nsp)).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining("is not a namespace"),
        }),
      );
    },
  );
});
