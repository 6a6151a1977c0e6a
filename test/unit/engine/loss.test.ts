import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Connector } from "../../../src/engine/connector.js";
import { endingOf, judgeLoss } from "../../../src/engine/loss.js";
import { TransportMemory } from "../../../src/engine/memory.js";
import { type ErrorCode, TautlineError } from "../../../src/errors.js";
import type { Transport, TransportFailure } from "../../../src/transports/transport.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

let count = 0;

/** A place at which WebSocket leads and polling follows. */
function setUp(names = ["websocket", "polling"]) {
  const memory = new TransportMemory(`http://loss-${++count}.test/`);
  const connector = { candidates: () => names.map((name) => ({ name })), options: {} };
  const lose = (name: string, uptime: number, code?: ErrorCode): boolean =>
    judgeLoss(
      code,
      { name, streams: name !== "polling" } as Transport,
      uptime,
      memory,
      connector as unknown as Connector,
    );
  return { memory, lose };
}

describe("judgeLoss", () => {
  it("holds it against a stream when it was lost within 5 seconds, and says that another one is next (TRA-50)", () => {
    const { memory, lose } = setUp();
    expect(lose("websocket", 4999)).toBe(true);
    expect(memory.recall("websocket")).toMatchObject({ worked: false, fails: 1 });
  });

  it("trusts a stream that was there for 5 seconds (TRA-51)", () => {
    const { memory, lose } = setUp();
    memory.note("websocket", false);
    expect(lose("websocket", 5000)).toBe(false);
    expect(memory.recall("websocket")).toMatchObject({ worked: true, fails: 0 });
  });

  it("knows that nothing else is there where the list has one transport", () => {
    const { memory, lose } = setUp(["websocket"]);
    expect(lose("websocket", 0)).toBe(false);
    expect(memory.recall("websocket")?.worked).toBe(false);
  });

  it("learns nothing of polling that was lost", () => {
    const { memory, lose } = setUp(["polling", "websocket"]);
    expect([lose("polling", 0), memory.recall("polling")]).toEqual([false, undefined]);
  });

  it("learns nothing when a packet was too large, which it is for any transport", () => {
    const { memory, lose } = setUp();
    expect([lose("websocket", 0, "too-large"), memory.recall("websocket")]).toEqual([
      false,
      undefined,
    ]);
  });

  it("goes on with another transport where a server did not know the session, whatever was known of that (TRA-52)", () => {
    const { memory, lose } = setUp(["polling", "websocket"]);
    memory.note("websocket", false);
    expect(lose("polling", 60_000, "session-unknown")).toBe(true);
    expect(memory.recall("websocket")).toBeUndefined();
    expect(memory.recall("polling")?.worked).toBe(false);
  });
});

describe("endingOf", () => {
  const failure = (changes: Partial<TransportFailure>): TransportFailure => ({
    kind: "error",
    message: "websocket error",
    ...changes,
  });

  it("is a close with what the host said of it", () => {
    const context = { code: 1006 } as never;
    expect(
      endingOf(undefined, failure({ kind: "close", description: "d", context }), undefined),
    ).toEqual({ reason: "transport close", details: { description: "d", context } });
  });

  it("is an error with the failure in the words of the reference client", () => {
    const ending = endingOf("http-status", failure({ description: 502 }), undefined);
    expect(ending).toMatchObject({
      reason: "transport error",
      details: { code: "transport-error", message: "websocket error", description: 502 },
    });
  });

  it.each([
    ["session-unknown", "error", "transport error"],
    ["too-large", "close", "transport close"],
  ] as const)("keeps the code %s, also of a %s", (code, kind, reason) => {
    expect(endingOf(code, failure({ kind }), undefined)).toMatchObject({
      reason,
      details: { code },
    });
  });

  it("is a parse error when the transport could not read what came", () => {
    const cause = new TautlineError("parse-error", "no packet");
    expect(endingOf(undefined, failure({ cause }), undefined)).toEqual({
      reason: "parse error",
      details: cause,
    });
  });
});
