import { exactlyOnce, flush } from "../../src/delivery/index.js";
import { describe, expect, it, vi } from "vitest";
import { dedupe, type DedupeStore } from "../../src/server/index.js";
import {
  client,
  closing,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
} from "../support/harness.js";
import { startBalancer } from "../support/balancer.js";
import { SharedStore } from "../support/shared-store.js";

const once = { delivery: exactlyOnce() } as const;

/** Answers late, in order, as a database does. */
function remote(store: SharedStore): DedupeStore {
  const later = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(resolve, value));
  return {
    claim: (...args) => later(store.claim(...args)),
    saveReply: (...args) => later(store.saveReply(...args)),
    reply: (...args) => later(store.reply(...args)),
  };
}

describe.each(modes)("exactly-once over $name", ({ options, server: serverOptions }) => {
  it("says dedupe-missing to a server that doesn't know of it (ONC-2)", async () => {
    const server = await serve(serverOptions);
    const socket = client(server.url, { ...options, ...once });
    const connects = vi.fn();
    socket.on("connect", connects);
    const [error] = await next(socket, "connect_error");
    expect(error.code).toBe("dedupe-missing");
    expect([socket.active, connects.mock.calls.length]).toEqual([false, 0]);
    await until(() => server.io.of("/").sockets.size === 0);
  });

  it("hands the handler what was emitted, without a trace, binary data and acks too (DED-1)", async () => {
    const server = await serve(serverOptions);
    dedupe(server.io);
    const heard: unknown[][] = [];
    server.io.on("connection", (far) => {
      far.on("a", (...args) => heard.push(args));
      far.on("ask", (n, answer) => answer(n + 1));
    });
    const socket = client(server.url, { ...options, ...once });
    socket.emit("a");
    socket.emit("a", { x: 1 }, Uint8Array.of(1, 2));
    expect(await socket.emitWithAck("ask", 1)).toBe(2);
    expect(heard).toEqual([[], [{ x: 1 }, Buffer.from([1, 2])]]);
  });

  it("gives the first answer to a packet whose answer was lost (DED-7)", async () => {
    const server = await serve(serverOptions);
    dedupe(server.io);
    const proxy = await proxyTo(server);
    let handled = 0;
    server.io.on("connection", (far) => {
      far.on("ask", (answer) => {
        handled++;
        proxy.set({ blackhole: false });
        proxy.cut();
        answer(`answer ${handled}`);
      });
    });
    const socket = client(proxy.url, { ...options, ...once });
    await connected(socket);
    proxy.set({ blackhole: "down" });
    expect(await socket.emitWithAck("ask")).toBe("answer 1");
    expect(handled).toBe(1);
  });

  it("handles what arrived together with the farewell (DED-10)", async () => {
    const server = await serve(serverOptions);
    dedupe(server.io);
    const heard: number[] = [];
    server.io.on("connection", (far) => {
      far.on("n", (n) => heard.push(n));
    });
    const socket = client(server.url, { ...options, ...once });
    await connected(socket);
    for (let n = 0; n < 10; n++) socket.emit("n", n);
    socket.disconnect();
    socket.connect();
    socket.emit("n", 10);
    await connected(socket);
    await flush(socket);
    await until(() => heard.length >= 11);
    expect(heard).toEqual(Array.from({ length: 11 }, (_, n) => n));
  });
});

describe.each([
  ["at once", (store: SharedStore) => store],
  ["after a while", remote],
])("Two nodes with a store that answers %s", (_when, shared) => {
  it("handle each packet once, in order (DED-20)", async () => {
    const store = shared(new SharedStore());
    const nodes = [await serve(), await serve()];
    const proxies = await Promise.all(nodes.map((node) => proxyTo(node)));
    const heard: number[] = [];
    for (const { io } of nodes) {
      dedupe(io, { store });
      io.on("connection", (far) => {
        far.on("n", (n) => heard.push(n));
      });
    }
    const balancer = await closing(startBalancer(proxies.map(({ port }) => port)));
    const socket = client(balancer.url, {
      transports: ["websocket"],
      ...once,
      reconnectionDelay: 1,
    });
    let n = 0;
    for (let round = 0; round < 20; round++) {
      await connected(socket);
      // a line that never lets anything through makes its first packet a suspect
      if (round % 3 === 0) await flush(socket);
      for (let i = 0; i < 100; i++) socket.emit("n", n++);
      await new Promise((resolve) => setImmediate(resolve));
      const lost = next(socket, "disconnect");
      for (const proxy of proxies) proxy.cut();
      await lost;
    }
    await connected(socket);
    await flush(socket);
    await until(() => heard.at(-1) === n - 1);
    expect(heard).toEqual(Array.from({ length: n }, (_, i) => i));
  });
});
