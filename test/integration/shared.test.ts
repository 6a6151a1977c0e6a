import { describe, expect, it, onTestFinished } from "vitest";
import { next, serve } from "../support/harness.js";
import { openTabs } from "../support/shared.js";

describe("shared()", () => {
  it("gives all tabs one connection (SHR-1)", async () => {
    const { io, url } = await serve();
    io.on("connection", (socket) => {
      socket.on("double", (n: number, ack: (n: number) => void) => ack(2 * n));
    });
    const tabs = openTabs(5);
    const sockets = tabs.map((tab) => tab.connect(url));
    await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
    expect(io.engine.clientsCount).toBe(1);
    expect(new Set(sockets.map(({ id }) => id)).size).toBe(1);
    const answers = await Promise.all(sockets.map((socket, n) => socket.emitWithAck("double", n)));
    expect(answers).toEqual([0, 2, 4, 6, 8]);
    expect(sockets.map(({ shared }) => shared?.role).sort()).toEqual([
      "guest",
      "guest",
      "guest",
      "guest",
      "host",
    ]);
    await expect.poll(() => sockets.map(({ shared }) => shared?.tabs)).toEqual([5, 5, 5, 5, 5]);
    const heard = sockets.slice(0, 3).map((socket) => next(socket, "news"));
    // the host knows of the listeners once it has something that was emitted behind them
    await Promise.all(sockets.map((socket) => socket.emitWithAck("double", 1)));
    io.emit("news", 1, new Uint8Array([1, 2, 3]));
    for (const args of await Promise.all(heard)) expect(args[0]).toBe(1);
  });

  it.each(["crash", "close", "freeze", "freeze without an event", "disconnect"])(
    "goes on in another tab when the host goes: %s (SHR-15)",
    async (how) => {
      const { io, url } = await serve({ connectionStateRecovery: {} });
      const tabs = openTabs(4);
      const sockets = tabs.map((tab) => tab.connect(url));
      const got = sockets.map((socket) => {
        const list: number[] = [];
        socket.on("n", (n: number) => list.push(n));
        return list;
      });
      await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
      io.emit("n", 1);
      await expect.poll(() => got).toEqual([[1], [1], [1], [1]]);
      const at = sockets.findIndex(({ shared }) => shared?.role === "host");
      const isAlive = (_: unknown, i: number): boolean => i !== at;
      const alive = sockets.filter(isAlive);
      const reconnected = Promise.all(alive.map((socket) => next(socket, "connect")));
      const host = tabs[at] as (typeof tabs)[0];
      const isSilent = how === "freeze without an event";
      // while there is no host
      const [peer] = await io.fetchSockets();
      if (!isSilent)
        io.sockets.sockets.get(peer?.id as string)?.on("disconnect", () => io.emit("n", 2));
      if (how === "crash") host.crash();
      else if (how === "close") host.close();
      else if (how === "freeze") host.tab.fire("freeze");
      else if (how === "disconnect") sockets[at]?.disconnect();
      else host.tab.freeze();
      await reconnected;
      io.emit("n", 3);
      const all = isSilent ? [1, 3] : [1, 2, 3];
      await expect.poll(() => got.filter(isAlive)).toEqual([all, all, all]);
      expect(alive.map(({ recovered }) => recovered)).toEqual(Array(3).fill(!isSilent));
      if (isSilent) host.tab.thaw();
      await expect.poll(() => io.engine.clientsCount).toBe(1);
      await expect
        .poll(() => alive.filter(({ shared }) => shared?.role === "host"))
        .toHaveLength(1);
    },
  );

  it("hears the server after a frozen host has come back, whose connection was open all the time (SHR-46)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    io.on("connection", (socket) => socket.on("ask", (ack: () => void) => ack()));
    const tabs = openTabs(4);
    const sockets = tabs.map((tab) => tab.connect(url));
    const connected = (): boolean => sockets.every((socket) => socket.connected);
    const hostOf = (): number => sockets.findIndex(({ shared }) => shared?.role === "host");
    await expect.poll(() => connected()).toBe(true);
    const hear = async (event: string): Promise<void> => {
      const heard = Promise.all(sockets.map((socket) => next(socket, event)));
      // the host knows of the listeners once it has something that was emitted behind them
      await Promise.all(sockets.map((socket) => socket.emitWithAck("ask")));
      io.emit(event);
      await heard;
    };
    await hear("first");
    // socket.io lets two in with one id only when it has seen that id leave before
    const [first] = tabs.splice(hostOf(), 1);
    const [gone] = sockets.splice(hostOf(), 1);
    first?.crash();
    gone?.disconnect();
    await expect.poll(() => [hostOf() >= 0, connected()]).toEqual([true, true]);
    const at = hostOf();
    tabs[at]?.tab.freeze();
    const others = sockets.filter((_, n) => n !== at);
    await Promise.all(others.map((socket) => next(socket, "connect")));
    tabs[at]?.tab.thaw();
    await expect.poll(() => [io.engine.clientsCount, connected()]).toEqual([1, true]);
    await hear("last");
  });

  it("takes an answer for a tab that is gone (SHR-40)", async () => {
    const { io, url } = await serve();
    const tabs = openTabs(2);
    const sockets = tabs.map((tab) => tab.connect(url));
    await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
    const guest = sockets.findIndex(({ shared }) => shared?.role === "guest");
    const asked = new Promise<() => void>((resolve) => {
      for (const socket of io.sockets.sockets.values()) socket.on("ask", resolve);
    });
    sockets[guest]?.emit("ask", () => {});
    const answer = await asked;
    tabs[guest]?.crash();
    const host = sockets[1 - guest];
    await expect.poll(() => host?.shared?.tabs).toBe(1);
    const problems: unknown[] = [];
    const note = (error: unknown): unknown => problems.push(error);
    process.on("uncaughtException", note);
    onTestFinished(() => void process.off("uncaughtException", note));
    answer();
    const heard = next(host as (typeof sockets)[0], "later");
    io.emit("later");
    await heard;
    expect(problems).toEqual([]);
  });

  it("hands over to a visible tab when the host is hidden, and loses nothing (SHR-16)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    const got: number[] = [];
    io.on("connection", (socket) =>
      socket.on("n", (n: number, ack?: () => void) => (got.push(n), ack?.())),
    );
    const tabs = openTabs(3);
    const sockets = tabs.map((tab) => tab.connect(url));
    await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
    const at = sockets.findIndex(({ shared }) => shared?.role === "host");
    for (const { tab } of tabs) tab.show(false);
    const sent: number[] = [];
    const emit = (n: number): void => {
      sent.push(n);
      sockets[n % 3]?.emit("n", n);
    };
    emit(0);
    const heir = (at + 1) % 3;
    tabs[heir]?.tab.show(true);
    for (let n = 1; n < 200; n++) {
      emit(n);
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await expect.poll(() => sockets[heir]?.shared?.role).toBe("host");
    await expect.poll(() => sockets.every(({ connected }) => connected)).toBe(true);
    await expect.poll(() => new Set(got)).toEqual(new Set(sent));
    expect(got.length).toBe(sent.length);
    await expect.poll(() => io.engine.clientsCount).toBe(1);
  });
});
