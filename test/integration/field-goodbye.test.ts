import { describe, expect, it } from "vitest";
import { atLeastOnce, flush } from "../support/client-api.js";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  settled,
  until,
} from "../support/harness.js";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe.each(modes)("disconnect() over $name", (mode) => {
  async function setUp() {
    const server = await serve(mode.server);
    const handled: number[] = [];
    let gone = 0;
    for (const name of ["/", "/room"])
      server.io.of(name).on("connection", (far) => {
        far.on("n", (n: number) => handled.push(n));
        far.on("disconnect", () => gone++);
      });
    return { server, handled, gone: () => gone };
  }

  it("right behind an emit lets the server's handler run (LEA-1)", async () => {
    const { server, handled, gone } = await setUp();
    const socket = client(server.url, mode.options);
    for (let n = 0; n < 20; n++) {
      await settled(socket, mode);
      socket.emit("n", n);
      socket.disconnect();
      expect(socket.connected).toBe(false);
      await until(() => gone() === n + 1);
      socket.connect();
    }
    expect(handled).toEqual(numbers(20));
  });

  it("right behind many emits does so too (LEA-1)", async () => {
    const { server, handled, gone } = await setUp();
    const socket = await settled(client(server.url, mode.options), mode);
    for (let n = 0; n < 100; n++) socket.emit("n", n);
    socket.disconnect();
    await until(() => gone() === 1);
    expect(handled).toEqual(numbers(100));
  });

  it("of a namespace, while another one stays, does so too", async () => {
    const { server, handled, gone } = await setUp();
    const main = await settled(client(server.url, mode.options), mode);
    const room = main.io.socket("/room");
    for (let n = 0; n < 20; n++) {
      await connected(room);
      room.emit("n", n);
      room.disconnect();
      await until(() => gone() === n + 1);
      room.connect();
    }
    expect(handled).toEqual(numbers(20));
    expect(main.connected).toBe(true);
  });

  it("in the middle of an upgrade does so too (LEA-2)", async () => {
    const { server, handled, gone } = await setUp();
    for (let n = 0; n < 10; n++) {
      const socket = await connected(client(server.url, mode.options));
      socket.emit("n", n);
      socket.disconnect();
      await until(() => gone() === n + 1);
    }
    expect(handled).toEqual(numbers(10));
  });

  it("after flush() is certain: the server has received everything (LEA-13)", async () => {
    const { server, handled } = await setUp();
    const socket = await connected(client(server.url, mode.options));
    for (let n = 0; n < 100; n++) socket.emit("n", n);
    await flush(socket);
    const before = handled.length;
    socket.disconnect();
    expect(before).toBe(100);
  });

  it("with at-least-once costs nothing: what didn't arrive is sent by the next connect() (LEA-9)", async () => {
    const { server, handled } = await setUp();
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { ...mode.options, delivery: atLeastOnce() });
    await settled(socket, mode);
    proxy.set({ blackhole: "up" });
    for (let n = 0; n < 20; n++) socket.emit("n", n);
    socket.disconnect();
    proxy.cut();
    proxy.heal();
    socket.connect();
    await until(() => new Set(handled).size === 20);
  });
});

describe("disconnect() behind 1,000 emits over a line of 300 ms", () => {
  const count = 1000;

  async function setUp(options: object) {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { latency: 150 } });
    const handled: number[] = [];
    server.io.on("connection", (far) => {
      far.on("n", (n: number) => handled.push(n));
    });
    const socket = await connected(client(proxy.url, options));
    const { engine } = socket.io;
    const over = new Promise<void>((resolve) => engine?.once("close", () => resolve()));
    for (let n = 0; n < count; n++) socket.emit("n", n);
    socket.disconnect();
    return { socket, proxy, handled, over };
  }

  const kept = (socket: { sendBuffer: { data?: unknown }[] }): number[] =>
    socket.sendBuffer.map(({ data }) => (data as [string, number])[1]);

  it("brings all of them over websocket", async () => {
    const { handled } = await setUp({ transports: ["websocket"] });
    await until(() => handled.length === count);
    expect(handled).toEqual(numbers(count));
  });

  it("goes on over polling for as long as there is progress (LEA-6)", async () => {
    // 21 requests, one after the other: longer than a farewell without progress may take
    const { handled, socket } = await setUp({ transports: ["polling"], maxPacketsPerRequest: 48 });
    const before = () => new Set([...handled, ...kept(socket)]).size;
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (handled.length === count || socket.io.engine?.readyState === "closed") {
          clearInterval(look);
          resolve();
        }
      }, 20);
    });
    expect(before()).toBe(count);
    expect(handled).toEqual(numbers(handled.length));
  });

  it("keeps in the outbox what was never handed over, when the line dies on the way", async () => {
    const { socket, proxy, handled } = await setUp({
      transports: ["polling"],
      maxPacketsPerRequest: 48,
    });
    await until(() => handled.length >= 48);
    const far = next(socket.io, "open");
    proxy.set({ refuseConnections: true });
    proxy.cut();
    await until(() => socket.io.engine?.readyState === "closed");
    proxy.heal();
    socket.connect();
    await far;
    await connected(socket);
    await flush(socket);
    // those of two requests at most were under way
    await until(() => new Set(handled).size >= count - 96);
    expect(new Set(handled).size).toBe(handled.length);
  });
});
