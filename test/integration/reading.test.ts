import { events as eventsOf, next as nextOf } from "../../src/reading/index.js";
import { describe, expect, it } from "vitest";
import { client, connected, modes, next, serve, until } from "../support/harness.js";

describe.each(modes.slice(0, 2))("Reading over $name", ({ options, server: serverOptions }) => {
  async function setUp() {
    const server = await serve(serverOptions);
    const socket = await connected(client(server.url, options));
    return { server, socket };
  }

  it("goes through the events in order, those too that came meanwhile", async () => {
    const { server, socket } = await setUp();
    const events = eventsOf(socket, "n");
    for (let n = 0; n < 100; n++) server.io.emit("n", n, "more");
    const read: unknown[] = [];
    for await (const args of events) {
      expect(args[1]).toBe("more");
      if (read.push(args[0]) === 100) break;
    }
    expect(read).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it("leaves nothing behind when the loop is left", async () => {
    const { server, socket } = await setUp();
    const loop = (async () => {
      for await (const [n] of eventsOf(socket, "n")) return n;
    })();
    server.io.emit("n", 1);
    expect(await loop).toBe(1);
    expect(socket.hasListeners("n")).toBe(false);
    const failing = (async () => {
      for await (const [n] of eventsOf(socket, "n")) throw new Error(String(n));
    })();
    server.io.emit("n", 2);
    await expect(failing).rejects.toThrow("2");
    expect(socket.hasListeners("n")).toBe(false);
  });

  it("goes on across a lost connection, and ends when the app leaves", async () => {
    const { server, socket } = await setUp();
    const read: unknown[] = [];
    const loop = (async () => {
      for await (const [n] of eventsOf(socket, "n")) read.push(n);
    })();
    server.io.emit("n", 1);
    await until(() => read.length === 1);
    const again = next(socket, "connect");
    socket.io.engine?.close();
    await again;
    server.io.emit("n", 2);
    await until(() => read.length === 2);
    socket.disconnect();
    await loop;
    expect(read).toEqual([1, 2]);
  });

  it.each([
    ["error", [0, 1], "overflow"],
    ["drop-oldest", [3, 4], "aborted"],
    ["drop-newest", [0, 1], "aborted"],
  ] as const)("is bounded: %s", async (overflow, kept, end) => {
    const { server, socket } = await setUp();
    const abort = new AbortController();
    const events = eventsOf(socket, "n", { limit: 2, overflow, signal: abort.signal });
    const last = nextOf(socket, "last");
    for (let n = 0; n < 5; n++) server.io.emit("n", n);
    server.io.emit("last");
    await last;
    const read: unknown[] = [];
    const loop = (async () => {
      for await (const [n] of events) read.push(n);
    })();
    const ended = expect(loop).rejects.toMatchObject({ code: end });
    await until(() => read.length === 2);
    abort.abort();
    await ended;
    expect(read).toEqual(kept);
  });

  it("waits for the next event, for as long as it is told", async () => {
    const { server, socket } = await setUp();
    const heard = nextOf(socket, "n");
    server.io.emit("n", 1, 2);
    expect(await heard).toEqual([1, 2]);
    await expect(nextOf(socket, "n", { timeout: 10 })).rejects.toMatchObject({
      code: "ack-timeout",
    });
    await expect(nextOf(socket, "n", { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "aborted",
    });
    const never = nextOf(socket, "n");
    socket.disconnect();
    await expect(never).rejects.toMatchObject({ code: "disconnected" });
    expect(socket.hasListeners("n")).toBe(false);
  });
});
