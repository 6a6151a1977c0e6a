/** Servers that do what a server should not do: nothing of it hangs, and all of it is told. */
import { createHash } from "node:crypto";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket as WS } from "ws";
import {
  ReconnectingWebSocket,
  type WebSocketCloseEvent,
  type WebSocketErrorEvent,
  type WebSocketOptions,
  watch,
} from "../../src/websocket/index.js";
import { next, speak } from "../support/echo-server.js";
import { proxyTo } from "../support/harness.js";

function connect(url: string, options: WebSocketOptions = {}): ReconnectingWebSocket {
  const ws = new ReconnectingWebSocket(url, {
    WebSocket: WS,
    minReconnectionDelay: 10,
    maxReconnectionDelay: 40,
    ...options,
  });
  onTestFinished(() => ws.close());
  return ws;
}

/** A server that answers the upgrade, and then writes the bytes that a test wants. */
async function raw(
  then: (socket: Socket) => void,
  head = (accept: string): string =>
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
): Promise<string> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.once("data", (data) => {
      const key = /sec-websocket-key: (.+)\r\n/i.exec(String(data))?.[1] ?? "";
      const accept = createHash("sha1")
        .update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        .digest("base64");
      socket.write(head(accept));
      then(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}/`;
}

const ended = async (ws: ReconnectingWebSocket) => {
  const [error, close] = await Promise.all([
    next<WebSocketErrorEvent>(ws, "error"),
    next<WebSocketCloseEvent>(ws, "close"),
  ]);
  return { error: error.error, close };
};

describe("A server that", () => {
  const frames: [string, number[]][] = [
    ["sends a frame with reserved bits", [0xf1, 0]],
    ["sends a frame of an unknown kind", [0x8f, 0]],
    ["sends a text that is no UTF-8", [0x81, 2, 0xc3, 0x28]],
    ["sends a masked frame", [0x81, 0x80, 0, 0, 0, 0]],
    ["says that a frame has 2^63 bytes", [0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]],
    ["closes with a code that must not be sent", [0x88, 2, 0x03, 0xed]],
    ["closes with 1015, which must not be sent", [0x88, 2, 0x03, 0xf7]],
    ["closes with half a code", [0x88, 1, 3]],
  ];

  it.each(frames)("%s is an error, and another try (WSK-25)", async (_, bytes) => {
    const ws = connect(await raw((socket) => socket.write(Buffer.from(bytes))));
    const { error, close } = await ended(ws);
    expect(error).toMatchObject({ name: "TautlineError", code: "transport-error" });
    expect([1002, 1006, 1007, 1009]).toContain(close.code);
    await next(ws, "reconnecting");
  });

  const heads: [string, string][] = [
    ["redirects", "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:9/\r\n\r\n"],
    [
      "answers with a wrong key",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
    ],
    ["answers with nonsense", "220 mail.example.com ESMTP\r\n"],
    ["answers with 200", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
  ];

  it.each(heads)("%s is an error, and another try", async (_, head) => {
    const ws = connect(
      await raw(
        (socket) => socket.end(),
        () => head,
      ),
    );
    const { error, close } = await ended(ws);
    expect([error.code, close.code]).toEqual(["transport-error", 1006]);
    await next(ws, "reconnecting");
  });

  it("chooses a subprotocol that was not offered is an error (WSK-25)", async () => {
    const ws = connect(
      await raw(
        () => undefined,
        (accept) =>
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: other\r\n\r\n`,
      ),
      { protocols: "mine" },
    );
    expect((await ended(ws)).close.code).toBe(1006);
  });

  it("never answers is a timeout (WSK-10)", async () => {
    const ws = connect(
      await raw(
        () => undefined,
        () => "",
      ),
      { connectTimeout: 50 },
    );
    const { error, close } = await ended(ws);
    expect([error.code, close.code]).toEqual(["timeout", 1006]);
  });

  it("accepts and closes at once is visited less and less often (WSK-6)", async () => {
    const { address } = await speak((socket) => socket.close(1011));
    const ws = connect(address, { maxReconnectionDelay: 10_000, randomizationFactor: 0 });
    const delays: number[] = [];
    ws.addEventListener("reconnecting", ({ delay }) => delays.push(delay));
    await expect.poll(() => delays.length).toBeGreaterThan(4);
    expect(delays.slice(0, 5)).toEqual([10, 20, 40, 80, 160]);
  });

  it("closes without a code is visited again", async () => {
    const { address } = await speak((socket) => socket.close());
    const ws = connect(address);
    expect(await next(ws, "close")).toMatchObject({ code: 1005, wasClean: true });
    await next(ws, "open");
  });

  it("ends the connection again and again loses nothing that waited (WSK-18)", async () => {
    let isUp = false;
    const heard: string[] = [];
    const { address } = await speak((socket) => {
      if (!isUp) return socket.terminate();
      socket.on("message", (data) => heard.push(String(data)));
    });
    const ws = connect(address, { maxReconnectionDelay: 20 });
    let losses = 0;
    ws.onclose = () => {
      ws.send(`loss ${++losses}`);
      isUp = losses >= 10;
    };
    await expect.poll(() => losses >= 10 && heard.at(-1) === `loss ${losses}`).toBe(true);
    // the first ones may have been handed to connections that were dead already
    const last = Number(/\d+/.exec(heard.at(-1) ?? ""));
    const first = Number(/\d+/.exec(heard[0] ?? ""));
    expect(last).toBe(losses);
    expect(heard).toEqual(Array.from({ length: last - first + 1 }, (_, i) => `loss ${first + i}`));
  });

  it.each([
    ["reconnect()", (ws: ReconnectingWebSocket) => ws.reconnect()],
    ["reconnect(4000, why)", (ws: ReconnectingWebSocket) => ws.reconnect(4000, "é".repeat(61))],
    ["close(), open()", (ws: ReconnectingWebSocket) => (ws.close(3000), ws.open())],
    ["reconnect() twice", (ws: ReconnectingWebSocket) => (ws.reconnect(), ws.reconnect())],
  ])(
    "has one connection after %s, wherever it is called, and none after close()",
    async (_, act) => {
      const here = ["open", "close", "state", "error", "reconnecting", "shouldReconnect"];
      for (const where of here) {
        let isDeaf = false;
        const server = await speak((socket) =>
          socket.on("message", (data) => {
            if (String(data) !== "ping") socket.close(4401);
            else if (!isDeaf) socket.send("pong");
          }),
        );
        let left = 0;
        const visit = () => void (left-- > 0 && act(ws));
        const ws: ReconnectingWebSocket = connect(server.address, {
          watch: watch({
            network: false,
            heartbeat: { message: "ping", interval: 50, timeout: 300 },
          }),
          startClosed: true,
          shouldReconnect: () => (where === "shouldReconnect" && visit(), true),
        });
        ws.addEventListener(where, visit);
        ws.open();
        await next(ws, "open");
        left = 2;
        if (where === "error") isDeaf = true;
        else ws.send("end it");
        await next(ws, "close");
        isDeaf = false;
        await expect.poll(() => left).toBeLessThan(2);
        left = 0;
        await expect.poll(() => [ws.state, server.sockets.clients.size]).toEqual(["open", 1]);
        ws.close();
        await expect.poll(() => [ws.state, server.sockets.clients.size]).toEqual(["closed", 0]);
      }
    },
  );

  it("hears nothing any more is told to when close() is called, and close() ends", async () => {
    const server = await speak(() => undefined);
    const proxy = await proxyTo(server);
    const ws = connect(proxy.url.replace("http", "ws"));
    await next(ws, "open");
    proxy.set({ blackhole: "both" });
    ws.close();
    ws.open();
    expect(ws.state).toBe("opening");
    proxy.heal();
    await next(ws, "open");
  });
});
