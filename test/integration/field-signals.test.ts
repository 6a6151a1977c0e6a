import { describe, expect, it } from "vitest";
import { rtt } from "../support/client-api.js";
import { client, connected, next, proxyTo, serve, settled, until } from "../support/harness.js";
import type { FaultProxy } from "../support/fault-proxy.mjs";
import { ManualSignals, stubGlobal } from "../support/field.js";

const upgrading = { settles: "websocket" } as const;

/** The transport over which a socket is connected first. */
async function opensWith(url: string, options: object = {}): Promise<string | undefined> {
  const socket = await connected(client(url, options));
  const { name } = socket.io.engine?.transport ?? {};
  await settled(socket, upgrading);
  socket.disconnect();
  return name;
}

/** A visit on which WebSocket says nothing until polling has won the race, and then works: the upgrade follows. */
async function visitSlowly(proxy: FaultProxy): Promise<string | undefined> {
  proxy.set({ blackhole: { webSocket: "both" } });
  const socket = await connected(client(proxy.url, { fallbackDelay: 30 }));
  const { name } = socket.io.engine.transport;
  proxy.heal();
  await settled(socket, upgrading);
  socket.disconnect();
  return name;
}

/** On a slow machine too, polling joins only where WebSocket is not trusted. */
const patient = { fallbackDelay: 15_000 };

describe("A WebSocket that is slow, but works", () => {
  it("is trusted at the next visit, also when the app left by itself (TRA-23)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    expect(await visitSlowly(proxy)).toBe("polling");
    const { gets, upgrades } = proxy.counts;
    expect(await opensWith(proxy.url, patient)).toBe("websocket");
    expect([proxy.counts.gets - gets, proxy.counts.upgrades - upgrades]).toEqual([1, 1]);
  });

  it("is trusted while it goes on being slow", async () => {
    const server = await serve();
    const proxy = await proxyTo(server);
    for (let visit = 0; visit < 4; visit++) expect(await visitSlowly(proxy)).toBe("polling");
    // what is known to be slow and to work is waited for
    proxy.set({ detour: { webSocket: 60 } });
    const { upgrades } = proxy.counts;
    expect(await opensWith(proxy.url, patient)).toBe("websocket");
    expect(proxy.counts.upgrades).toBe(upgrades + 1);
  });

  it("is not trusted when it never worked (TRA-22)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseUpgrade: 403 } });
    for (let visit = 0; visit < 2; visit++) {
      const socket = await connected(client(proxy.url));
      socket.disconnect();
      await until(() => server.io.of("/").sockets.size === 0);
    }
    const socket = await connected(client(proxy.url));
    expect(socket.io.engine?.transport.name).toBe("polling");
  });
});

/** The browser's `navigator.connection`, and everything else that a page would tell. */
function stubConnection(type: string) {
  const connection = Object.assign(new EventTarget(), { type, rtt: 50, downlink: 10 });
  stubGlobal("navigator", { onLine: true, connection });
  const page = new EventTarget();
  stubGlobal("addEventListener", page.addEventListener.bind(page));
  stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const change = (values: object): void => {
    Object.assign(connection, values);
    connection.dispatchEvent(new Event("change"));
  };
  return { page, change };
}

describe("navigator.connection", () => {
  it("that tells of a wandering rtt and downlink starts nothing (SIG-23)", async () => {
    const { change } = stubConnection("wifi");
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseUpgrade: 403 } });
    const socket = await connected(client(proxy.url));
    // the upgrade that can't work is over
    await rtt(socket.io);
    const { upgrades } = proxy.counts;
    let packets = 0;
    for (const far of server.io.of("/").sockets.values()) far.conn.on("data", () => packets++);
    for (let round = 0; round < 20; round++) {
      change({ rtt: 50 + 25 * (round % 4), downlink: 10 - (round % 3) });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(await rtt(socket.io)).toEqual(expect.any(Number));
    expect(proxy.counts.upgrades - upgrades).toBe(0);
    // the measurement above
    expect(packets).toBeLessThanOrEqual(1);
  });

  it("that tells of another kind of network doubts the line, but not each time (SIG-21)", async () => {
    const { change } = stubConnection("wifi");
    const server = await serve();
    const socket = await settled(client(server.url), upgrading);
    let packets = 0;
    for (const far of server.io.of("/").sockets.values()) far.conn.on("data", () => packets++);
    change({ type: "cellular" });
    await until(() => packets === 1);
    for (let round = 0; round < 20; round++) change({ type: round % 2 ? "cellular" : "wifi" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(packets).toBeLessThanOrEqual(3);
    expect(socket.connected).toBe(true);
  });

  it("that tells of another kind of network tries the upgrade again (SIG-17)", async () => {
    const { change } = stubConnection("wifi");
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseUpgrade: 403 } });
    const socket = client(proxy.url, { transports: ["polling", "websocket"] });
    const failed = next(socket.io.engine, "upgradeError");
    await connected(socket);
    await failed;
    proxy.heal();
    change({ type: "cellular" });
    await settled(socket, upgrading);
  });
});

describe("Offline", () => {
  async function setUp(host: string) {
    const { page } = stubConnection("wifi");
    const server = await serve();
    const proxy = await proxyTo(server);
    const socket = await connected(client(proxy.url.replace("127.0.0.1", host)));
    const goOffline = (): void => {
      Object.assign(globalThis.navigator, { onLine: false });
      page.dispatchEvent(new Event("offline"));
    };
    return { proxy, socket, goOffline };
  }

  it.each(["127.0.0.1", "localhost"])(
    "a server on this machine is reached: %s (SIG-16)",
    async (host) => {
      const { proxy, socket, goOffline } = await setUp(host);
      goOffline();
      const lost = next(socket, "disconnect");
      proxy.cut();
      await lost;
      await connected(socket);
    },
  );

  it("a server on this machine that comes up later is found by the schedule", async () => {
    const { proxy, socket, goOffline } = await setUp("127.0.0.1");
    proxy.set({ refuseConnections: true });
    proxy.cut();
    goOffline();
    await next(socket, "connect_error");
    proxy.heal();
    await connected(socket);
  });
});

describe("A page that wakes", () => {
  it("while a connect hangs races it with a fresh one (SIG-13)", async () => {
    const network = new ManualSignals();
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { hangUpgrade: 1 } });
    // the one that hangs is given up much later
    const socket = client(proxy.url, { network, transports: ["websocket"], timeout: 60_000 });
    await until(() => proxy.counts.upgrades === 1);
    network.give("wake");
    await connected(socket);
    await until(() => server.io.engine.clientsCount === 1);
  });

  it("while a connect is about to succeed doesn't lose it", async () => {
    const network = new ManualSignals();
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { latency: 100 } });
    const socket = client(proxy.url, { network, transports: ["websocket"] });
    await until(() => proxy.counts.upgrades === 1);
    for (let n = 0; n < 10; n++) network.give("wake");
    await connected(socket);
    await until(() => server.io.engine.clientsCount === 1);
    expect(proxy.counts.upgrades).toBeLessThanOrEqual(2);
  });

  it("from the page cache, whose WebSocket dies only then, reconnects exactly once (REC-24)", async () => {
    const network = new ManualSignals();
    const server = await serve();
    let connections = 0;
    server.io.engine.on("connection", () => connections++);
    const proxy = await proxyTo(server);
    const socket = await connected(client(proxy.url, { network, transports: ["websocket"] }));
    let disconnects = 0;
    let connects = 0;
    socket.on("disconnect", () => disconnects++);
    socket.on("connect", () => connects++);
    const lost = next(socket, "disconnect");
    network.give("sleep");
    network.give("wake");
    proxy.cut();
    await lost;
    await connected(socket);
    // time for another one
    for (let n = 0; n < 3; n++) await rtt(socket.io);
    await until(() => server.io.of("/").sockets.size === 1);
    expect({ disconnects, connects, connections }).toEqual({
      disconnects: 1,
      connects: 1,
      connections: 2,
    });
  });
});
