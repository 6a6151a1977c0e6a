import { describe, expect, it, onTestFinished } from "vitest";
import { TautlineError } from "../../src/index.js";
import { startBalancer } from "../support/balancer.js";
import { startEngine3 } from "../support/engine3-server.js";
import {
  client,
  closing,
  connected,
  next,
  proxyTo,
  serve,
  settled,
  type ClientOptions,
} from "../support/harness.js";
import {
  closedPort,
  startHttp,
  startWebPage,
  startWebSocketServer,
  type RunningServer,
} from "../support/servers.js";

interface Case {
  code: string;
  when: string;
  /** Where the client is pointed at. */
  start: () => Promise<Pick<RunningServer, "url">>;
  options?: ClientOptions;
  /** More that must be known of it. */
  status?: number;
}

const page = (options: Parameters<typeof startWebPage>[0]) => () => closing(startWebPage(options));
const only = (name: "websocket" | "polling"): ClientOptions => ({ transports: [name] });

const cases: Case[] = [
  {
    code: "unreachable",
    when: "nobody listens",
    start: async () => ({ url: `http://127.0.0.1:${await closedPort()}` }),
  },
  {
    code: "unreachable",
    when: "the host does not exist",
    start: () => Promise.resolve({ url: "http://no-such-host.invalid" }),
  },
  { code: "http-status", when: "the path is not there", start: page({ status: 404 }), status: 404 },
  { code: "http-status", when: "the server fails", start: page({ status: 503 }), status: 503 },
  { code: "not-socketio", when: "a web page answers", start: page({}) },
  {
    code: "not-socketio",
    when: "some JSON answers",
    start: page({ body: '{"hello":"world"}', headers: { "Content-Type": "application/json" } }),
  },
  {
    code: "not-socketio",
    when: "a plain WebSocket server answers",
    start: () => closing(startWebSocketServer()),
  },
  {
    code: "not-socketio",
    when: "a plain WebSocket server greets",
    start: () => closing(startWebSocketServer((socket) => socket.send("hello"))),
  },
  {
    code: "unsupported-version",
    when: "a Socket.IO 2 server answers over polling",
    start: () => closing(startEngine3()),
    options: only("polling"),
  },
  {
    code: "websocket-blocked",
    when: "WebSocket alone is wanted, and refused on the way",
    start: async () => proxyTo(await serve(), { faults: { refuseUpgrade: 403 } }),
    options: only("websocket"),
  },
  {
    code: "websocket-blocked",
    when: "WebSocket alone is wanted, and dies on the way",
    start: async () =>
      proxyTo(await serve(), {
        faults: { kill: { on: "websocket", direction: "up", beforeFrame: 0 } },
      }),
    options: only("websocket"),
  },
  {
    code: "timeout",
    when: "the server takes connections and says nothing",
    start: () => closing(startHttp(() => undefined)),
    options: { timeout: 200 },
  },
  {
    code: "timeout",
    when: "the network swallows everything",
    start: async () => proxyTo(await serve(), { faults: { blackhole: "both" } }),
    options: { timeout: 200 },
  },
];

describe("Diagnosis", () => {
  describe.each(cases)("$code, when $when", ({ code, start, options, status }) => {
    it("reaches the socket and the manager, with all that was tried", async () => {
      const { url } = await start();
      const socket = client(url, { fallbackDelay: 100, ...options, reconnection: false });
      const managers = next(socket.io, "error");
      const [error] = await next(socket, "connect_error");
      expect(error).toBeInstanceOf(TautlineError);
      expect(error.code, error.message).toBe(code);
      expect((await managers)[0]).toBe(error);
      const names = options?.transports ?? ["websocket", "polling"];
      const { attempts } = error as TautlineError;
      expect(attempts?.map(({ transport }) => transport).sort()).toEqual([...names].sort());
      for (const attempt of attempts ?? []) {
        expect(attempt.ms).toBeGreaterThanOrEqual(0);
        expect(attempt.code).toEqual(expect.any(String));
      }
      if (status !== undefined) {
        expect(attempts).toContainEqual(expect.objectContaining({ code, status }));
      }
    });
  });

  it("says unsupported-version when a Socket.IO 2 server lets the connection in (ERR-10)", async () => {
    const server = await closing(startEngine3());
    const [error] = await next(client(server.url), "connect_error");
    expect(error).toBeInstanceOf(TautlineError);
    expect(error.code, error.message).toBe("unsupported-version");
  });

  it("says offline when the host says so (ERR-15)", async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", {
      value: { onLine: false },
      configurable: true,
    });
    onTestFinished(() => {
      if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
      else Object.defineProperty(globalThis, "navigator", before);
    });
    const socket = client("http://no-such-host.invalid", { reconnection: false });
    const [error] = await next(socket, "connect_error");
    expect(error.code).toBe("offline");
  });

  describe("session-unknown", () => {
    it("is told when two nodes take turns and only polling is allowed (ERR-16)", async () => {
      const nodes = [await serve(), await serve()];
      const balancer = await closing(startBalancer(nodes.map(({ port }) => port)));
      const socket = client(balancer.url, only("polling"));
      const [reason, details] = await next(socket.io, "close");
      expect(reason).toBe("transport error");
      expect(details).toMatchObject({ code: "session-unknown" });
    });

    it.each([
      ["with polling first", { transports: ["polling", "websocket"] }],
      ["by default", {}],
      ["behind a proxy that knows no session", { transports: ["polling", "websocket"] }],
    ] as [string, ClientOptions][])("is left for WebSocket, %s", async (name, options) => {
      const nodes = [await serve(), await serve()];
      const { url } = name.includes("proxy")
        ? await proxyTo(nodes[0] as RunningServer, { faults: { unknownSession: true } })
        : await closing(startBalancer(nodes.map(({ port }) => port)));
      const socket = client(url, { ...options, reconnectionDelay: 5 });
      await connected(socket);
      await settled(socket, { settles: "websocket" });
    });
  });

  describe("parse-error", () => {
    const open = `0${JSON.stringify({ sid: "s", upgrades: [], pingInterval: 25000, pingTimeout: 5000, maxPayload: 1e6 })}`;

    it.each(["49", "42[", "42{}", '42["disconnect"]', "450-[]", "x", '42["a"]x'])(
      "ends a connection that sent %s (ERR-17)",
      async (packet) => {
        const server = await closing(
          startWebSocketServer((socket) => {
            socket.send(open);
            socket.on("message", () => {
              socket.send('40{"sid":"abc"}');
              socket.send(packet);
            });
          }),
        );
        const socket = client(server.url, { transports: ["websocket"] });
        const [reason, details] = await next(socket, "disconnect");
        expect(reason).toBe("parse error");
        expect(details).toBeInstanceOf(TautlineError);
        expect(details).toMatchObject({ code: "parse-error" });
        const quoted = packet === "x" ? packet : packet.slice(1);
        expect((details as Error).message).toContain(JSON.stringify(quoted).slice(1, -1));
        await connected(socket);
      },
    );
  });
});
