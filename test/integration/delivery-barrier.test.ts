import { flush } from "../../src/delivery/index.js";
import { describe, expect, it } from "vitest";
import { client, connected, modes, proxyTo, serve, until } from "../support/harness.js";

const COUNT = 2000;

describe.each(modes)("flush() over $name", ({ options, server: serverOptions }) => {
  async function setUp() {
    const server = await serve(serverOptions);
    const proxy = await proxyTo(server);
    const received: number[] = [];
    server.io.on("connection", (far) => {
      far.on("n", (n: number) => received.push(n));
    });
    return { server, proxy, received, socket: client(proxy.url, options) };
  }

  it("resolves when the server has everything, emitted before or while it connected (DLV-21)", async () => {
    const { socket, received } = await setUp();
    for (let n = 0; n < COUNT; n++)
      if (n % 10) socket.emit("n", n);
      else socket.emit("n", n, new Uint8Array(n));
    await flush(socket);
    // the handlers run a tick after the packets have arrived
    await until(() => received.length >= COUNT);
    expect(received).toEqual(Array.from({ length: COUNT }, (_, n) => n));
    socket.emit("n", COUNT);
    await flush(socket);
    await until(() => received.length > COUNT);
  });

  it("needs nothing of the server, not even that it has no other namespace", async () => {
    const { socket, server } = await setUp();
    server.io.of(/^\/.+$/);
    await connected(socket);
    socket.emit("n", 1);
    await flush(socket);
    expect(socket.connected).toBe(true);
    // the namespace that let it in has been left again
    await until(() =>
      [...server.io._nsps.values()].every(({ name, sockets }) => name === "/" || !sockets.size),
    );
  });

  it("rejects when the connection is lost (DLV-22)", async () => {
    const { socket, proxy } = await setUp();
    await connected(socket);
    proxy.set({ blackhole: "up" });
    socket.emit("n", 1);
    const flushed = flush(socket);
    proxy.cut();
    await expect(flushed).rejects.toMatchObject({ code: "disconnected" });
  });

  it("rejects when the time is over, or the signal says so (DLV-24)", async () => {
    const { socket, proxy } = await setUp();
    await connected(socket);
    proxy.set({ blackhole: "up" });
    socket.emit("n", 1);
    const abort = new AbortController();
    const late = flush(socket, { timeout: 20 });
    const aborted = flush(socket, { signal: abort.signal });
    const both = Promise.allSettled([late, aborted]);
    abort.abort();
    expect(await both).toMatchObject([
      { reason: { code: "ack-timeout" } },
      { reason: { code: "aborted" } },
    ]);
  });
});
