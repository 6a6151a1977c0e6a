import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startEngine3 } from "../support/engine3-server.js";
import { client, closing, connected, next, proxyTo, serve, until } from "../support/harness.js";
import {
  BlindWebSocket,
  delaysOf,
  explainingClient,
  nextError,
  running,
  stubGlobal,
  withWebSocket,
} from "../support/field.js";
import {
  closedPort,
  startHttp,
  startWebPage,
  startWebSocketServer,
  type WebPage,
} from "../support/servers.js";

const once = { reconnection: false };
const websocket = { ...once, transports: ["websocket" as const] };
const polling = { ...once, transports: ["polling" as const] };
/** As in a browser, where nobody knows why a WebSocket failed. */
const blind = withWebSocket({ options: websocket }, BlindWebSocket);

const page = (options: WebPage) => closing(startWebPage(options));

describe("WebSocket refused with 403", () => {
  it.each([
    ["seen", websocket],
    ["not seen, as in a browser", blind],
  ])("while polling works is websocket-blocked, the status %s (ERR-7)", async (_name, options) => {
    const proxy = await proxyTo(await serve(), { faults: { refuseUpgrade: 403 } });
    expect(await nextError(client(proxy.url, options))).toMatchObject({
      code: "websocket-blocked",
    });
  });
});

describe("A host without a WebSocket class", () => {
  it("says so (TRA-17)", async () => {
    stubGlobal("WebSocket", undefined);
    const server = await serve();
    const error = await nextError(client(server.url, websocket));
    expect(`${error.message} ${error.hint}`).toMatch(/no WebSocket/i);
    expect(error.code).not.toBe("unreachable");
  });

  it("connects over polling by default (TRA-17)", async () => {
    stubGlobal("WebSocket", undefined);
    const server = await serve();
    const socket = await connected(client(server.url));
    expect(socket.io.engine?.transport.name).toBe("polling");
  });
});

describe("A status everywhere", () => {
  it.each([401, 403, 404, 429, 500, 503])(
    "is http-status, not websocket-blocked: %i (ERR-8)",
    async (status) => {
      const { url } = await page({ status });
      for (const options of [websocket, blind, polling, once]) {
        const error = await nextError(client(url, options));
        expect(error.code).toBe("http-status");
        expect(error.attempts?.length).toBeGreaterThan(0);
      }
    },
  );
});

describe.each([429, 503])("%i with Retry-After", (status) => {
  const schedule = { reconnectionDelay: 10, reconnectionDelayMax: 5000, randomizationFactor: 0 };

  it.each([["polling" as const], ["websocket" as const]])(
    "is waited for, and told, over %s (REC-9)",
    async (transport) => {
      const { url } = await page({ status, headers: { "Retry-After": "2" } });
      const options = transport === "websocket" ? blind : polling;
      const socket = client(url, { ...options, ...schedule, reconnection: true });
      const delays = delaysOf(socket);
      const error = await nextError(socket);
      await until(() => delays.length >= 1);
      expect(error).toMatchObject({ code: "http-status", retryAfter: 2000 });
      expect(error.hint).toMatch(/\b2 ?s|2,?000|wait/i);
      expect(delays[0]).toBeGreaterThanOrEqual(2000);
      expect(delays[0]).toBeLessThanOrEqual(5000);
    },
  );

  it("may be a date", async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    const { url } = await page({ status, headers: { "Retry-After": date } });
    const error = (await nextError(client(url, polling))) as { retryAfter?: number };
    expect(error.retryAfter).toBeGreaterThan(10_000);
    expect(error.retryAfter).toBeLessThanOrEqual(30_000);
  });

  it.each(["3600", "soon", "-5", "99999999999999999999"])(
    "doesn't keep a client away for long: %s (REC-10)",
    async (value) => {
      const { url } = await page({ status, headers: { "Retry-After": value } });
      const socket = client(url, { ...polling, ...schedule, reconnection: true });
      const delays = delaysOf(socket);
      await until(() => delays.length >= 1);
      expect(delays[0]).toBeGreaterThanOrEqual(0);
      expect(delays[0]).toBeLessThanOrEqual(60_000);
    },
  );
});

describe("A plain WebSocket server", () => {
  it.each([
    ["with WebSocket alone", websocket],
    ["in a browser, with WebSocket alone", blind],
    ["by default", once],
  ])("that says nothing is named within 3 s, %s", async (_name, options) => {
    const server = await closing(startWebSocketServer());
    const late = running(3200).then(() => ({ code: "late" }));
    const error = await Promise.race([nextError(client(server.url, options)), late]);
    expect(error.code).toBe("not-socketio");
  });
});

describe("A page that is busy for 3.5 s", () => {
  it("is not taken for a server that isn't Socket.IO (TRA-16)", async () => {
    let isBusy = true;
    /** The handshake has arrived, and the page's own work comes before it. */
    class Busy extends WebSocket {
      override emit(event: string | symbol, ...args: any[]): boolean {
        if (event === "open" && isBusy) {
          isBusy = false;
          const end = performance.now() + 3500;
          while (performance.now() < end);
        }
        return super.emit(event, ...args);
      }
    }
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { detour: { webSocket: { down: 5 } } } });
    const socket = client(proxy.url, withWebSocket({ options: websocket }, Busy));
    const codes: unknown[] = [];
    socket.on("connect_error", ({ code }) => codes.push(code));
    await until(() => socket.connected || codes.length > 0);
    expect(codes).toEqual([]);
  });
});

describe("Each error", () => {
  it.each([
    ["websocket", websocket, "websocket error"],
    ["polling", polling, "fetch read error"],
  ] as const)(
    "keeps the reference's message over %s, and says what happened (ERR-5)",
    async (_, options, message) => {
      const urls = [`http://127.0.0.1:${await closedPort()}`, (await page({ status: 404 })).url];
      const texts = new Set<string | undefined>();
      for (const url of urls) {
        const error = await nextError(explainingClient(url, options));
        expect(error.message).toBe(message);
        expect(error.hint).toMatch(/\w+ \w+ \w+/);
        texts.add(error.hint);
      }
      expect(texts.size).toBe(2);
    },
  );

  it("of a timeout too", async () => {
    const { url } = await closing(startHttp(() => undefined));
    const error = await nextError(explainingClient(url, { ...once, timeout: 100 }));
    expect(error).toMatchObject({ code: "timeout", message: "timeout" });
    expect(error.hint).toMatch(/\w+ \w+ \w+/);
  });
});

describe("What retrying can't mend", () => {
  it.each([401, 403, 404])("is told: %i (ERR-9)", async (status) => {
    const { url } = await page({ status });
    for (const options of [polling, blind])
      expect(await nextError(client(url, options))).toMatchObject({ isFinal: true });
  });

  it("is told: unsupported-version (ERR-10)", async () => {
    const server = await closing(startEngine3());
    expect(await nextError(client(server.url, polling))).toMatchObject({
      code: "unsupported-version",
      isFinal: true,
    });
  });

  it("is told: unknown-namespace (ERR-11)", async () => {
    const server = await serve();
    expect(await nextError(client(`${server.url}/nowhere`))).toMatchObject({
      code: "unknown-namespace",
      isFinal: true,
    });
  });

  it("is told apart from what it can", async () => {
    const urls = [`http://127.0.0.1:${await closedPort()}`, (await page({ status: 503 })).url];
    for (const url of urls)
      expect((await nextError(client(url, polling))) as { isFinal?: unknown }).not.toMatchObject({
        isFinal: true,
      });
  });

  it("is tried again all the same, as in the reference (ERR-12)", async () => {
    const { url } = await page({ status: 404 });
    const socket = client(url, { transports: ["polling"] });
    await next(socket.io, "reconnect_attempt");
    await next(socket.io, "reconnect_error");
    expect(socket.active).toBe(true);
  });
});
