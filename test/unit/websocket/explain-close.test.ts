import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { explainClose } from "../../../src/websocket/index.js";

describe("explainClose", () => {
  const codes = Array.from({ length: 5100 }, (_, code) => code);

  it("says something of every code (WSK-37)", () => {
    for (const code of codes) {
      const told = explainClose(code);
      expect(told.code).toBe(code);
      expect([told.name, told.meaning].every((text) => text.length > 2)).toBe(true);
    }
  });

  it("takes an event", () => {
    expect(explainClose({ code: 1012 })).toEqual({
      code: 1012,
      name: "service restart",
      meaning: "the server restarts",
      fault: "server",
      reconnects: true,
    });
  });

  it("takes what is no code", () => {
    for (const code of [Number.NaN, -1, 99_999])
      expect(explainClose(code)).toMatchObject({ name: "unknown", fault: "server" });
  });

  it("is what docs/websocket.md says (WSK-8)", () => {
    const page = readFileSync(new URL("../../../docs/websocket.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| (\d{4}[\d, to]*?) +\| .*? \| (\w+) +\| (\S+) +\|$/gm)];
    expect(rows.length).toBeGreaterThan(9);
    for (const [, list = "", fault, reconnects = ""] of rows) {
      const [from = 0, to] = list.split(" to ").map(Number);
      const of = to === undefined ? list.split(", ").map(Number) : [from, to];
      for (const code of of)
        expect([code, explainClose(code)]).toMatchObject([
          code,
          { fault, reconnects: reconnects === "yes" },
        ]);
    }
  });
});
