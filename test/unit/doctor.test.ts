import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { docsOf, FIXES } from "../../src/doctor/causes.js";
import { diagnose } from "../../src/doctor/index.js";
import { type Findings, verdictOn } from "../../src/doctor/verdict.js";

const page = {
  isOffline: false,
  isForbidden: false,
  isMixed: false,
  isCrossOrigin: true,
};
const nothing: Findings = {
  page,
  polling: { first: { kind: "failed", cause: undefined }, firstMs: 1, isThere: false },
  websocket: { stage: "refused", ms: 1 },
  isOtherScheme: false,
  isLocalBlocked: false,
};
const causes = (findings: Partial<Findings>): string[] =>
  verdictOn({ ...nothing, ...findings }).map(({ cause }) => cause);

describe("The causes", () => {
  it("each have a section in docs/doctor.md, and the address of it (DOC-5)", () => {
    const text = readFileSync(new URL("../../docs/doctor.md", import.meta.url), "utf8");
    const sections = [...text.split("## Causes")[1]!.matchAll(/^### (.+)$/gm)].map(
      ([, name]) => name,
    );
    expect(sections.sort()).toEqual(Object.keys(FIXES).sort());
    expect(docsOf("cors")).toBe(
      "https://github.com/tautline/tautline/blob/main/docs/doctor.md#cors",
    );
  });
});

describe("verdictOn", () => {
  it("names a local network that the page may not reach (DOC-22)", () => {
    expect(causes({ isLocalBlocked: true })).toEqual(["local-network-blocked"]);
  });

  it("does not call a device offline whose server answers (DOC-19)", () => {
    const answer = {
      kind: "answer",
      status: 502,
      body: "",
      refusal: undefined,
    } as const;
    const polling = { first: answer, firstMs: 1 };
    expect(causes({ page: { ...page, isOffline: true }, polling })).toEqual(["server-error"]);
  });

  it("names the innermost code that the system gives (DOC-23)", () => {
    const cause = new TypeError("fetch failed", {
      cause: Object.assign(
        new AggregateError([Object.assign(new Error(), { code: "ECONNREFUSED" })]),
        { code: "ECONNREFUSED" },
      ),
    });
    expect(
      causes({ polling: { first: { kind: "failed", cause }, firstMs: 1, isThere: false } }),
    ).toEqual(["connection-refused"]);
  });

  it("survives causes that refer to themselves (DOC-24)", () => {
    const cause: { cause?: unknown } = {};
    cause.cause = cause;
    expect(
      causes({ polling: { first: { kind: "failed", cause }, firstMs: 1, isThere: false } }),
    ).toEqual(["unreachable"]);
  });

  it("says a server's kind once, where both transports met it (DOC-20)", () => {
    const answer = {
      kind: "answer",
      status: 404,
      body: "",
      refusal: undefined,
    } as const;
    expect(
      causes({ polling: { first: answer, firstMs: 1 }, websocket: { stage: "refused", ms: 1 } }),
    ).toEqual(["wrong-path"]);
  });

  it("says that there is no WebSocket class where polling works (DOC-21)", () => {
    const handshake = {
      sid: "a",
      upgrades: ["websocket"],
      pingInterval: 1,
      pingTimeout: 1,
      maxPayload: 1,
    };
    const first = {
      kind: "answer",
      status: 200,
      body: "",
      refusal: undefined,
    } as const;
    const polling = { first, firstMs: 1, handshake, welcome: { kind: "let-in" } } as const;
    expect(causes({ polling, websocket: { stage: "impossible", ms: 0 } })).toEqual([
      "no-websocket",
    ]);
  });
});

describe("diagnose", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("settles in a host that has neither fetch nor WebSocket (DOC-6)", async () => {
    vi.stubGlobal("fetch", undefined);
    vi.stubGlobal("WebSocket", undefined);
    expect(await diagnose("http://localhost:1")).toMatchObject({ connects: false });
  });

  it("settles where a WebSocket's class throws, at whatever it is asked (DOC-6)", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no")));
    class Broken {
      constructor() {
        throw new Error("a class of the app's own");
      }
    }
    expect(await diagnose("http://localhost:1", { WebSocket: Broken as never })).toMatchObject({
      cause: "unreachable",
    });
  });
});
