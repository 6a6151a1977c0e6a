import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hints } from "../../../src/engine/hints.js";
import { type ErrorCode, isFinal } from "../../../src/errors.js";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const sections = [...page.matchAll(/^### ([a-z-]+)\n([^]*?)(?=^##|(?![^]))/gm)].map(
  ([, code = "", text = ""]) => ({ code: code as ErrorCode, text: text.replace(/\s+/g, " ") }),
);

describe("docs/errors.md", () => {
  it.each(sections)("has the verdict of $code (ERR-3)", ({ code, text }) => {
    const statuses = [400, 401, 403, 404, 429, 500, 503].filter((status) => isFinal(code, status));
    const verdict =
      code === "http-status"
        ? `**Final:** with ${statuses.join(", ").replace(/, (\d+)$/, " and $1")}`
        : "**Final:**";
    expect(text.includes(verdict)).toBe(isFinal(code, 404));
    const hint = /\*\*Hint:\*\* (.+?)\. \*\*/.exec(text)?.[1];
    expect(hint).toBe(hints[code]);
  });

  it("has a section for each hint (ERR-3)", () => {
    const codes: string[] = sections.map(({ code }) => code);
    expect(Object.keys(hints).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
