import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { parseHandshake } from "../../../src/protocol/handshake.js";

const complete = {
  sid: "a1",
  upgrades: ["websocket"],
  pingInterval: 25000,
  pingTimeout: 20000,
  maxPayload: 1000000,
};
const text = (changes: object) => "0" + JSON.stringify({ ...complete, ...changes });

describe("parseHandshake", () => {
  it("reads what a server says (PRS-9)", () => {
    expect(parseHandshake(text({}))).toEqual(complete);
  });

  it("leaves out what it doesn't know", () => {
    expect(parseHandshake(text({ extra: 1 }))).toEqual(complete);
  });

  it.each([undefined, 0, -1, "100", null])("takes maxPayload %s for unknown", (maxPayload) => {
    expect(parseHandshake(text({ maxPayload })).maxPayload).toBe(0);
  });

  it.each([
    [undefined, []],
    ["websocket", []],
    [{}, []],
    [[1, "websocket", null], ["websocket"]],
  ])("reads upgrades %j as %j (PRS-9)", (upgrades, names) => {
    expect(parseHandshake(text({ upgrades })).upgrades).toEqual(names);
  });

  it.each([
    ["an empty text", ""],
    ["no JSON", "0x"],
    ["half of it", '0{"sid":"a'],
    ["null", "0null"],
    ["an array", "0[]"],
    ["another packet", '42["a"]'],
    ["a web page", "<!doctype html><title>Hi</title>"],
    ["an echo server", "[Echo] hello"],
    ["no sid", text({ sid: undefined })],
    ["an empty sid", text({ sid: "" })],
    ["a sid that is no string", text({ sid: 5 })],
    ["no pingInterval", text({ pingInterval: undefined })],
    ["pingInterval 0", text({ pingInterval: 0 })],
    ["a negative pingTimeout", text({ pingTimeout: -1 })],
    ["a pingTimeout that is no number", text({ pingTimeout: "x" })],
    ["an infinite pingTimeout", text({}).replace("20000", "1e999")],
  ])("refuses %s, quoting it (PRS-10)", (_name, given) => {
    const attempt = () => parseHandshake(given);
    expect(attempt).toThrow(TautlineError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "not-socketio",
        message: expect.stringContaining(JSON.stringify(given).slice(0, 40)),
      }),
    );
  });

  it("tells an old server from a foreign one", () => {
    expect(() =>
      parseHandshake('96:0{"sid":"a","upgrades":["websocket"],"pingInterval":1}2:40'),
    ).toThrow(expect.objectContaining({ code: "unsupported-version" }));
  });
});
