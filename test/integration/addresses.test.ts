/** Several addresses of one service, with real servers that are dead, refuse, hang, die and come back. */
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  client,
  closing,
  type ClientOptions,
  connected,
  modes,
  next,
  serve,
  settled,
  until,
} from "../support/harness.js";
import { closedPort, listen, type RunningSocketIo, startWebPage } from "../support/servers.js";

const dead = async (): Promise<string> => `http://127.0.0.1:${await closedPort()}`;
const refusing = async (): Promise<string> =>
  (await closing(startWebPage({ status: 403, body: "no" }))).url;

/** Takes connections, and never says a word. */
async function hanging(): Promise<string> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  const running = await listen(server as never);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return running.url;
}

describe.each(modes.slice(0, 2))("Several addresses, over $name", ({ options }) => {
  /** A server that says who it is. */
  async function named(name: string, port?: number): Promise<RunningSocketIo> {
    const server = await serve({}, port);
    server.io.on("connection", (socket) => socket.emit("hello", name));
    return server;
  }

  function reach(first: string, addresses: string[], more: ClientOptions = {}) {
    const socket = client(first, { ...options, addresses, ...more });
    const told: string[] = [];
    socket.on("hello", (name: string) => told.push(name));
    socket.on("connect_error", ({ code }) => told.push(code));
    return { socket, told };
  }

  it.each([
    ["is dead", dead],
    ["refuses", refusing],
    ["hangs", hanging],
  ])("connect to the second when the first %s (ADR-6)", async (_how, bad) => {
    const good = await named("b");
    const { socket, told } = reach(await bad(), [good.url], { timeout: 100 });
    // the first one has begun, and no other has so little time
    socket.io.timeout(20_000);
    await next(socket, "hello");
    expect(told).toEqual(["b"]);
  });

  it("connect to the third when nothing else works (ADR-6)", async () => {
    const good = await named("c");
    const { socket, told } = reach(await dead(), [await refusing(), good.url]);
    await next(socket, "hello");
    expect(told).toEqual(["c"]);
  });

  it("tell one error when none works, and go on trying (ADR-7)", async () => {
    const ports = [await closedPort(), await closedPort()];
    const [first, second] = ports.map((port) => `http://127.0.0.1:${port}`) as [string, string];
    const { socket, told } = reach(first, [second]);
    await next(socket, "connect_error");
    expect(told).toEqual(["unreachable"]);
    await named("b", ports[1]);
    await next(socket, "hello");
    expect(told.at(-1)).toBe("b");
  });

  it("connect to the second when the first shakes hands and dies", async () => {
    const good = await named("b");
    const bad = await serve();
    let visits = 0;
    bad.io.engine.on("connection", (visitor: { close(): void }) => {
      visits++;
      visitor.close();
    });
    const { socket } = reach(bad.url, [good.url], { reconnectionDelay: 20 });
    await next(socket, "hello");
    expect(visits).toBe(1);
  });

  it("leave one that dies, and stay at the other when it comes back (ADR-11)", async () => {
    const [a, b] = await Promise.all([named("a"), named("b")]);
    const { socket, told } = reach(a.url, [b.url], { minUptime: 0 });
    await next(socket, "hello");
    const second = next(socket, "hello");
    await a.close();
    await second;
    await named("a", a.port);
    socket.io.engine?.close();
    await next(socket, "hello");
    const fourth = next(socket, "hello");
    await b.close();
    await fourth;
    expect(told).toEqual(["a", "b", "b", "a"]);
  });

  it("carry what was emitted meanwhile (ADR-16)", async () => {
    const [a, b] = await Promise.all([serve(), serve()]);
    const heard: unknown[] = [];
    for (const { io } of [a, b])
      io.on("connection", (socket) => socket.on("n", (n) => heard.push(n)));
    const { socket } = reach(a.url, [b.url]);
    await connected(socket);
    const lost = next(socket, "disconnect");
    await a.close();
    await lost;
    socket.emit("n", 1);
    socket.emit("n", 2);
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 2]);
  });

  it("begin a new session at another server, which knows nothing of the first (ADR-17)", async () => {
    const recovery = { connectionStateRecovery: {} };
    const [a, b] = await Promise.all([serve(recovery), serve(recovery)]);
    const { socket } = reach(a.url, [b.url]);
    await connected(socket);
    a.io.emit("news", 1);
    await next(socket, "news");
    const before = socket.id;
    const back = next(socket, "connect");
    await a.close();
    await back;
    expect([socket.recovered, socket.id === before]).toEqual([false, false]);
  });

  it("recover the session where the server still has it (ADR-17)", async () => {
    const b = await serve({ connectionStateRecovery: {} });
    const { socket } = reach(await dead(), [b.url]);
    await connected(socket);
    b.io.emit("news", 1);
    await next(socket, "news");
    const before = socket.id;
    socket.io.engine?.end("transport close");
    await next(socket, "connect");
    expect([socket.recovered, socket.id === before]).toEqual([true, true]);
  });
});

describe("Several addresses, over polling, then websocket", () => {
  it("upgrade at the one that works", async () => {
    const good = await serve();
    const socket = client(await dead(), {
      transports: ["polling", "websocket"],
      addresses: [good.url],
    });
    await settled(socket, { settles: "websocket" });
    expect(socket.connected).toBe(true);
  });
});

describe.each(modes)("Functions for query and extraHeaders, over $name", (mode) => {
  it("are asked at each connect, and the server sees what they say (CON-24)", async () => {
    const server = await serve(mode.server);
    const seen: unknown[] = [];
    server.io.on("connection", ({ handshake: { query, headers } }) =>
      seen.push([query["turn"], headers["x-turn"]]),
    );
    let turn = 0;
    const socket = client(server.url, {
      ...mode.options,
      query: () => ({ turn: ++turn }),
      extraHeaders: async () => ({ "x-turn": `${turn}` }),
    });
    await settled(socket, mode);
    socket.io.engine?.end("transport close");
    await next(socket, "connect");
    expect(seen).toEqual([
      ["1", "1"],
      ["2", "2"],
    ]);
  });

  it("that fail are a connect_error, and the next try may succeed (CON-27)", async () => {
    const server = await serve(mode.server);
    let turn = 0;
    const socket = client(server.url, {
      ...mode.options,
      query: () => {
        if (turn++) return { a: 1 };
        throw new Error("no token yet");
      },
    });
    const [error] = await next(socket, "connect_error");
    expect(error).toMatchObject({ code: "invalid-option", cause: { message: "no token yet" } });
    await connected(socket);
  });
});
