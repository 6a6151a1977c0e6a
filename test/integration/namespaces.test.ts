import { describe, expect, it } from "vitest";
import { io } from "../../src/index.js";
import { allModes, client, connected, next, serve, settled, until } from "../support/harness.js";

function refusal(data: unknown): Error {
  return Object.assign(new Error("not authorised"), { data });
}

describe("Namespaces", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("share one connection and keep their events apart (NSP-1)", async () => {
      const server = await serve(mode.server);
      const names = ["/orders", "/users", "/deep/er"];
      for (const name of names) {
        server.io.of(name).on("connection", (far) => {
          far.emit("welcome", name);
          far.on("who", (reply) => reply(name));
        });
      }
      const main = client(server.url, mode.options);
      const sockets = names.map((name) => main.io.socket(name));
      const welcomes = await Promise.all(sockets.map((socket) => next(socket, "welcome")));
      expect(welcomes.flat()).toEqual(names);
      expect(await Promise.all(sockets.map((socket) => socket.emitWithAck("who")))).toEqual(names);
      expect(server.io.engine.clientsCount).toBe(1);
      await settled(main, mode);
    });

    it("can be left one by one; the last one closes the connection (NSP-4)", async () => {
      const server = await serve(mode.server);
      server.io.of("/a");
      const main = await connected(client(server.url, mode.options));
      const other = await connected(main.io.socket("/a"));
      main.disconnect();
      await until(() => server.io.of("/").sockets.size === 0);
      expect(other.connected).toBe(true);
      expect(server.io.engine.clientsCount).toBe(1);
      other.disconnect();
      await until(() => server.io.engine.clientsCount === 0);
    });

    it("get their own auth (NSP-5)", async () => {
      const server = await serve(mode.server);
      const seen: Record<string, unknown> = {};
      for (const name of ["/", "/admin"]) {
        server.io.of(name).use((far, pass) => {
          seen[name] = far.handshake.auth;
          pass();
        });
      }
      const main = client(server.url, { ...mode.options, auth: { who: "main" } });
      const admin = main.io.socket("/admin", { auth: { token: "abc", deep: { er: [1] } } });
      await Promise.all([connected(main), connected(admin)]);
      expect(seen).toEqual({ "/": { who: "main" }, "/admin": { token: "abc", deep: { er: [1] } } });
    });

    it("tell why they refused, and let a fresh token in (NSP-6)", async () => {
      const server = await serve(mode.server);
      server.io.of("/admin").use((far, pass) => {
        if (far.handshake.auth.token === "good") pass();
        else pass(refusal({ retry: "later", code: 7 }));
      });
      const main = client(server.url, mode.options);
      const admin = main.io.socket("/admin", { auth: { token: "bad" } });
      const [error] = await next(admin, "connect_error");
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        message: "not authorised",
        data: { retry: "later", code: 7 },
        code: "refused",
      });
      expect(admin).toMatchObject({ connected: false, active: false });
      await connected(main);
      admin.auth = { token: "good" };
      admin.connect();
      await connected(admin);
    });

    it("that do not exist are refused by name (NSP-7)", async () => {
      const server = await serve(mode.server);
      const main = client(server.url, mode.options);
      const [error] = await next(main.io.socket("/nowhere"), "connect_error");
      expect(error).toMatchObject({ message: "Invalid namespace", code: "unknown-namespace" });
      await connected(main);
    });

    it("take their name from the URL's path (ADR-4)", async () => {
      const server = await serve(mode.server);
      const seen: unknown[] = [];
      server.io.of("/room").on("connection", (far) => seen.push(far.handshake.query.color));
      const socket = client(`${server.url}/room?color=red`, {
        ...mode.options,
        query: { color: "blue", size: "4" },
      });
      await connected(socket);
      expect(seen).toEqual(["red"]);
    });

    it("that were left while connecting stay quiet (NSP-8)", async () => {
      const server = await serve(mode.server);
      const waiting: (() => void)[] = [];
      server.io.of("/slow").use((_far, pass) => waiting.push(pass));
      const main = await connected(client(server.url, mode.options));
      const slow = main.io.socket("/slow");
      const fired: string[] = [];
      for (const name of ["connect", "connect_error", "disconnect"] as const) {
        slow.on(name, () => fired.push(name));
      }
      await until(() => waiting.length === 1);
      slow.disconnect();
      waiting[0]?.();
      // Refused on the same connection, so later than whatever the slow one was told.
      await next(main.io.socket("/nowhere"), "connect_error");
      expect(fired).toEqual([]);
    });
  });
});

describe("io(url)", () => {
  it("gives namespaces of one server one manager (NSP-1)", async () => {
    const server = await serve();
    server.io.of("/a");
    const main = io(server.url);
    const other = io(`${server.url}/a`);
    expect(other.io).toBe(main.io);
    expect(other.nsp).toBe("/a");
    await Promise.all([connected(main), connected(other)]);
    // polling may have joined on a busy machine, and is closed then
    await until(() => server.io.engine.clientsCount === 1);
    main.disconnect();
    other.disconnect();
  });

  it.each([{ forceNew: true }, { multiplex: false }])(
    "gives a new manager with %o (NSP-2)",
    (options) => {
      const first = io("http://localhost:1", { autoConnect: false });
      const second = io("http://localhost:1/b", { autoConnect: false, ...options });
      expect(second.io).not.toBe(first.io);
    },
  );

  it("tells managers apart by host, port, protocol and path, not by default port or query (NSP-3)", () => {
    const manager = (url: string, path?: string) =>
      io(url, { autoConnect: false, ...(path === undefined ? {} : { path }) }).io;
    const first = manager("http://a.test/1");
    expect(manager("http://a.test:80/2")).toBe(first);
    expect(manager("http://a.test/3?x=1")).toBe(first);
    for (const [url, path] of [
      ["https://a.test/4", undefined],
      ["http://a.test:81/5", undefined],
      ["http://b.test/6", undefined],
      ["http://a.test/7", "/other"],
    ] as const) {
      expect(manager(url, path)).not.toBe(first);
    }
  });
});
