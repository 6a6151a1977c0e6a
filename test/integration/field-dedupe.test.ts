import { io as reference } from "socket.io-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { dedupe, type DedupeStore } from "../../src/server/index.js";
import { exactlyOnce, flush } from "../support/client-api.js";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
  type Mode,
} from "../support/harness.js";
import { catchCrashes, outcome } from "../support/field.js";

const websocket = modes[1] as Mode;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** A client that isn't Tautline. */
function stranger(url: string) {
  const socket = reference(url, { forceNew: true, transports: ["websocket"] });
  onTestFinished(() => void socket.disconnect());
  return socket;
}

/** A store in which `before` happens first. */
function wrapped(before: () => unknown): DedupeStore {
  const claimed = new Set<string>();
  return {
    claim(stream, sequence) {
      const claim = (): boolean => {
        const key = `${stream} ${sequence}`;
        return !claimed.has(key) && claimed.add(key) !== undefined;
      };
      const first = before();
      return first instanceof Promise ? first.then(claim) : claim();
    },
  };
}

const after = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, ms));

describe("A server with dedupe()", () => {
  const hostile: unknown[] = [
    { toString: 1 },
    { toString: null, valueOf: null },
    Object.create(null),
    [],
    [[]],
    [{ toString: 1 }, 1],
    ["", 0],
    ["s", -1],
    ["s", 2 ** 60],
    ["x".repeat(100_000), 1],
    null,
    true,
    -1,
    "",
    "__proto__",
    Buffer.of(1),
    { $tautline: { $tautline: [] } },
    { $tautline: ["__proto__", 0] },
    { $tautline: [{ toString: 1 }, 0] },
    { $tautline: ["s", "0"] },
  ];

  it("survives whatever a client sends, with and without an ack", async () => {
    const crashes = catchCrashes();
    const server = await serve();
    dedupe(server.io);
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    for (const payload of hostile) {
      const bad = stranger(server.url);
      bad.emit("$tautline", payload);
      bad.emit("$tautline", payload, () => undefined);
      bad.emit("$tautline", "s", payload, () => undefined);
      bad.emit("n", payload);
      bad.emit("n", payload, () => undefined);
      await new Promise<void>((resolve) => bad.once("connect", resolve));
      // its own, or another's: the server goes on
      const good = client(server.url, { ...websocket.options, delivery: exactlyOnce() });
      expect(await good.timeout(10_000).emitWithAck("ask", 1)).toBe(1);
      bad.disconnect();
      expect(crashes).toEqual([]);
    }
  });

  it("hides its own questions and tags from the app's onAny(), and repetitions too", async () => {
    const server = await serve();
    dedupe(server.io);
    const proxy = await proxyTo(server);
    const seen: unknown[] = [];
    server.io.on("connection", (far) => {
      far.onAny((...args: unknown[]) => seen.push(args));
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    const socket = client(proxy.url, { ...websocket.options, delivery: exactlyOnce() });
    await connected(socket);
    proxy.set({ blackhole: "down" });
    socket.emit("n", 1);
    await until(() => seen.length > 0);
    const lost = next(socket, "disconnect");
    // first, or the server's answer would get through
    proxy.cut();
    proxy.heal();
    await lost;
    await connected(socket);
    await flush(socket);
    socket.emit("n", 2, { deep: true });
    await flush(socket);
    await until(() => JSON.stringify(seen).includes("deep"));
    expect(seen).toEqual([
      ["n", 1],
      ["n", 2, { deep: true }],
    ]);
  });

  it("keeps what it knows of one client when another one sends 10,000 packets", async () => {
    const server = await serve();
    dedupe(server.io);
    const proxy = await proxyTo(server);
    const heard: unknown[] = [];
    server.io.on("connection", (far) => far.on("once", (n: unknown) => heard.push(n)));
    const quiet = client(proxy.url, { ...websocket.options, delivery: exactlyOnce() });
    await connected(quiet);
    proxy.set({ blackhole: "down" });
    quiet.emit("once", 1);
    await until(() => heard.length === 1);
    proxy.set({ refuseConnections: true });
    proxy.cut();
    const loud = client(server.url, { ...websocket.options, delivery: exactlyOnce() });
    await connected(loud);
    for (let n = 0; n < 10_000; n++) loud.emit("n", n);
    await flush(loud);
    proxy.heal();
    await until(() => quiet.connected);
    await flush(quiet);
    quiet.emit("once", 2);
    await until(() => heard.includes(2));
    expect(heard).toEqual([1, 2]);
  });
});

describe.each([
  [
    "throws",
    () => {
      throw new Error("the store is down");
    },
  ],
  ["rejects", () => Promise.reject(new Error("the store is down"))],
  ["never answers", () => new Promise(() => undefined)],
] as const)("A store that %s", (_name, before) => {
  it("hurts nobody but who needs it", async () => {
    const crashes = catchCrashes();
    const server = await serve();
    dedupe(server.io, { store: wrapped(before), onError: () => undefined });
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    const once = client(server.url, { ...websocket.options, delivery: exactlyOnce() });
    once.emit("n", 1);
    once.emit("n", 2, () => undefined);
    const plain = client(server.url, websocket.options);
    expect(await plain.timeout(10_000).emitWithAck("ask", 1)).toBe(1);
    await connected(once);
    expect(await plain.timeout(10_000).emitWithAck("ask", 2)).toBe(2);
    expect(crashes).toEqual([]);
  });
});

describe.each(modes)("Over $name, exactly-once on a healthy line", (mode) => {
  it("loses nothing when a middleware of the app lets later packets pass first", async () => {
    const server = await serve(mode.server);
    dedupe(server.io);
    const heard: number[] = [];
    let waiting: (() => void)[] = [];
    server.io.on("connection", (far) => {
      far.use((event, pass) => {
        if (event[0] !== "n") return pass();
        waiting.push(pass);
        if (waiting.length < 10) return;
        const order = [4, 1, 2, 5, 0, 7, 8, 9, 3, 6];
        for (const index of order) waiting[index]?.();
        waiting = [];
      });
      far.on("n", (n: number) => heard.push(n));
    });
    const socket = client(server.url, { ...mode.options, delivery: exactlyOnce() });
    await connected(socket);
    for (let n = 0; n < 10; n++) socket.emit("n", n);
    await flush(socket);
    await until(() => heard.length >= 10);
    expect([...heard].sort((a, b) => a - b)).toEqual(numbers(10));
  });

  it.each([
    ["a middleware of the socket takes 20 ms", { socketUse: 20 }],
    ["a middleware of the namespace takes 20 ms", { use: 20 }],
    ["a store takes 100 ms", { store: 100 }],
    ["all of them are slow", { socketUse: 300, use: 20, store: 300 }],
  ] as [string, { socketUse?: number; use?: number; store?: number }][])(
    "is not taken for impossible when %s",
    async (_name, slow) => {
      const server = await serve(mode.server);
      const wait = (ms: number | undefined, then: () => void): void => {
        if (ms) setTimeout(then, ms);
        else then();
      };
      server.io.use((_far, pass) => wait(slow.use, pass));
      dedupe(server.io, slow.store ? { store: wrapped(after(slow.store)) } : {});
      const heard: unknown[] = [];
      server.io.on("connection", (far) => {
        far.use((_event, pass) => wait(slow.socketUse, pass));
        far.on("n", (n: number) => heard.push(n));
      });
      const socket = client(server.url, { ...mode.options, delivery: exactlyOnce() });
      const errors: unknown[] = [];
      socket.on("connect_error", ({ code }) => errors.push(code));
      socket.emit("n", 1);
      await until(() => socket.connected || errors.length > 0);
      expect(errors).toEqual([]);
      await until(() => heard.length === 1);
    },
  );
});

describe("Clients that aren't Tautline", () => {
  it("don't wait for the store", async () => {
    const server = await serve();
    dedupe(server.io, { store: wrapped(after(60_000)) });
    server.io.on("connection", (far) => {
      far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    });
    const once = client(server.url, { ...websocket.options, delivery: exactlyOnce() });
    once.emit("n", 1);
    const bad = stranger(server.url);
    // a stream without a name, as every plain client has one
    bad.emit("$tautline", "", () => undefined);
    bad.emit("n", { $tautline: ["", 0] });
    const plain = stranger(server.url);
    expect(await outcome(() => plain.timeout(10_000).emitWithAck("ask", 1))).toBe(1);
  });
});
