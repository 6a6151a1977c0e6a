import { expect, it } from "vitest";
import { missingPart } from "../../../src/options/missing-part.js";

it("A missing part is named with its import (OPT-6)", () => {
  const { code, message } = missingPart("retries", ["retries", "tautline/retries"]);
  expect([code, message]).toEqual([
    "invalid-option",
    expect.stringMatching(/`retries` .*import \{ retries \} from "tautline\/retries"/),
  ]);
});
