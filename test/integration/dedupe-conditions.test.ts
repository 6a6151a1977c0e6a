/** What stands around `dedupe()` in a real server: middlewares, stores, recovery. */
import { exactlyOnce, flush } from "../../src/delivery/index.js";
import { describe, expect, it, vi } from "vitest";
import { dedupe, type DedupeOptions, type DedupeStore } from "../../src/server/index.js";
import { client, connected, modes, next, proxyTo, serve, until } from "../support/harness.js";
import { SharedStore } from "../support/shared-store.js";

const once = { delivery: exactlyOnce() } as const;
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const later = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(resolve, ms, value));

/** A server that writes down each "n". */
async function numbered(options: DedupeOptions = {}, serverOptions = {}) {
  const server = await serve(serverOptions);
  dedupe(server.io, options);
  const heard: number[] = [];
  server.io.on("connection", (far) => {
    far.on("n", (n) => heard.push(n));
    far.on("ask", (n, reply) => reply(n + 1));
  });
  return { ...server, heard };
}

describe.each(modes)("exactly-once over $name", ({ options, server: serverOptions }) => {
  it("loses nothing to a middleware that reorders (DED-3)", async () => {
    const server = await numbered({}, serverOptions);
    const later: (() => void)[] = [];
    server.io.on("connection", (far) => {
      far.use(([, n], done) => {
        if (n % 3) done();
        // the last packet is one of these
        else if (later.push(done) === 4) for (const one of later) one();
      });
    });
    const socket = client(server.url, { ...options, ...once });
    for (const n of range(10)) socket.emit("n", n);
    await flush(socket);
    await until(() => server.heard.length >= 10);
    expect(server.heard).toEqual([1, 2, 4, 5, 7, 8, 0, 3, 6, 9]);
  });

  it("shows onAny and middlewares what was emitted, once, whatever is sent again", async () => {
    const server = await numbered({}, serverOptions);
    const seen: unknown[][] = [];
    server.io.on("connection", (far) => {
      far.onAny((...args) => seen.push(args.filter((one) => typeof one !== "function")));
      far.use((event, done) => {
        seen.push(event.filter((one) => typeof one !== "function"));
        done();
      });
    });
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { ...options, ...once });
    await connected(socket);
    proxy.set({ blackhole: "down" });
    const answer = socket.emitWithAck("ask", 1);
    await until(() => seen.length === 2);
    // first, or the answer would get through
    proxy.cut();
    proxy.heal();
    expect(await answer).toBe(2);
    expect(seen).toEqual([
      ["ask", 1],
      ["ask", 1],
    ]);
  });

  it("is not taken for missing when middlewares take 20 ms and the store 100", async () => {
    const shared = new SharedStore();
    const store = { claim: async (s: string, n: number) => later(100, shared.claim(s, n)) };
    const server = await numbered({ store }, serverOptions);
    server.io.on("connection", (far) => {
      far.use((_, done) => void setTimeout(done, 20));
    });
    const socket = client(server.url, { ...options, ...once });
    const failed = vi.fn();
    socket.on("connect_error", failed);
    for (const n of range(10)) socket.emit("n", n);
    await until(() => server.heard.length >= 10);
    expect([server.heard, failed.mock.calls]).toEqual([range(10), []]);
  });
});

describe("exactly-once with a store", () => {
  const stores: [string, DedupeStore["claim"]][] = [
    [
      "throws",
      () => {
        throw new Error("down");
      },
    ],
    ["rejects", () => Promise.reject(new Error("down"))],
    ["gives nonsense", () => ({ toString: 1 }) as never],
    ["never settles", () => new Promise(() => {})],
    [
      "is now and then down",
      (_, n) => (n % 3 ? later(n % 5, true) : Promise.reject(new Error("down"))),
    ],
  ];

  it.each(stores)("that %s handles everything once, in order, across cuts", async (_, claim) => {
    const onError = vi.fn();
    const server = await numbered({ store: { claim }, storeTimeout: 30, onError });
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["websocket"], ...once });
    for (const round of range(5)) {
      await connected(socket);
      for (const n of range(20)) socket.emit("n", round * 20 + n);
      await new Promise((resolve) => setImmediate(resolve));
      const lost = next(socket, "disconnect");
      proxy.cut();
      await lost;
    }
    await connected(socket);
    await until(() => server.heard.length >= 100);
    expect(server.heard).toEqual(range(100));
    expect(onError).toHaveBeenCalled();
  });
});

describe("exactly-once with connection state recovery", () => {
  it("handles everything once, in sessions that are recovered (DED-24)", async () => {
    const server = await numbered({}, { connectionStateRecovery: {} });
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["websocket"], ...once });
    // only what was sent something can be recovered
    server.io.on("connection", (far) => far.emit("hello"));
    let recovered = 0;
    for (const round of range(5)) {
      await next(socket, "hello");
      recovered += Number(socket.recovered);
      for (const n of range(100)) socket.emit("n", round * 100 + n);
      await new Promise((resolve) => setImmediate(resolve));
      const lost = next(socket, "disconnect");
      proxy.cut();
      await lost;
    }
    await connected(socket);
    await flush(socket);
    await until(() => server.heard.length >= 500);
    expect(server.heard).toEqual(range(500));
    expect(recovered).toBe(4);
  });
});
