import http from "node:http";
import net from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { createFaultProxy, type Faults, type Hooks } from "../../support/fault-proxy.mjs";
import { startHttp, startWebSocketServer } from "../../support/servers.js";

async function before(target: number, faults: Partial<Faults> = {}, hooks: Hooks = {}) {
  const proxy = await createFaultProxy({ target, faults, hooks });
  onTestFinished(() => proxy.close());
  return proxy;
}

async function echoServer() {
  const server = await startWebSocketServer((socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  onTestFinished(() => server.close());
  return server;
}

/** A raw TCP server that says what came, when, and how it ended. */
async function tcpServer(onSocket: (socket: net.Socket) => void = () => undefined) {
  const sockets: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    sockets.push(socket);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, sockets };
}

function open(url: string): WebSocket {
  const socket = new WebSocket(url.replace("http", "ws"));
  socket.on("error", () => undefined);
  onTestFinished(() => socket.terminate());
  return socket;
}

function once(emitter: NodeJS.EventEmitter, event: string): Promise<any[]> {
  return new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
}

function upgradeStatus(url: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = open(url);
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
    socket.on("open", () => resolve(101));
  });
}

async function get(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
}

describe("Fault proxy", () => {
  describe("without faults", () => {
    it("passes WebSockets and requests, and counts them", async () => {
      const server = await echoServer();
      const proxy = await before(server.port);
      const socket = open(proxy.url);
      await once(socket, "open");
      socket.send("hello");
      const [echo] = await once(socket, "message");
      expect(String(echo)).toBe("hello");
      expect((await get(proxy.url)).status).toBe(426);
      expect(proxy.counts).toMatchObject({ connections: 2, gets: 2, upgrades: 1, webSockets: 1 });
    });

    it("knows several requests with bodies on one connection", async () => {
      const bodies: string[] = [];
      const server = await startHttp((request, response) => {
        let body = "";
        request
          .on("data", (chunk) => (body += chunk))
          .on("end", () => {
            bodies.push(body);
            response.end("ok");
          });
      });
      onTestFinished(() => server.close());
      const proxy = await before(server.port);
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      onTestFinished(() => agent.destroy());
      const post = (body: string, chunked: boolean) =>
        new Promise<void>((resolve) => {
          const request = http.request(proxy.url, { method: "POST", agent }, (response) => {
            response.resume().on("end", () => resolve());
          });
          if (!chunked) request.setHeader("Content-Length", Buffer.byteLength(body));
          else request.write("GET / HTTP/1.1\r\n\r\n");
          request.end(body);
        });
      await post("one", false);
      await post("two", true);
      await post("GET /three HTTP/1.1\r\n\r\n", false);
      expect(bodies).toEqual(["one", "GET / HTTP/1.1\r\n\r\ntwo", "GET /three HTTP/1.1\r\n\r\n"]);
      expect(proxy.counts).toMatchObject({ connections: 1, posts: 3, gets: 0 });
    });

    it("forwards the end of one direction and keeps the other", async () => {
      const server = await tcpServer((socket) =>
        socket.on("end", () => socket.end("late")).resume(),
      );
      const proxy = await before(server.port);
      const socket = net.connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
      socket.end("bye");
      const [data] = await once(socket, "data");
      expect(String(data)).toBe("late");
    });
  });

  describe("with refused upgrades", () => {
    it.each([400, 403, 426, 502])("answers %i and lets other requests pass", async (status) => {
      const server = await echoServer();
      const proxy = await before(server.port, { refuseUpgrade: status });
      expect(await upgradeStatus(proxy.url)).toBe(status);
      expect((await get(proxy.url)).status).toBe(426);
      proxy.heal();
      expect(await upgradeStatus(proxy.url)).toBe(101);
    });
  });

  describe("with hanging upgrades", () => {
    it("hangs only the one that is named", async () => {
      const server = await echoServer();
      const proxy = await before(server.port, { hangUpgrade: 2 });
      expect(await upgradeStatus(proxy.url)).toBe(101);
      const second = open(proxy.url);
      expect(await upgradeStatus(proxy.url)).toBe(101);
      expect(second.readyState).toBe(WebSocket.CONNECTING);
      expect(server.sockets.clients.size).toBe(2);
    });
  });

  describe("with stripped headers", () => {
    it("makes an upgrade a plain request", async () => {
      const server = await echoServer();
      const proxy = await before(server.port, { stripUpgrade: true });
      expect(await upgradeStatus(proxy.url)).toBe(426);
    });
  });

  describe("with an unknown session", () => {
    it("answers requests that carry a sid, and only those", async () => {
      const server = await startHttp((_request, response) => response.end("fine"));
      onTestFinished(() => server.close());
      const proxy = await before(server.port, { unknownSession: true });
      const path = `${proxy.url}/socket.io/?EIO=4&transport=polling`;
      expect(await get(path)).toEqual({ status: 200, body: "fine" });
      const refused = await get(`${path}&sid=abc`);
      expect(refused.status).toBe(400);
      expect(JSON.parse(refused.body)).toEqual({ code: 1, message: "Session ID unknown" });
    });
  });

  describe("with refused connections", () => {
    it("resets new ones and leaves the open ones", async () => {
      const server = await echoServer();
      const proxy = await before(server.port);
      const socket = open(proxy.url);
      await once(socket, "open");
      proxy.set({ refuseConnections: true });
      await expect(get(proxy.url)).rejects.toThrow();
      socket.send("still");
      expect(String((await once(socket, "message"))[0])).toBe("still");
    });
  });

  describe("with a kill", () => {
    it.each([0, 1, 7, 64])("lets exactly %i bytes pass", async (count) => {
      const received: Buffer[] = [];
      const server = await tcpServer((socket) => socket.on("data", (data) => received.push(data)));
      const proxy = await before(server.port, { kill: { direction: "up", afterBytes: count } });
      const socket = net.connect(proxy.port, "127.0.0.1").on("error", () => undefined);
      socket.write("GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n");
      socket.write("x".repeat(100));
      await once(socket, "close");
      expect(proxy.counts).toMatchObject({ bytesUp: count, kills: 1 });
      await expect.poll(() => Buffer.concat(received)).toHaveLength(count);
    });

    it.each([
      { direction: "up", afterFrames: 0, upFrames: 0, downFrames: 0 },
      { direction: "up", beforeFrame: 2, upFrames: 1, downFrames: 1 },
      { direction: "up", afterFrames: 2, upFrames: 2, downFrames: 1 },
      { direction: "down", beforeFrame: 1, upFrames: 1, downFrames: 0 },
      { direction: "down", afterFrames: 1, upFrames: 1, downFrames: 1 },
    ] as const)("strikes at a frame: %o", async ({ upFrames, downFrames, ...kill }) => {
      let arrived = 0;
      const server = await startWebSocketServer((socket) => {
        socket.on("error", () => undefined);
        socket.on("message", () => {
          arrived++;
          socket.send("answer");
        });
      });
      onTestFinished(() => server.close());
      const proxy = await before(server.port, { kill: { on: "websocket", how: "fin", ...kill } });
      const socket = open(proxy.url);
      let answers = 0;
      socket.on("open", () => socket.send("a".repeat(300)));
      socket.on("message", () => {
        answers++;
        socket.send("next");
      });
      await once(socket, "close");
      for (const far of server.sockets.clients) await once(far, "close");
      expect({ arrived, answers }).toEqual({ arrived: upFrames, answers: downFrames });
    });

    it("strikes only the WebSocket that is named", async () => {
      const server = await echoServer();
      const kill = { on: "websocket", direction: "either", afterBytes: 3, nth: 2 } as const;
      const proxy = await before(server.port, { kill });
      const sockets = [open(proxy.url), open(proxy.url)];
      await Promise.all(sockets.map((socket) => once(socket, "open")));
      for (const socket of sockets) socket.send("hello");
      await expect(
        Promise.race(sockets.map((socket) => once(socket, "close"))),
      ).resolves.toBeDefined();
      expect(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN)).toHaveLength(1);
    });
  });

  describe("with a cut", () => {
    it("ends what is open, on the sides that are named", async () => {
      const server = await echoServer();
      const proxy = await before(server.port);
      const socket = open(proxy.url);
      await once(socket, "open");
      expect(proxy.cut({ side: "client", kind: "websocket" })).toBe(1);
      await once(socket, "close");
      expect(server.sockets.clients.size).toBe(1);
      expect(proxy.open).toBe(0);
    });
  });

  describe("with a black hole", () => {
    it("holds one direction back, and lets it go on afterwards in order", async () => {
      const received: string[] = [];
      const server = await startWebSocketServer((socket) => {
        socket.send("push");
        socket.on("message", (data) => received.push(String(data)));
      });
      onTestFinished(() => server.close());
      const proxy = await before(server.port);
      const socket = open(proxy.url);
      await once(socket, "message");
      proxy.set({ blackhole: "up" });
      for (let i = 0; i < 10; i++) socket.send(String(i));
      server.sockets.clients.forEach((far) => far.send("down works"));
      expect(String((await once(socket, "message"))[0])).toBe("down works");
      expect(received).toEqual([]);
      proxy.heal();
      server.sockets.clients.forEach((far) =>
        far.on("message", () => received.length === 10 && far.close()),
      );
      await once(socket, "close");
      expect(received).toEqual([..."0123456789"]);
    });

    it("can swallow WebSockets only", async () => {
      const server = await startWebSocketServer((socket) => socket.send("welcome"));
      onTestFinished(() => server.close());
      const proxy = await before(server.port, { blackhole: { webSocket: "down" } });
      const socket = open(proxy.url);
      let welcomed = false;
      socket.on("message", () => (welcomed = true));
      await once(socket, "open");
      expect((await get(proxy.url)).status).toBe(426);
      expect(welcomed).toBe(false);
      proxy.heal();
      await expect.poll(() => welcomed).toBe(true);
    });

    it("does not tell the server that the client has left", async () => {
      const server = await echoServer();
      const proxy = await before(server.port);
      const socket = open(proxy.url);
      await once(socket, "open");
      proxy.set({ blackhole: "both" });
      socket.terminate();
      await once(socket, "close");
      expect(server.sockets.clients.size).toBe(1);
      const [far] = server.sockets.clients;
      proxy.heal();
      await once(far!, "close");
    });
  });

  describe("with latency", () => {
    it("keeps the order when the latency shrinks", async () => {
      const server = await echoServer();
      const proxy = await before(server.port, { latency: 40 });
      const socket = open(proxy.url);
      await once(socket, "open");
      const echoes: string[] = [];
      socket.on("message", (data) => echoes.push(String(data)));
      socket.send("slow");
      proxy.set({ latency: 0 });
      socket.send("fast");
      while (echoes.length < 2) await once(socket, "message");
      expect(echoes).toEqual(["slow", "fast"]);
    });

    it("counts round trips: connection, upgrade, question", async () => {
      const server = await echoServer();
      const proxy = await before(server.port, {
        latency: { up: 10, down: 10 },
        connectLatency: true,
      });
      const started = performance.now();
      const socket = open(proxy.url);
      await once(socket, "open");
      expect(proxy.roundTrips).toBe(2);
      socket.send("a");
      socket.send("b");
      await once(socket, "message");
      expect(proxy.roundTrips).toBe(3);
      expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    });
  });

  describe("with little bandwidth", () => {
    it("takes its time and makes the sender wait", async () => {
      const server = await echoServer();
      const proxy = await before(server.port, { bandwidth: { up: 10_000_000 } });
      const socket = open(proxy.url);
      await once(socket, "open");
      socket.send(Buffer.alloc(3_000_000, 1), { binary: true });
      const [echo] = await once(socket, "message");
      expect(echo.length).toBe(3_000_000);
      expect(echo.every((byte: number) => byte === 1)).toBe(true);
    });
  });
});
