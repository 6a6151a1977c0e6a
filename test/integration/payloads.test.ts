import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { client, connected, proxyTo, serve, settled, until } from "../support/harness.js";
import type { RunningSocketIo } from "../support/servers.js";

const SEPARATOR = "\u001e";

interface StrictTransport {
  onData(data: string): void;
  onError(message: string): void;
}

/** The packets and bytes of each POST that passes. */
async function counting(server: RunningSocketIo) {
  const posts: { packets: number; bytes: number }[] = [];
  let underWay = 0;
  let most = 0;
  server.io.engine.use(
    (request: IncomingMessage, response: NodeJS.EventEmitter, pass: () => void) => {
      if (request.method === "POST") {
        most = Math.max(most, ++underWay);
        let body = "";
        request.on("data", (chunk: Buffer | string) => (body += chunk));
        request.on("end", () => {
          posts.push({ packets: body.split(SEPARATOR).length, bytes: Buffer.byteLength(body) });
        });
        response.on("finish", () => underWay--);
      }
      pass();
    },
  );
  return { posts, mostAtOnce: () => most };
}

/** The handshake names its two times in the order of python-engineio, by which a client knows it. */
function greetLikePython(server: RunningSocketIo): void {
  server.io.engine.use((_request: IncomingMessage, response: ServerResponse, pass: () => void) => {
    const end = response.end.bind(response) as (body?: unknown) => ServerResponse;
    response.end = ((body?: unknown) =>
      end(
        String(body ?? "").startsWith("0{")
          ? String(body).replace(/("pingInterval":\d+),("pingTimeout":\d+)/, "$2,$1")
          : body,
      )) as typeof response.end;
    pass();
  });
}

/** Sizes that meet the limit from both sides, some as text and some as bytes; the same ones at each run. */
function mixed(n: number, limit: number): string | Uint8Array {
  const size = [1, 10, limit - 200, limit / 2, limit / 3, 0][n % 6] ?? 0;
  if (n % 4 === 3) return new Uint8Array(Math.floor(size / 2)).fill(n);
  return n % 5 === 0 ? "é".repeat(Math.floor(size / 2)) : "x".repeat(Math.floor(size));
}

const sizeOf = (value: string | Uint8Array) => value.length;

describe("Payloads of polling", () => {
  it("stay below the server's limit, and all 100 emits arrive in order (TRA-40)", async () => {
    const limit = 2000;
    const server = await serve({ maxHttpBufferSize: limit });
    const { posts, mostAtOnce } = await counting(server);
    const received: [number, number][] = [];
    server.io.on("connection", (far) => {
      far.on("n", (n: number, value: string | Buffer) => received.push([n, sizeOf(value)]));
    });
    const socket = client(server.url, { transports: ["polling"], reconnection: false });
    await connected(socket);
    const sent: [number, number][] = [];
    for (let n = 0; n < 100; n++) {
      const value = mixed(n, limit);
      sent.push([n, sizeOf(value)]);
      socket.emit("n", n, value);
    }
    await until(() => received.length >= 100 || socket.disconnected);
    expect(received).toEqual(sent);
    expect(Math.max(...posts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(limit);
    expect(mostAtOnce()).toBe(1);
  });

  it("hold at most 16 packets, as python-engineio demands (TRA-41)", async () => {
    const server = await serve();
    greetLikePython(server);
    const { posts } = await counting(server);
    const received: number[] = [];
    server.io.on("connection", (far) => far.on("n", (n: number) => received.push(n)));
    const socket = await connected(client(server.url, { transports: ["polling"] }));
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    for (const n of numbers) socket.emit("n", n);
    await until(() => received.length === 200);
    expect(received).toEqual(numbers);
    expect(Math.max(...posts.map(({ packets }) => packets))).toBeLessThanOrEqual(16);
  });

  it("hold any number of packets where the server greets like the reference one (TRA-42)", async () => {
    const server = await serve();
    const { posts } = await counting(server);
    let received = 0;
    server.io.on("connection", (far) => far.on("n", () => received++));
    const socket = await connected(client(server.url, { transports: ["polling"] }));
    const before = posts.length;
    for (let n = 0; n < 200; n++) socket.emit("n", n);
    await until(() => received === 200);
    expect(posts.slice(before).map(({ packets }) => packets)).toEqual([200]);
  });

  it("hold as many packets as the app allows (TRA-43)", async () => {
    const server = await serve();
    const { posts } = await counting(server);
    const received: number[] = [];
    server.io.on("connection", (far) => far.on("n", (n: number) => received.push(n)));
    const options = { transports: ["polling" as const], maxPacketsPerRequest: Infinity };
    const socket = await connected(client(server.url, options));
    const before = posts.length;
    const numbers = Array.from({ length: 200 }, (_, n) => n);
    for (const n of numbers) socket.emit("n", n);
    await until(() => received.length === 200);
    expect(received).toEqual(numbers);
    expect(posts.slice(before).map(({ packets }) => packets)).toEqual([200]);
  });

  it("hold at most 16 packets also with binary, whose frames may part (TRA-41)", async () => {
    const server = await serve();
    greetLikePython(server);
    const { posts } = await counting(server);
    const received: number[] = [];
    server.io.on("connection", (far) => {
      far.on("n", (n: number, a: Buffer, b: Buffer) =>
        received.push(n * 100 + (a[0] ?? 0) + (b[0] ?? 0)),
      );
    });
    const socket = await connected(client(server.url, { transports: ["polling"] }));
    for (let n = 0; n < 40; n++) socket.emit("n", n, new Uint8Array([1]), new Uint8Array([2]));
    await until(() => received.length === 40);
    expect(received).toEqual(Array.from({ length: 40 }, (_, n) => n * 100 + 3));
    expect(Math.max(...posts.map(({ packets }) => packets))).toBeLessThanOrEqual(16);
  });

  it("work with a strict server that closes on the 17th packet", async () => {
    const server = await serve();
    greetLikePython(server);
    server.io.engine.on("connection", ({ transport }: { transport: StrictTransport }) => {
      const onData = transport.onData.bind(transport);
      transport.onData = (data) => {
        if (data.split(SEPARATOR).length > 16) transport.onError("Too many packets in payload");
        else onData(data);
      };
    });
    let last = -1;
    server.io.on("connection", (far) => far.on("n", (n: number) => (last = n)));
    const socket = await connected(client(server.url, { transports: ["polling"] }));
    for (let n = 0; n < 100; n++) socket.emit("n", n);
    await until(() => last === 99);
  });

  it("keep their order through an upgrade in the middle of a burst", async () => {
    const server = await serve({ maxHttpBufferSize: 5000 });
    const proxy = await proxyTo(server, { faults: { latency: 3 } });
    const received: number[] = [];
    server.io.on("connection", (far) => far.on("n", (n: number) => received.push(n)));
    const socket = await connected(client(proxy.url, { transports: ["polling", "websocket"] }));
    let n = 0;
    const emitSome = (): void => {
      for (let i = 0; i < 5; i++) socket.emit("n", n++, mixed(n, 1000));
    };
    const timer = setInterval(emitSome, 1);
    await settled(socket, { settles: "websocket" });
    emitSome();
    clearInterval(timer);
    await until(() => received.length === n);
    expect(received).toEqual(Array.from({ length: n }, (_, i) => i));
  });
});
