import { describe, expect, it, vi } from "vitest";
import * as msgpack from "socket.io-msgpack-parser";
import { drained, flush } from "../../src/delivery/index.js";
import type { Socket } from "../../src/index.js";
import { host as global } from "../../src/platform/browser.js";
import type { WebSocketClass } from "../../src/platform/platform.js";
import { WINDOW } from "../../src/shared/messages.js";
import { next, proxyTo, serve, until } from "../support/harness.js";
import { type AppTab, openTabs } from "../support/shared.js";

const MEGABYTE = 1024 * 1024;
const ROLES = ["host", "guest"] as const;

const connectedAll = (sockets: Socket[]): Promise<void> =>
  expect.poll(() => sockets.map(({ connected }) => connected)).not.toContain(false);

/** Two tabs, the host first. */
async function openPair(
  url: string,
  options: Parameters<AppTab["connect"]>[1] = {},
): Promise<{ host: Socket; guest: Socket; tabs: AppTab[] }> {
  const tabs = openTabs(2);
  const [first, second] = tabs as [AppTab, AppTab];
  const host = first.connect(url, options);
  await expect.poll(() => host.shared?.role).toBe("host");
  const guest = second.connect(url, options);
  await connectedAll([host, guest]);
  return { host, guest, tabs };
}

/** A WebSocket class, and what its instances have not sent yet. */
function watchedClass(): { Class: WebSocketClass; readonly waiting: number } {
  const made: { bufferedAmount: number }[] = [];
  const Base = global.WebSocket as unknown as new (url: string) => { bufferedAmount: number };
  class Class extends Base {
    constructor(url: string) {
      super(url);
      made.push(this);
    }
  }
  return {
    Class: Class as unknown as WebSocketClass,
    get waiting() {
      return made.reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0);
    },
  };
}

describe("A server that does not read", () => {
  it.each(ROLES)("is felt by the %s: what it emits waits in its own tab (SHR-22)", async (role) => {
    const server = await serve({ maxHttpBufferSize: 100 * MEGABYTE });
    const proxy = await proxyTo(server);
    const got: number[] = [];
    server.io.on("connection", (far) => far.on("n", (n: number) => got.push(n)));
    const line = watchedClass();
    const pair = await openPair(proxy.url, {
      transportOptions: { websocket: { WebSocket: line.Class } },
    });
    const socket = pair[role];
    const other = role === "host" ? pair.guest : pair.host;
    await until(() => socket.bufferedAmount === 0);
    proxy.set({ blackhole: "up" });
    const big = "x".repeat(MEGABYTE);
    for (let n = 0; n < 40; n++) socket.emit("n", n, big);
    expect(socket.bufferedAmount).toBeGreaterThan(39 * MEGABYTE);
    socket.volatile.emit("n", -1);
    let isDrained = false;
    const done = drained(socket).then(() => (isDrained = true));
    await until(() => line.waiting > WINDOW);
    // a tab whose packets do not wait is not told of those of others, and its own are taken
    expect(other.bufferedAmount).toBeLessThan(WINDOW);
    other.emit("n", 100);
    // what is posted between the tabs has come by then
    await expect.poll(() => other.bufferedAmount).toBeGreaterThan(0);
    expect(line.waiting).toBeLessThan(20 * MEGABYTE);
    expect(isDrained).toBe(false);
    proxy.heal();
    await done;
    await flush(socket);
    await flush(other);
    expect(got.filter((n) => n !== 100)).toEqual([...Array(40).keys()]);
    expect(got).toContain(100);
    await until(() => socket.bufferedAmount === 0);
  });

  it("does not hold up what enters a namespace, nor what leaves it (SHR-23)", async () => {
    const server = await serve({ maxHttpBufferSize: 100 * MEGABYTE });
    const proxy = await proxyTo(server);
    server.io.of("/chat");
    const { guest, tabs } = await openPair(proxy.url);
    proxy.set({ blackhole: "up" });
    guest.emit("n", "x".repeat(4 * MEGABYTE));
    expect(guest.bufferedAmount).toBeGreaterThan(WINDOW);
    const chat = (tabs[1] as AppTab).connect(`${proxy.url}/chat`);
    proxy.heal();
    await connectedAll([chat]);
    chat.disconnect();
    await expect.poll(() => server.io.of("/chat").sockets.size).toBe(0);
    expect(guest.connected).toBe(true);
  });
});

describe("A guest that emits much at once", () => {
  it.each(["websocket", "polling"])("cuts nobody's line over %s (SHR-24)", async (transport) => {
    const { io, url } = await serve({ maxHttpBufferSize: 100 * MEGABYTE });
    const got: number[] = [];
    io.on("connection", (far) => {
      far.on("n", (n: number) => got.push(n));
      far.on("size", (data: Buffer | string, ack: (size: number) => void) => ack(data.length));
    });
    const { host, guest } = await openPair(url, { transports: [transport] });
    const lost = vi.fn();
    for (const socket of [host, guest]) socket.on("disconnect", lost);
    for (let n = 0; n < 10_000; n++) guest.emit("n", n, "x".repeat(100));
    const answer = host.emitWithAck("size", "abc");
    await flush(guest);
    expect(got).toEqual([...Array(10_000).keys()]);
    expect(await answer).toBe(3);
    for (const data of ["y".repeat(5 * MEGABYTE), new Uint8Array(5 * MEGABYTE)])
      expect(await guest.emitWithAck("size", data)).toBe(5 * MEGABYTE);
    expect(lost).not.toHaveBeenCalled();
    expect(io.engine.clientsCount).toBe(1);
  });

  it("keeps what the host has not got when that dies (SHR-25)", async () => {
    const server = await serve({ maxHttpBufferSize: 100 * MEGABYTE });
    const proxy = await proxyTo(server);
    const got: number[] = [];
    server.io.on("connection", (far) => far.on("n", (n: number) => got.push(n)));
    const { guest, tabs } = await openPair(proxy.url);
    proxy.set({ blackhole: "up" });
    const big = "x".repeat(MEGABYTE);
    for (let n = 0; n < 40; n++) guest.emit("n", n, big);
    await until(() => guest.io.connection.bufferedAmount > 0 && guest.sendBuffer.length > 0);
    const kept = guest.sendBuffer.map(({ data }) => (data as unknown[])[1]);
    const lost = next(guest, "disconnect");
    tabs[0]?.crash();
    await lost;
    proxy.heal();
    await connectedAll([guest]);
    await flush(guest);
    expect(kept.length).toBeGreaterThan(10);
    expect(got).toEqual(expect.arrayContaining(kept));
    expect(new Set(got).size).toBe(got.length);
  });
});

describe("What a tab emits", () => {
  it.each(ROLES)("is what it was when it was emitted, in the %s (SHR-26)", async (role) => {
    const { io, url } = await serve();
    const got: unknown[][] = [];
    io.on("connection", (far) => far.on("b", (...args) => got.push(args)));
    const socket = (await openPair(url))[role];
    const bytes = Uint8Array.of(1, 2, 3);
    const list = [1];
    socket.emit("b", bytes, list);
    bytes.fill(9);
    list.push(2);
    socket.emit("b", bytes.buffer, list);
    bytes.fill(7);
    await flush(socket);
    expect(got.map(([data, numbers]) => [[...new Uint8Array(data as Buffer)], numbers])).toEqual([
      [[1, 2, 3], [1]],
      [
        [9, 9, 9],
        [1, 2],
      ],
    ]);
  });
});

describe("What tabs are caught up on", () => {
  it.each([
    [1, true],
    [6, false],
  ])("is bounded: after %i MB, recovered is %j (SHR-28)", async (count, isRecovered) => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    const { host, guest, tabs } = await openPair(url);
    const heard = [host, guest].map((socket) => {
      const list: number[] = [];
      socket.on("n", (n: number) => list.push(n));
      return list;
    }) as [number[], number[]];
    // the listeners are known to the host
    await Promise.all([flush(host), flush(guest)]);
    io.emit("n", -1);
    await expect.poll(() => heard).toEqual([[-1], [-1]]);
    const { tab } = tabs[1] as AppTab;
    tab.fire("freeze");
    tab.freeze();
    for (let n = 0; n < count; n++) io.emit("n", n, "x".repeat(MEGABYTE));
    await expect.poll(() => heard[0]).toHaveLength(count + 1);
    const back = next(guest, "connect");
    tab.thaw();
    await back;
    expect(guest.recovered).toBe(isRecovered);
    await expect.poll(() => heard[1]).toEqual(isRecovered ? heard[0] : [-1]);
    io.emit("n", 100);
    await expect.poll(() => heard.map((list) => list.at(-1))).toEqual([100, 100]);
  });
});

describe("Tabs with another parser", () => {
  class NodeDecoder extends msgpack.Decoder {
    override add(data: ArrayBuffer): void {
      super.add(Buffer.from(data));
    }
  }
  const parser = { ...msgpack, Decoder: NodeDecoder };

  it("name it (SHR-29)", () => {
    const [tab] = openTabs(1) as [AppTab];
    expect(() => tab.connect("http://127.0.0.1:9", { parser })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("share with those of the same name, and with no others (SHR-29)", async () => {
    const { io, url } = await serve({ parser: msgpack });
    io.on("connection", (far) => far.on("echo", (x, ack: (x: unknown) => void) => ack(x)));
    const tabs = openTabs(3);
    const sockets = tabs.slice(0, 2).map((tab) => tab.connect(url, { parser, name: "msgpack" }));
    await connectedAll(sockets);
    expect(io.engine.clientsCount).toBe(1);
    expect(sockets.map((one) => one.shared?.role).sort()).toEqual(["guest", "host"]);
    const bytes = Uint8Array.of(1, 2, 3);
    for (const socket of sockets)
      expect(new Uint8Array(await socket.emitWithAck("echo", bytes))).toEqual(bytes);
    const plain = (tabs[2] as AppTab).connect(url);
    await expect.poll(() => plain.shared?.role).toBe("host");
    expect(plain.shared?.tabs).toBe(1);
    expect(sockets.map(({ connected }) => connected)).toEqual([true, true]);
  });
});
