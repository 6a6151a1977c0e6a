import { afterEach, describe, expect, it, vi } from "vitest";
import { Connector } from "../../../src/engine/connector.js";
import type { EngineOptions } from "../../../src/engine/options.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { XHR } from "../../../src/transports/polling.js";
import type { TransportOptions } from "../../../src/transports/transport.js";
import { WebSocketTransport } from "../../../src/transports/websocket.js";

const registry = { websocket: WebSocketTransport, polling: XHR };

function namesOf(options: EngineOptions): string[] {
  const connector = new Connector("http://server.test", options, registry, hostTimers());
  return connector.candidates().map(({ name }) => name);
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("Connector", () => {
  const headed = { extraHeaders: { authorization: "bearer token" } };

  it("lets WebSocket lead (TRA-1)", () => {
    vi.stubGlobal("document", {});
    expect(namesOf({})).toEqual(["websocket", "polling"]);
  });

  describe("with headers, in a browser, whose WebSocket takes none", () => {
    it("lets polling lead (TRA-2)", () => {
      vi.stubGlobal("document", {});
      expect(namesOf(headed)).toEqual(["polling", "websocket"]);
    });

    it("keeps to a list of the app's (TRA-3)", () => {
      vi.stubGlobal("document", {});
      expect(namesOf({ ...headed, transports: ["websocket", "polling"] })).toEqual([
        "websocket",
        "polling",
      ]);
    });
  });

  describe("with headers, where WebSocket takes them too", () => {
    it("lets WebSocket lead", () => {
      expect(namesOf(headed)).toEqual(["websocket", "polling"]);
      vi.stubGlobal("document", {});
      vi.stubGlobal("navigator", { product: "ReactNative" });
      expect(namesOf(headed)).toEqual(["websocket", "polling"]);
    });
  });

  describe("with options of one transport", () => {
    class Bare extends XHR {
      static readonly made: TransportOptions[] = [];
      constructor(options: TransportOptions) {
        super(options);
        Bare.made.push(options);
      }
    }

    function made(options: EngineOptions): TransportOptions {
      const connector = new Connector(
        "http://server.test",
        options,
        { polling: Bare },
        hostTimers(),
      );
      connector.candidates()[0]?.create("s1");
      return Bare.made.pop() as TransportOptions;
    }

    it.each<[string, NonNullable<EngineOptions["transportOptions"]>[string]]>([
      ["a function for headers", { extraHeaders: () => ({}) }],
      ["a function for the query", { query: () => ({}) }],
      ["headers that can't be sent", { extraHeaders: { "x-a": "ü✓" } }],
      ["a query that is no text", { query: { a: "\ud800" } }],
    ])("refuses %s, also of transports that are not used", (_what, own) => {
      for (const name of ["polling", "webtransport"])
        expect(() => made({ transportOptions: { [name]: own } })).toThrow(
          expect.objectContaining({ code: "invalid-option" }),
        );
    });

    it("merges its query, and leaves the app's object alone (CON-30)", () => {
      for (const query of [{ b: "2" }, "b=2"]) {
        const options = made({ query: { a: 1 }, transportOptions: { polling: { query } } });
        expect(options.query).toEqual({ a: 1, b: "2", EIO: 4, transport: "polling", sid: "s1" });
        expect(options.query).not.toBe(query);
      }
    });

    it("prefers its headers; null stands for those of all (CON-30)", () => {
      const own = (extraHeaders: unknown) =>
        made({ ...headed, transportOptions: { polling: { extraHeaders } } }).extraHeaders;
      expect(own({ "x-a": "1" })).toEqual({ "x-a": "1" });
      expect(own({})).toEqual({});
      expect(own(null)).toEqual(headed.extraHeaders);
    });
  });
});

describe("Connector > where it goes", () => {
  const timers = hostTimers();
  const at = (address: string | undefined, options: EngineOptions = {}): unknown[] => {
    const { hostname, port, secure } = new Connector(address, options, {}, timers);
    return [hostname, port, secure];
  };

  it.each<[EngineOptions, unknown[]]>([
    [{ hostname: "a.test" }, ["a.test", "80", false]],
    [{ host: "a.test" }, ["a.test", "80", false]],
    [{ host: "b.test", hostname: "a.test" }, ["a.test", "80", false]],
    [{ hostname: "a.test", secure: true }, ["a.test", "443", true]],
    [{ hostname: "a.test", port: 8080 }, ["a.test", "8080", false]],
    [{ hostname: "a.test", port: "8443", secure: true }, ["a.test", "8443", true]],
    [{ host: "a.test:8443", secure: true }, ["a.test", "8443", true]],
  ])("is what %j say where there is no address (CON-42)", (options, where) => {
    expect(at(undefined, options)).toEqual(where);
  });

  it("is the address where there is one (CON-42)", () => {
    const options = { hostname: "b.test", port: 1, secure: true };
    expect(at("http://a.test", options)).toEqual(["a.test", "80", false]);
    expect(at("https://a.test:99", options)).toEqual(["a.test", "99", true]);
  });

  it("is the page's protocol and another one's port, where the page says where", () => {
    vi.stubGlobal("location", { protocol: "https:", host: "page.test:8443" });
    expect(at(undefined)).toEqual(["page.test", "8443", true]);
    expect(at(undefined, { secure: false })).toEqual(["page.test", "80", false]);
    vi.stubGlobal("location", { protocol: "http:", host: "page.test:8080" });
    expect(at(undefined, { secure: true })).toEqual(["page.test", "443", true]);
  });

  it.each<[EngineOptions, string]>([
    [{}, "http://a.test/socket.io/"],
    [{ path: "/x" }, "http://a.test/x/"],
    [{ path: "/x/", addTrailingSlash: false }, "http://a.test/x"],
  ])("has origin and path for its place: %j", (options, place) => {
    expect(new Connector("ws://a.test:80", options, {}, timers).place).toBe(place);
  });

  it.each([
    [{ protocol: "http:", host: "a.test" }, false],
    [{ protocol: "https:", host: "a.test" }, true],
    [{ protocol: "http:", host: "b.test" }, true],
    [undefined, false],
  ])("is asked as of another origin by the page %j: %s", (location, isCrossOrigin) => {
    vi.stubGlobal("location", location);
    const target = new Connector("http://a.test", {}, {}, timers).probeTarget();
    expect(target).toMatchObject({ isCrossOrigin, withCredentials: false });
    expect(target.url).toMatch(/^http:\/\/a\.test\/.*transport=polling.*sid=tautline-diagnosis/);
    // no cache answers in the place of the server
    expect(new URL(target.url).searchParams.has("t")).toBe(true);
    const trusting = new Connector("http://a.test", { withCredentials: true }, {}, timers);
    expect(trusting.probeTarget().withCredentials).toBe(true);
  });
});

describe("Connector > what it says of wrong options", () => {
  const timers = hostTimers();
  const prepared = (options: object): Promise<{ code: string; message: string; cause: unknown }> =>
    new Promise((resolve, reject) =>
      new Connector("http://a.test", options, {}, timers).prepare(
        () => reject(new Error("nothing was wrong")),
        resolve as never,
      ),
    );

  it("names the function that gave what can't be sent (CON-27)", async () => {
    const query = await prepared({ query: () => 5 });
    expect([query.code, query.message]).toEqual([
      "invalid-option",
      expect.stringContaining("query()"),
    ]);
    const headers = await prepared({ extraHeaders: () => "x: y" });
    expect([headers.code, headers.message]).toEqual([
      "invalid-option",
      expect.stringContaining("extraHeaders()"),
    ]);
  });

  it("says that a function has failed, and with what (CON-27)", async () => {
    const cause = new Error("no token");
    expect(await prepared({ query: () => Promise.reject(cause) })).toMatchObject({
      code: "invalid-option",
      message: "`query` or `extraHeaders` failed",
      cause,
    });
  });

  it("names the transports of which none is there (OPT-7)", () => {
    const none = new Connector("http://a.test", { transports: ["carrier", "pigeon"] }, {}, timers);
    expect(() => none.candidates()).toThrow(/none of the transports \[carrier, pigeon\] is there/);
  });

  it.each(["constructor", "__proto__", "toString"])("knows no transport %s (OPT-7)", (name) => {
    const none = new Connector("http://a.test", { transports: [name] }, {}, timers);
    expect(() => none.candidates()).toThrow(`none of the transports [${name}] is there`);
  });

  it("says that a class can't be used (TRA-48)", () => {
    class Broken {
      constructor() {
        throw new Error("no");
      }
    }
    const broken = new Connector("http://a.test", { transports: [Broken as never] }, {}, timers);
    expect(() => broken.candidates()).toThrow("a class in `transports` can't be used");
  });
});
