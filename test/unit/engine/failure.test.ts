/** What a failed try is called, and what is told of several. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { attemptCode, explain, refusalIn } from "../../../src/engine/failure.js";
import type { Attempt, ErrorCode } from "../../../src/errors.js";
import type { TransportFailure } from "../../../src/transports/transport.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

const failure = (more: Partial<TransportFailure> = {}): TransportFailure => ({
  kind: "error",
  message: "xhr poll error",
  ...more,
});

describe("refusalIn()", () => {
  it.each([
    [400, '{"code":1,"message":"Session ID unknown"}', 1],
    [403, '{"code":4,"message":"Forbidden"}', 4],
    [400, '{"code":6,"message":"of somebody else"}', undefined],
    [400, '{"code":"1","message":"of somebody else"}', undefined],
    [400, '{"code":1,"message":7}', undefined],
    [400, '{"code":1}', undefined],
    [500, '{"code":1,"message":"Session ID unknown"}', undefined],
    [undefined, '{"code":1,"message":"Session ID unknown"}', undefined],
    [400, undefined, undefined],
  ])("finds engine.io's code in %s %s: %s", (status, body, code) => {
    expect(refusalIn(status, body)).toBe(code);
  });
});

describe("attemptCode()", () => {
  it.each<[Partial<TransportFailure>, ErrorCode]>([
    [{ code: "not-socketio", status: 500 }, "not-socketio"],
    [{}, "unreachable"],
    [{ status: 413 }, "too-large"],
    [{ status: 426 }, "not-socketio"],
    [{ status: 400, body: '{"code":1,"message":"Session ID unknown"}' }, "session-unknown"],
    [{ status: 403, body: '{"code":1,"message":"Session ID unknown"}' }, "session-unknown"],
    [{ status: 400, body: '{"code":5,"message":"Unsupported"}' }, "unsupported-version"],
    [{ status: 400, body: '{"code":"1","message":"Session ID unknown"}' }, "http-status"],
    [{ status: 400, body: '{"code":3,"message":"Bad request"}' }, "http-status"],
    [{ status: 502 }, "http-status"],
  ])("of %j is %s", (more, code) => {
    expect(attemptCode(failure(more), "a.test")).toBe(code);
  });

  it("says that the device is offline, but not for a server on it", () => {
    vi.stubGlobal("navigator", { onLine: false });
    expect(attemptCode(failure(), "a.test")).toBe("offline");
    expect(attemptCode(failure(), "localhost")).toBe("unreachable");
  });
});

describe("explain()", () => {
  const codeOf = (...tries: [string, ErrorCode][]): ErrorCode =>
    explain(
      tries.map(([transport, code]): Attempt => ({ transport, code, ms: 1 })),
      [failure()],
    ).code;

  it("takes the code of polling, which tells most", () => {
    expect(codeOf(["websocket", "not-socketio"], ["polling", "http-status"])).toBe("http-status");
  });

  it("takes the first one that says more than that nothing came", () => {
    expect(codeOf(["websocket", "websocket-blocked"], ["polling", "unreachable"])).toBe(
      "websocket-blocked",
    );
    expect(codeOf(["websocket", "websocket-blocked"], ["polling", "timeout"])).toBe(
      "websocket-blocked",
    );
    expect(
      codeOf(
        ["webtransport", "unreachable"],
        ["mine", "not-socketio"],
        ["websocket", "websocket-blocked"],
      ),
    ).toBe("not-socketio");
  });

  it("takes the last one where nothing came at all", () => {
    expect(codeOf(["websocket", "timeout"], ["polling", "unreachable"])).toBe("unreachable");
    expect(codeOf(["polling", "unreachable"], ["websocket", "timeout"])).toBe("timeout");
  });

  it("tells what a request has failed with, and else what came first", () => {
    const [socket, mine] = ["websocket error", "my own error"].map((message) =>
      failure({ message }),
    ) as [TransportFailure, TransportFailure];
    const messageOf = (...failures: TransportFailure[]): string => explain([], failures).message;
    expect(messageOf(socket, mine)).toBe("websocket error");
    for (const message of ["xhr poll error", "fetch poll error", "http poll error"])
      expect(messageOf(socket, failure({ message }))).toBe(message);
  });
});
