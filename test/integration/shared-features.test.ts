import { describe, expect, it, vi } from "vitest";
import { exactlyOnce, flush } from "../../src/delivery/index.js";
import { type Socket, TautlineError } from "../../src/index.js";
import { dedupe, onReauth } from "../../src/server/index.js";
import { shared } from "../../src/shared/index.js";
import { client, next, proxyTo, serve } from "../support/harness.js";
import { type AppTab, openTabs } from "../support/shared.js";
import { FakeBrowser } from "../support/tabs.js";

const allConnected = (sockets: Socket[]): Promise<void> =>
  expect.poll(() => sockets.map(({ connected }) => connected)).not.toContain(false);

describe("The share option", () => {
  it.each([undefined, "", 7, null])("takes no key like %j (SHR-4)", (key) => {
    expect(() => shared({ key } as never)).toThrow(TautlineError);
  });

  it("is refused where it is no shared() (SHR-45)", () => {
    expect(() => client("http://127.0.0.1:9", { share: { key: "a" } as never })).toThrow(
      /`share` takes what has join/,
    );
  });

  it("gives a connection of its own where the host has no locks (SHR-5)", async () => {
    const { io, url } = await serve();
    const options = { transports: ["websocket"], share: shared({ key: "a" }) };
    const sockets = [1, 2].map(() => client(url, options));
    await allConnected(sockets);
    expect(io.engine.clientsCount).toBe(2);
    expect(sockets[0]?.shared).toMatchObject({ role: "alone", tabs: 1 });
  });

  it("does so too where the page is not let use them (SHR-6)", async () => {
    const { io, url } = await serve();
    const tabs = openTabs(2);
    for (const { tab } of tabs) tab.lockError = new DOMException("no", "SecurityError");
    const sockets = tabs.map((tab) => tab.connect(url));
    await allConnected(sockets);
    expect(io.engine.clientsCount).toBe(2);
    expect(sockets.map(({ shared: state }) => state?.role)).toEqual(["alone", "alone"]);
  });
});

describe("Tabs with a shared connection", () => {
  it("see nothing of another key (SHR-2)", async () => {
    const { io, url } = await serve();
    const tabs = openTabs(4);
    const sockets = tabs.map((tab, i) => tab.connect(url, { key: i % 2 ? "bob" : "alice" }));
    await allConnected(sockets);
    expect(io.engine.clientsCount).toBe(2);
    const heard = sockets.map((socket) => vi.fn((n: number) => void [socket, n]));
    sockets.forEach((socket, i) => socket.on("secret", heard[i] as never));
    await expect.poll(() => sockets.map((one) => one.shared?.tabs)).toEqual([2, 2, 2, 2]);
    await vi.waitFor(() => {
      io.sockets.sockets.get(sockets[0]?.id as string)?.emit("secret", 1);
      expect(heard[2]).toHaveBeenCalled();
    }, 15_000);
    expect(heard[1]).not.toHaveBeenCalled();
    expect(heard[3]).not.toHaveBeenCalled();
  });

  it("enter and leave namespaces by themselves; the last one that leaves closes it (SHR-3)", async () => {
    const { io, url } = await serve();
    const left = vi.fn();
    io.of("/chat").on("connection", (socket) => socket.on("disconnect", left));
    const [one, two] = openTabs(2) as [AppTab, AppTab];
    const main = [one, two].map((tab) => tab.connect(url));
    const chat = [one, two].map((tab) => tab.connect(`${url}/chat`));
    await allConnected([...main, ...chat]);
    expect(io.engine.clientsCount).toBe(1);
    expect(io.of("/chat").sockets.size).toBe(1);
    chat[0]?.disconnect();
    await chat[1]
      ?.timeout(100)
      .emitWithAck("nobody answers")
      .catch(() => {});
    expect(left).not.toHaveBeenCalled();
    chat[1]?.disconnect();
    await expect.poll(() => left).toHaveBeenCalledWith("client namespace disconnect", undefined);
    chat[0]?.connect();
    await allConnected([...main, chat[0] as Socket]);
    expect(io.of("/chat").sockets.size).toBe(1);
  });

  it("get the server's refusal, each with its own auth (SHR-7)", async () => {
    const { io, url } = await serve();
    io.use((socket, done) => {
      if (socket.handshake.auth.token === "good") return done();
      done(Object.assign(new Error("no such token"), { data: { retryable: false } }));
    });
    const [bad, good] = openTabs(2) as [AppTab, AppTab];
    const refused = bad.connect(url, { auth: { token: "bad" } });
    const [error] = await next(refused, "connect_error");
    expect(error).toMatchObject({
      code: "refused",
      message: "no such token",
      data: { retryable: false },
    });
    const socket = good.connect(url, { auth: { token: "good" } });
    await allConnected([socket]);
    expect(refused.connected).toBe(false);
    expect(refused.active).toBe(false);
  });

  it("are told why there is no connection, and connect when there is one (SHR-8)", async () => {
    const server = await serve();
    const proxy = await proxyTo(server, { faults: { refuseConnections: true } });
    const sockets = openTabs(2).map((tab) => tab.connect(proxy.url));
    const errors = await Promise.all(sockets.map((socket) => next(socket, "connect_error")));
    expect(errors.map(([error]) => error.code)).toEqual(["unreachable", "unreachable"]);
    proxy.heal();
    await allConnected(sockets);
    expect(server.io.engine.clientsCount).toBe(1);
  });

  it("are all told of a loss, and come back over one connection (SHR-9)", async () => {
    const { io, url } = await serve();
    const sockets = openTabs(3).map((tab) => tab.connect(url));
    await allConnected(sockets);
    const lost = sockets.map((socket) => next(socket, "disconnect"));
    const back = sockets.map((socket) => next(socket, "connect"));
    for (const [, socket] of io.sockets.sockets) socket.conn.close();
    for (const [reason] of await Promise.all(lost)) expect(reason).toBe("transport close");
    await Promise.all(back);
    await expect.poll(() => io.engine.clientsCount).toBe(1);
  });

  it("ask their `auth` again after a loss, and the server gets the first answer (SHR-42)", async () => {
    const { io, url } = await serve();
    const seen: unknown[] = [];
    io.on("connection", (socket) => seen.push(socket.handshake.auth.token));
    const asked = [0, 0];
    const sockets = openTabs(2).map((tab, n) =>
      tab.connect(url, { auth: () => ({ token: `${n} ${++asked[n]!}` }) }),
    );
    await allConnected(sockets);
    const back = sockets.map((socket) => next(socket, "connect"));
    for (const [, socket] of io.sockets.sockets) socket.conn.close();
    await Promise.all(back);
    expect(asked).toEqual([2, 2]);
    expect(seen).toHaveLength(2);
    expect(seen[1]).toMatch(/^[01] 2$/);
  });

  it("hand over fresh data by reauth(), each over the same connection (SHR-43)", async () => {
    const { io, url } = await serve();
    const seen: unknown[] = [];
    onReauth(io, (_socket, { token }) => void seen.push(token));
    const tokens = ["one", "two"];
    const sockets = openTabs(2).map((tab, n) =>
      tab.connect(url, { auth: () => ({ token: tokens[n] }) }),
    );
    await allConnected(sockets);
    for (const [n, socket] of sockets.entries()) {
      tokens[n] += "!";
      expect(await socket.reauth()).toBe(true);
    }
    expect(seen).toEqual(["one!", "two!"]);
    expect(io.engine.clientsCount).toBe(1);
  });

  it("have a transport of their own name, and are told of no ping of the server (SHR-44)", async () => {
    const { io, url } = await serve({ pingInterval: 50 });
    let pongs = 0;
    io.on("connection", ({ conn }) => {
      conn.on("packet", ({ type }: { type: string }) => type === "pong" && pongs++);
    });
    const sockets = openTabs(2).map((tab) => tab.connect(url));
    const pinged = vi.fn();
    for (const socket of sockets) socket.io.on("ping", pinged);
    await allConnected(sockets);
    expect(sockets.map((socket) => socket.io.engine.transport.name)).toEqual(["shared", "shared"]);
    await expect.poll(() => pongs).toBeGreaterThan(1);
    // what was on its way to the tabs has come
    for (const socket of sockets) await flush(socket);
    expect(pinged).not.toHaveBeenCalled();
  });

  it("are all put out by the server (SHR-10)", async () => {
    const { io, url } = await serve();
    const sockets = openTabs(3).map((tab) => tab.connect(url));
    await allConnected(sockets);
    const lost = sockets.map((socket) => next(socket, "disconnect"));
    for (const [, socket] of io.sockets.sockets) socket.disconnect();
    for (const [reason] of await Promise.all(lost)) expect(reason).toBe("io server disconnect");
    expect(sockets.map(({ active }) => active)).toEqual([false, false, false]);
    sockets[1]?.connect();
    await allConnected([sockets[1] as Socket]);
  });

  it("carry binary data both ways, and answers to the server's questions: the first counts (SHR-11)", async () => {
    const { io, url } = await serve();
    io.on("connection", (socket) =>
      socket.on("echo", (x, ack: (x: unknown) => void) => ack({ x })),
    );
    const sockets = openTabs(3).map((tab) => tab.connect(url));
    const asked = vi.fn();
    sockets.forEach((socket, i) =>
      socket.on("ask", (data: ArrayBuffer, ack: (n: number, data: ArrayBuffer) => void) => {
        asked();
        ack(i, data);
      }),
    );
    await allConnected(sockets);
    const bytes = Uint8Array.of(1, 2, 3);
    for (const socket of sockets) {
      const { x } = await socket.emitWithAck("echo", { deep: [bytes] });
      expect(new Uint8Array(x.deep[0])).toEqual(bytes);
    }
    const [far] = [...io.sockets.sockets.values()];
    const [n, data] = await new Promise<unknown[]>((resolve) =>
      far?.emit("ask", bytes, (...answer: unknown[]) => resolve(answer)),
    );
    expect([0, 1, 2]).toContain(n);
    expect(new Uint8Array(data as Uint8Array)).toEqual(bytes);
    await expect.poll(() => asked).toHaveBeenCalledTimes(3);
  });

  it("disconnect everywhere when one says so (SHR-12)", async () => {
    const { io, url } = await serve();
    const sockets = openTabs(3).map((tab) => tab.connect(url));
    await allConnected(sockets);
    sockets[2]?.shared?.disconnectAll();
    await expect.poll(() => sockets.map(({ active }) => active)).toEqual([false, false, false]);
    await expect.poll(() => io.engine.clientsCount).toBe(0);
  });

  it("have a stream each at a server with dedupe(), and leave nothing behind (SHR-39)", async () => {
    const { io, url } = await serve();
    const got: string[] = [];
    dedupe(io);
    io.on("connection", (socket) => socket.on("n", (from: string) => got.push(from)));
    const browser = new FakeBrowser();
    const tabs = openTabs(3, browser);
    const sockets = tabs.map((tab) => tab.connect(url, { delivery: exactlyOnce() }));
    sockets.forEach((socket, i) => socket.emit("n", `tab ${i}`));
    await expect.poll(() => got.sort()).toEqual(["tab 0", "tab 1", "tab 2"]);
    for (const socket of sockets) socket.disconnect();
    await expect
      .poll(() => [
        browser.held.length,
        browser.waiting,
        browser.channels,
        ...tabs.map(({ tab }) => tab.listeners),
      ])
      .toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("get what they missed, whatever the app of the host has done with its buffers (SHR-13)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    const tabs = openTabs(2);
    const sockets = tabs.map((tab) => tab.connect(url));
    // so that the host knows that both listen
    for (const socket of sockets) socket.on("b", () => {});
    await allConnected(sockets);
    const at = sockets.findIndex(({ shared: state }) => state?.role === "guest");
    const [host, guest] = [sockets[1 - at], sockets[at]] as [Socket, Socket];
    const taken = vi.fn();
    const got: number[] = [];
    host.on("b", (data: ArrayBuffer) => taken(structuredClone(data, { transfer: [data] })));
    guest.on("b", (data: ArrayBuffer) => got.push(...new Uint8Array(data)));
    io.emit("b", Uint8Array.of(1));
    await expect.poll(() => got).toEqual([1]);
    tabs[at]?.tab.fire("freeze");
    io.emit("b", Uint8Array.of(2));
    await expect.poll(() => taken).toHaveBeenCalledTimes(2);
    await expect.poll(() => guest.connected).toBe(true);
    await expect.poll(() => got).toEqual([1, 2]);
    expect(guest.recovered).toBe(true);
  });

  it("tell of their role by an event of the manager (SHR-14)", async () => {
    const { url } = await serve();
    const [tab, other] = openTabs(2) as [AppTab, AppTab];
    const told: unknown[] = [];
    const socket = tab.connect(url);
    socket.io.on("shared", (state) => told.push(state));
    await expect.poll(() => told).toContainEqual({ role: "host", tabs: 1 });
    other.connect(url);
    await expect.poll(() => told).toContainEqual({ role: "host", tabs: 2 });
    other.crash();
    await expect.poll(() => told.at(-1)).toEqual({ role: "host", tabs: 1 });
  });
});
