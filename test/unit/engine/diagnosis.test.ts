import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { explain, investigate, transportError } from "../../../src/engine/diagnosis.js";
import { type Attempt, TautlineError } from "../../../src/errors.js";

const target = { url: "http://d.test/?x", crossOrigin: false, withCredentials: false };
const { signal } = new AbortController();

const failed = (transport: string, code: Attempt["code"] = "unreachable"): Attempt => ({
  transport,
  code,
  ms: 1,
});

/** What the host's fetch answers; an Error: it fails. In "no-cors" mode `opaque` decides. */
function host(answer: Error | { status: number; body: string }, opaque = false) {
  const fetch = vi.fn((_url: string, init: RequestInit) =>
    init.mode === "no-cors"
      ? opaque
        ? Promise.resolve(new Response(""))
        : Promise.reject(new TypeError("failed"))
      : answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(new Response(answer.body, { status: answer.status })),
  );
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

beforeEach(() => {
  onTestFinished(() => void vi.unstubAllGlobals());
});

describe("investigate", () => {
  const unknown = '{"code":1,"message":"Session ID unknown"}';
  const old = '{"code":5,"message":"Unsupported protocol version"}';

  it.each([
    ["a Socket.IO server that answers HTTP", { status: 400, body: unknown }, "websocket-blocked"],
    ["an old server", { status: 400, body: old }, "unsupported-version"],
    ["a web server", { status: 200, body: "<html>" }, "not-socketio"],
    ["a plain WebSocket server", { status: 426, body: "Upgrade Required" }, "not-socketio"],
    ["a server without that path", { status: 404, body: "Not found" }, "http-status"],
    ["a broken proxy", { status: 502, body: "" }, "http-status"],
    ["JSON of something else", { status: 400, body: '{"code":"x"}' }, "http-status"],
    ["JSON that is no object", { status: 400, body: "null" }, "http-status"],
  ] as const)("finds %s behind a failed WebSocket", async (_what, answer, code) => {
    host(answer);
    expect(await investigate([failed("websocket")], target, signal)).toBe(code);
  });

  it("finds nobody where nobody is", async () => {
    const fetch = host(new TypeError("failed"));
    expect(await investigate([failed("websocket")], target, signal)).toBeUndefined();
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("finds a server that this page may not read", async () => {
    const elsewhere = { ...target, crossOrigin: true };
    host(new TypeError("failed"), true);
    expect(await investigate([failed("polling")], elsewhere, signal)).toBe("cors");
    expect(await investigate([failed("websocket")], elsewhere, signal)).toBe("websocket-blocked");
    host(new TypeError("failed"), false);
    expect(await investigate([failed("polling")], elsewhere, signal)).toBeUndefined();
  });

  it("doesn't ask where polling has asked already, or was told the reason", async () => {
    const fetch = host({ status: 200, body: "" });
    const both = [failed("websocket"), failed("polling")];
    expect(await investigate(both, target, signal)).toBeUndefined();
    expect(await investigate([failed("polling", "http-status")], target, signal)).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
  });

  it("can do without fetch", async () => {
    vi.stubGlobal("fetch", undefined);
    expect(await investigate([failed("websocket")], target, signal)).toBeUndefined();
  });

  it("sends cookies only where they are wanted, and can be given up", async () => {
    const fetch = host({ status: 400, body: unknown });
    await investigate([failed("websocket")], { ...target, withCredentials: true }, signal);
    await investigate([failed("websocket")], target, signal);
    const sent = fetch.mock.calls.map(([, init]) => [init.credentials, init.signal]);
    expect(sent).toEqual([
      ["include", signal],
      ["same-origin", signal],
    ]);
  });
});

describe("transportError", () => {
  it("says what the code means, outside of connecting too", () => {
    const error = transportError("session-unknown", { kind: "error", message: "xhr post error" });
    expect(error).toMatchObject({
      message: "xhr post error",
      type: "TransportError",
      hint: expect.stringContaining("sticky sessions"),
    });
  });
});

describe("explain", () => {
  const post = { kind: "error", message: "xhr poll error", description: 404, status: 404 } as const;
  const socket = { kind: "error", message: "websocket error", description: "event" } as const;

  it("makes an error of the reference client's shape, with what was tried and what it means", () => {
    const attempts = [failed("websocket"), failed("polling", "http-status")];
    const error = explain(attempts, [socket, post]);
    expect(error).toBeInstanceOf(TautlineError);
    expect(error).toMatchObject({
      code: "http-status",
      message: "xhr poll error",
      type: "TransportError",
      description: 404,
      attempts,
      hint: expect.stringContaining("path"),
    });
  });

  it("tells a timeout where nothing failed", () => {
    const error = explain([failed("websocket", "timeout")], []);
    expect([error.code, error.message]).toEqual(["timeout", "timeout"]);
    expect(explain([], []).code).toBe("timeout");
  });

  it("takes a better code", () => {
    expect(explain([failed("polling")], [post], "cors").code).toBe("cors");
  });
});
