import { describe, expect, it, vi } from "vitest";
import { next, serve } from "../support/harness.js";
import { openTabs } from "../support/shared.js";

describe("shared()", () => {
  it("gives all tabs one connection", async () => {
    const { io, url } = await serve();
    io.on("connection", (socket) => {
      socket.on("double", (n: number, ack: (n: number) => void) => ack(2 * n));
    });
    const tabs = openTabs(5);
    const sockets = tabs.map((tab) => tab.connect(url));
    await vi.waitFor(() => expect(sockets.every(({ connected }) => connected)).toBe(true));
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
    await vi.waitFor(() => expect(sockets.every(({ shared }) => shared?.tabs === 5)).toBe(true));
    const heard = sockets.slice(0, 3).map((socket) => next(socket, "news"));
    // the host knows of the listeners once it has something that was emitted behind them
    await Promise.all(sockets.map((socket) => socket.emitWithAck("double", 1)));
    io.emit("news", 1, new Uint8Array([1, 2, 3]));
    for (const args of await Promise.all(heard)) expect(args[0]).toBe(1);
  });

  it("goes on in another tab when the host crashes", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    const tabs = openTabs(4);
    const sockets = tabs.map((tab) => tab.connect(url));
    const got = sockets.map((socket) => {
      const list: number[] = [];
      socket.on("n", (n: number) => list.push(n));
      return list;
    });
    await vi.waitFor(() => expect(sockets.every(({ connected }) => connected)).toBe(true));
    io.emit("n", 1);
    await vi.waitFor(() => expect(got).toEqual([[1], [1], [1], [1]]));
    const at = sockets.findIndex(({ shared }) => shared?.role === "host");
    const alive = sockets.filter((_, i) => i !== at);
    const reconnected = Promise.all(alive.map((socket) => next(socket, "connect")));
    tabs[at]?.crash();
    await vi.waitFor(() => expect(io.engine.clientsCount).toBe(0), { interval: 1 });
    io.emit("n", 2);
    await reconnected;
    io.emit("n", 3);
    await vi.waitFor(() =>
      expect(got.filter((_, i) => i !== at)).toEqual([
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ]),
    );
    expect(alive.map(({ recovered }) => recovered)).toEqual([true, true, true]);
    expect(io.engine.clientsCount).toBe(1);
  });
});
