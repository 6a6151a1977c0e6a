import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
  type ClientOptions,
} from "../support/harness.js";

/** A server that notes its requests, upgrades among them. */
async function noting(options = {}) {
  const server = await serve(options);
  const requests: IncomingMessage[] = [];
  server.io.engine.on("initial_headers", (_headers: unknown, request: IncomingMessage) => {
    requests.push(request);
  });
  const queries = () => requests.map(({ url }) => new URL(url ?? "", "http://host").searchParams);
  return { ...server, requests, queries };
}

describe("Options", () => {
  describe.each(modes)("over $name", (mode) => {
    const withOptions = (url: string, options: ClientOptions) =>
      client(url, { ...mode.options, ...options });

    it.each([
      ["an object", { color: "r&d", size: 4, list: "ü" }],
      ["a string", "color=r%26d&size=4&list=%C3%BC"],
    ])("send the query, given as %s (CON-21)", async (_kind, query) => {
      const server = await noting();
      const socket = withOptions(server.url, { query: query as ClientOptions["query"] });
      await connected(socket);
      const [params] = server.queries();
      expect(Object.fromEntries(params ?? [])).toMatchObject({
        color: "r&d",
        size: "4",
        list: "ü",
        EIO: "4",
      });
      expect([...(params?.keys() ?? [])].indexOf("EIO")).toBeGreaterThan(2);
    });

    it("use another path (CON-19)", async () => {
      const server = await serve({ path: "/my/own" });
      await connected(withOptions(server.url, { path: "/my/own" }));
      await connected(withOptions(server.url, { path: "/my/own/" }));
    });

    it("can leave the trailing slash away (CON-20)", async () => {
      const server = await serve({ path: "/bare", addTrailingSlash: false });
      await connected(withOptions(server.url, { path: "/bare", addTrailingSlash: false }));
    });

    it.each([
      ["an object", { token: "t1", n: [1] }],
      ["a function", (give: (data: object) => void) => give({ token: "t1", n: [1] })],
      [
        "a function that gives later",
        (give: (data: object) => void) => void setImmediate(() => give({ token: "t1", n: [1] })),
      ],
      [
        "an async function",
        async (give: (data: object) => void) => {
          await Promise.resolve();
          give({ token: "t1", n: [1] });
        },
      ],
    ])("send auth, given as %s (AUT-1)", async (_kind, auth) => {
      const server = await serve();
      const socket = withOptions(server.url, { auth: auth as ClientOptions["auth"] });
      await connected(socket);
      const [far] = server.io.of("/").sockets.values();
      expect(far?.handshake.auth).toEqual({ token: "t1", n: [1] });
    });

    it("ask an auth function again at each connect (AUT-2)", async () => {
      const server = await serve();
      let asked = 0;
      const socket = withOptions(server.url, { auth: (give) => give({ asked: ++asked }) });
      await connected(socket);
      const again = next(socket, "connect");
      socket.io.engine?.close();
      await again;
      await until(() => server.io.of("/").sockets.size === 1);
      const [far] = server.io.of("/").sockets.values();
      expect(far?.handshake.auth).toEqual({ asked: 2 });
    });

    it("keep the caller's object as it is (CON-16)", async () => {
      const server = await serve();
      const options = Object.freeze({ ...mode.options, query: Object.freeze({ a: "1" }) });
      const before = structuredClone(options);
      await connected(client(server.url, options));
      expect(options).toEqual(before);
    });
  });

  describe("over polling", () => {
    const options: ClientOptions = { transports: ["polling"] };

    it("send extra headers with each request (CON-28)", async () => {
      const server = await serve();
      const seen = new Set<string>();
      server.io.engine.use((request: IncomingMessage, _response: unknown, pass: () => void) => {
        seen.add(`${request.method} ${request.headers["x-token"]}`);
        pass();
      });
      await connected(client(server.url, { ...options, extraHeaders: { "X-Token": "abc" } }));
      expect([...seen].sort()).toEqual(["GET abc", "POST abc"]);
    });

    it("send an extra header of one transport only over that one (CON-30)", async () => {
      const server = await noting();
      const socket = client(server.url, {
        transports: ["polling"],
        transportOptions: { polling: { extraHeaders: { "X-Mine": "yes" } } },
      });
      await connected(socket);
      expect(server.requests[0]?.headers["x-mine"]).toBe("yes");
    });

    it.each([
      ["by default", {}, "t", true],
      ["under another name", { timestampParam: "ts" }, "ts", true],
      ["not when told so", { timestampRequests: false }, "t", false],
    ])("carry a timestamp: %s (CON-31)", async (_when, extra, name, there) => {
      const server = await noting();
      await connected(client(server.url, { ...options, ...extra }));
      expect(server.queries()[0]?.has(name)).toBe(there);
    });

    it("give up on a request after requestTimeout (CON-32)", async () => {
      const server = await serve();
      const proxy = await proxyTo(server, { faults: { blackhole: "down" } });
      const socket = client(proxy.url, { ...options, requestTimeout: 50, reconnection: false });
      const [error] = await next(socket, "connect_error");
      expect(error).toMatchObject({ message: "fetch read error", type: "TransportError" });
    });
  });

  describe("over websocket", () => {
    it.each([
      ["by default", {}, false],
      ["when asked for", { timestampRequests: true }, true],
    ])("carry a timestamp only %s (CON-31)", async (_when, extra, there) => {
      const server = await noting();
      await connected(client(server.url, { transports: ["websocket"], ...extra }));
      expect(server.queries()[0]?.has("t")).toBe(there);
    });

    it("say b64=1 with forceBase64 (CON-33)", async () => {
      const server = await noting();
      await connected(client(server.url, { transports: ["websocket"], forceBase64: true }));
      expect(server.queries()[0]?.get("b64")).toBe("1");
    });
  });

  it("stay on polling with upgrade false (UPG-2)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["polling", "websocket"], upgrade: false });
    server.io.on("connection", (far) => far.on("hi", (reply) => reply("hello")));
    await connected(socket);
    for (let i = 0; i < 5; i++) await socket.emitWithAck("hi");
    expect(socket.io.engine?.transport.name).toBe("polling");
    expect(proxy.counts.upgrades).toBe(0);
  });

  it("fall back from websocket to polling in the order given (TRA-6)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseUpgrade: 403 } });
    const socket = client(proxy.url, {
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      upgrade: false,
    });
    await settled(socket, { settles: "polling" });
  });
});
