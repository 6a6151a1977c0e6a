import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Connector, ProbeTarget } from "../../../src/engine/connector.js";
import { diagnosis } from "../../../src/engine/diagnosis.js";
import { explain, transportError } from "../../../src/engine/failure.js";
import type { Finding, Outage } from "../../../src/engine/parts.js";
import { hints } from "../../../src/engine/hints.js";
import { type Attempt, TautlineError } from "../../../src/errors.js";
import { hostTimers } from "../../../src/platform/browser.js";

const target = { url: "http://d.test/?x", isCrossOrigin: false, withCredentials: false };
const { signal } = new AbortController();

/** A diagnosis of what happens at a place. */
function at(probed: ProbeTarget = target, { hostname = "d.test", place = "http://d.test/" } = {}) {
  const connector = { hostname, place, probeTarget: () => probed } as Partial<Connector>;
  return diagnosis(connector as Connector, hostTimers());
}

const investigate = (
  attempts: Attempt[],
  probed?: ProbeTarget,
  by = signal,
): Promise<Finding | undefined> => at(probed).investigate(attempts, by, new Map());

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
    ["a redirect that leads nowhere", { status: 300, body: "" }, "http-status"],
    ["a plain WebSocket server", { status: 426, body: "Upgrade Required" }, "not-socketio"],
    ["a server without that path", { status: 404, body: "Not found" }, "http-status"],
    ["a broken proxy", { status: 502, body: "" }, "http-status"],
    ["a gateway that says no in JSON", { status: 503, body: unknown }, "http-status"],
    ["JSON with other numbers", { status: 400, body: '{"code":40,"message":"x"}' }, "http-status"],
    ["JSON of something else", { status: 400, body: '{"code":"x"}' }, "http-status"],
    ["JSON that is no object", { status: 400, body: "null" }, "http-status"],
  ] as const)("finds %s behind a failed WebSocket (ERR-6)", async (_what, answer, code) => {
    host(answer);
    expect((await investigate([failed("websocket")]))?.code).toBe(code);
  });

  it("finds nobody where nobody is", async () => {
    const fetch = host(new TypeError("failed"));
    expect(await investigate([failed("websocket")])).toBeUndefined();
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("finds a server that this page may not read (ERR-19)", async () => {
    const elsewhere = { ...target, isCrossOrigin: true };
    host(new TypeError("failed"), true);
    expect(await investigate([failed("polling")], elsewhere)).toEqual({ code: "cors" });
    expect(await investigate([failed("websocket")], elsewhere)).toEqual({
      code: "websocket-blocked",
    });
    host(new TypeError("failed"), false);
    expect(await investigate([failed("polling")], elsewhere, signal)).toBeUndefined();
  });

  it("doesn't ask where polling has asked already, or was told the reason (ERR-24)", async () => {
    const fetch = host({ status: 200, body: "" });
    const both = [failed("websocket"), failed("polling")];
    expect(await investigate(both)).toBeUndefined();
    const elsewhere = { ...target, isCrossOrigin: true };
    for (const probed of [target, elsewhere])
      expect(await investigate([failed("polling", "http-status")], probed)).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
  });

  it("asks nothing where the host itself has said why", async () => {
    const fetch = host({ status: 200, body: "" });
    for (const code of ["websocket-blocked", "unsupported-version"] as const)
      expect(
        await investigate([failed("websocket", code), failed("webtransport")]),
      ).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
  });

  it("tells when the server asks to come back later (ERR-25)", async () => {
    vi.stubGlobal("fetch", () =>
      Promise.resolve(new Response("", { status: 503, headers: { "Retry-After": "7" } })),
    );
    expect(await investigate([failed("websocket")])).toEqual({
      code: "http-status",
      status: 503,
      retryAfter: 7000,
    });
  });

  it("asks once an outage and place, and goes on knowing (ERR-23)", async () => {
    const fetch = host({ status: 400, body: unknown });
    const outage: Outage = new Map();
    const ask = (transport: string, code: Attempt["code"], place = "http://once.test/") =>
      at(target, { place }).investigate([failed(transport, code)], signal, outage);
    expect(await ask("websocket", "unreachable")).toEqual({ code: "websocket-blocked" });
    expect(await ask("websocket", "unreachable")).toEqual({ code: "websocket-blocked" });
    expect(await ask("websocket", "timeout")).toBeUndefined();
    expect(await ask("polling", "unreachable")).toBeUndefined();
    expect(fetch).toHaveBeenCalledOnce();
    expect(await ask("websocket", "unreachable", "http://2.test/")).toBeDefined();
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("knows nothing of another outage", async () => {
    const first = [failed("websocket")];
    const place = { place: "http://twice.test/" };
    host({ status: 400, body: unknown });
    await at(target, place).investigate(first, signal, new Map());
    host(new TypeError("failed"));
    const outage: Outage = new Map();
    for (let i = 0; i < 2; i++)
      expect(await at(target, place).investigate(first, signal, outage)).toBeUndefined();
  });

  describe("of a page", () => {
    function page() {
      const target = new EventTarget();
      vi.stubGlobal("addEventListener", target.addEventListener.bind(target));
      vi.stubGlobal("removeEventListener", target.removeEventListener.bind(target));
      return (blockedURI: string, more: object = {}) =>
        target.dispatchEvent(
          Object.assign(new Event("securitypolicyviolation"), {
            blockedURI,
            effectiveDirective: "connect-src",
            disposition: "enforce",
            ...more,
          }),
        );
    }

    it.each(["wss://d.test/socket.io/", "http://d.test", "http://d.test:8080/?x=/", "wss"])(
      "is told when its policy forbids the address: %s (ERR-20)",
      async (blocked) => {
        const fetch = host({ status: 200, body: "" });
        const violate = page();
        const subject = at();
        violate(blocked);
        const both = [failed("websocket"), failed("polling")];
        expect(await subject.investigate(both, signal, new Map())).toEqual({ code: "csp" });
        expect(fetch).not.toHaveBeenCalled();
      },
    );

    it("is told also by its own request", async () => {
      const violate = page();
      vi.stubGlobal("fetch", () => {
        violate("http://d.test/?x");
        return Promise.reject(new TypeError("failed"));
      });
      expect(await investigate([failed("websocket")])).toEqual({ code: "csp" });
    });

    it("doesn't mind what else the policy forbids, and listens no longer than it must", async () => {
      host(new TypeError("failed"));
      const violate = page();
      const subject = at();
      violate("http://other.test/");
      violate("http://bad.test/?from=d.test");
      violate("http://d.test.example/");
      violate("inline");
      violate("http://d.test/", { effectiveDirective: "img-src" });
      violate("http://d.test/", { disposition: "report" });
      subject.stop();
      violate("http://d.test/");
      expect(await subject.investigate([failed("websocket")], signal, new Map())).toBeUndefined();
    });

    it.each([
      ["192.168.1.5", "denied", "local-network-blocked"],
      ["printer.local", "denied", "local-network-blocked"],
      ["localhost", "denied", "local-network-blocked"],
      ["192.168.1.5", "granted", undefined],
      ["server.test", "denied", undefined],
    ])(
      "knows whether it may reach into the network: %s, %s (ERR-22)",
      async (hostname, state, code) => {
        host(new TypeError("failed"));
        vi.stubGlobal("navigator", {
          permissions: {
            query: ({ name }: { name: string }) =>
              name === "local-network-access"
                ? Promise.resolve({ state })
                : Promise.reject(new TypeError("unknown permission")),
          },
        });
        const found = await at(target, { hostname }).investigate(
          [failed("websocket"), failed("polling")],
          signal,
          new Map(),
        );
        expect(found?.code).toBe(code);
      },
    );
  });

  it("can do without fetch", async () => {
    vi.stubGlobal("fetch", undefined);
    expect(await investigate([failed("websocket")])).toBeUndefined();
  });

  it("asks nothing where it was given up before", async () => {
    const fetch = host({ status: 200, body: "" });
    const elsewhere = { ...target, isCrossOrigin: true };
    expect(
      await investigate([failed("websocket")], elsewhere, AbortSignal.abort()),
    ).toBeUndefined();
    expect(fetch).not.toHaveBeenCalled();
  });

  it("sends cookies only where they are wanted, and can be given up", async () => {
    const fetch = host({ status: 400, body: unknown });
    await investigate([failed("websocket")], { ...target, withCredentials: true });
    await investigate([failed("websocket")]);
    const sent = fetch.mock.calls.map(([, init]) => [init.credentials, init.signal]);
    expect(sent).toEqual([
      ["include", signal],
      ["same-origin", signal],
    ]);
  });
});

describe("transportError", () => {
  it("says what the code means, outside of connecting too", () => {
    const error = transportError(
      "session-unknown",
      { kind: "error", message: "xhr post error" },
      hints,
    );
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

  it("makes an error of the reference client's shape, with what was tried and what it means (ERR-5)", () => {
    const attempts = [failed("websocket"), failed("polling", "http-status")];
    const error = explain(attempts, [socket, post], hints);
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

  it.each([
    ["http-status", 401, true],
    ["http-status", 403, true],
    ["http-status", 404, true],
    ["http-status", 503, undefined],
    ["http-status", 429, undefined],
    ["unsupported-version", 400, true],
    ["unreachable", undefined, undefined],
  ] as const)("says whether a retry has a chance: %s %s (ERR-9)", (code, status, isFinal) => {
    const failure = {
      kind: "error",
      message: "xhr poll error",
      ...(status && { status }),
    } as const;
    expect(explain([failed("polling", code)], [failure]).isFinal).toBe(isFinal);
  });

  it("says how long the server asks to wait, in its hint too (ERR-25)", () => {
    const failure = { ...post, status: 503, retryAfter: 7000 };
    const error = explain([failed("polling", "http-status")], [failure], hints);
    expect([error.retryAfter, error.hint]).toEqual([7000, "the server asks to wait 7 s"]);
  });

  it("prefers what the transport itself has to say", () => {
    const failure = { ...socket, code: "websocket-blocked", hint: "no class" } as const;
    const error = explain([failed("websocket", "websocket-blocked")], [failure], hints);
    expect([error.code, error.hint]).toEqual(["websocket-blocked", "no class"]);
  });

  it("takes a better code", () => {
    expect(explain([failed("polling")], [post], hints, { code: "cors" }).code).toBe("cors");
  });
});
