import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { TautlineError } from "../../src/index.js";
import { client, closing, connected, next, proxyTo, serve, settled } from "../support/harness.js";
import { startHttp, startWebPage, startWebSocketServer } from "../support/servers.js";

const busy = () => closing(startWebPage({ status: 503, headers: { "Retry-After": "9" } }));

async function failure(url: string, options = {}): Promise<TautlineError> {
  const socket = client(url, { reconnection: false, ...options });
  const [error] = await next(socket, "connect_error");
  return error as TautlineError;
}

describe("What a failure is called", () => {
  it("is websocket-blocked where a WebSocket is refused and polling works (ERR-7)", async () => {
    const proxy = await proxyTo(await serve(), { faults: { refuseUpgrade: 403 } });
    const socket = client(proxy.url, { fallbackDelay: 120_000 });
    await settled(socket, { settles: "polling" });
    expect(socket.io.engine?.attempts).toMatchObject([
      { transport: "websocket", code: "websocket-blocked", status: 403 },
    ]);
  });

  it.each([[["websocket"]], [["polling"]], [["websocket", "polling"]]])(
    "is http-status where everything is answered with 503, over %j, and tells how long to wait (ERR-8)",
    async (transports) => {
      const error = await failure((await busy()).url, { transports });
      expect(error).toMatchObject({ code: "http-status", retryAfter: 9000 });
      expect([error.hint, error.isFinal]).toEqual(["the server asks to wait 9 s", undefined]);
    },
  );

  it.each([401, 403, 404])("is final for %i (ERR-9)", async (status) => {
    const error = await failure((await closing(startWebPage({ status }))).url);
    expect([error.code, error.isFinal]).toEqual(["http-status", true]);
  });

  it.each(["that answers HTTP", "that says nothing to HTTP"])(
    "is not-socketio, long before the timeout, for a plain WebSocket server %s (ERR-13)",
    async (kind) => {
      const server = await closing(startWebSocketServer());
      if (kind.includes("nothing")) {
        const http = server.sockets.options.server;
        http?.removeAllListeners("request");
        http?.on("request", () => undefined);
      }
      const error = await failure(server.url, { transports: ["websocket"], timeout: 600_000 });
      expect(error.code).toBe("not-socketio");
    },
  );

  it("is http-status where polling is redirected (ERR-14)", async () => {
    const server = await serve();
    const moved = await closing(
      startHttp(({ url }, response) =>
        response.writeHead(301, { Location: `${server.url}${url}` }).end(),
      ),
    );
    const error = await failure(moved.url, { transports: ["polling"] });
    expect(error).toMatchObject({ code: "http-status", description: 301 });
  });

  it.each([
    ["websocket", "transport close"],
    ["polling", "transport error"],
  ] as const)(
    "is too-large where less is taken than was said, over %s (ERR-18)",
    async (name, reason) => {
      const server = await serve({ maxHttpBufferSize: 1000 });
      const { engine } = server.io;
      engine.opts.maxHttpBufferSize = 100_000;
      engine.on("connection", ({ transport }) => (transport.maxHttpBufferSize = 1000));
      const socket = client(server.url, { transports: [name], reconnection: false });
      await connected(socket);
      const ended = next(socket, "disconnect");
      socket.emit("a", "x".repeat(2000));
      expect(await ended).toEqual([reason, expect.objectContaining({ code: "too-large" })]);
    },
  );
});

describe("A WebSocket class that can't close", () => {
  /** `ws` closes itself too, when the server does: only the client's own call throws. */
  function Stuck(url: string, protocols?: string[]): WebSocket {
    const socket = new WebSocket(url, protocols);
    const close = (): never => {
      socket.terminate();
      throw new Error("can't");
    };
    return new Proxy(socket, {
      get(target, key) {
        const value: unknown = key === "close" ? close : Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
      set: (target, key, value) => Reflect.set(target, key, value),
    });
  }

  it("is left behind", async () => {
    const server = await serve();
    const socket = client(server.url, {
      transports: ["websocket"],
      transportOptions: { websocket: { WebSocket: Stuck as never } },
    });
    await connected(socket);
    const first = socket.id;
    socket.disconnect();
    socket.connect();
    await connected(socket);
    expect(socket.id).not.toBe(first);
  });
});
