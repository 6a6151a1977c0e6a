import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Manager } from "../../src/index.js";
import { besideWorker } from "../../src/shared/worker-host.js";
import { tabServer } from "../../src/shared/worker.js";
import { next, serve } from "../support/harness.js";
import { AppTab } from "../support/shared.js";
import { FakeBrowser } from "../support/tabs.js";

describe("shared() with a worker", () => {
  it("has the connection there, whatever tabs come and go; another key has its own (SHR-18)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    io.on("connection", (socket) => socket.on("echo", (x, ack: (x: unknown) => void) => ack(x)));
    const browser = new FakeBrowser();
    const managers: Manager[] = [];
    const accept = tabServer((key) => {
      const options = { autoConnect: false, query: { key }, transports: ["websocket"] };
      managers.push(new Manager(url, options));
      return managers.at(-1) as Manager;
    }, browser.open().locks);
    const open = (key: string): AppTab & { socket: ReturnType<AppTab["connect"]> } => {
      const tab = new AppTab(browser);
      const { port1, port2 } = new MessageChannel();
      onTestFinished(() => port1.close());
      accept(port2 as never);
      const place = besideWorker({ port: port1 as never }, tab.tab);
      return Object.assign(tab, { socket: tab.connect(url, { key, place: () => place }) });
    };
    const alice = [open("alice"), open("alice"), open("alice")];
    const bob = open("bob");
    await expect.poll(() => alice.every(({ socket }) => socket.connected)).toBe(true);
    await expect.poll(() => bob.socket.connected).toBe(true);
    expect(io.engine.clientsCount).toBe(2);
    expect(managers).toHaveLength(2);
    expect(alice.map(({ socket }) => socket.shared?.role)).toEqual(["guest", "guest", "guest"]);
    await expect.poll(() => alice[0]?.socket.shared?.tabs).toBe(3);
    const bytes = new Uint8Array([1, 2, 3]);
    const answer = await alice[1]?.socket.emitWithAck("echo", bytes);
    expect(new Uint8Array(answer)).toEqual(bytes);
    const heard = alice.slice(1).map(({ socket }) => next(socket, "news"));
    const other = vi.fn();
    bob.socket.on("news", other);
    alice[0]?.crash();
    await expect.poll(() => alice[1]?.socket.shared?.tabs).toBe(2);
    await Promise.all(alice.slice(1).map(({ socket }) => socket.emitWithAck("echo", 1)));
    for (const [, socket] of io.sockets.sockets)
      if (socket.handshake.query.key === "alice") socket.emit("news", 1);
    await Promise.all(heard);
    expect(other).not.toHaveBeenCalled();
    for (const { socket } of [...alice.slice(1), bob]) socket.disconnect();
    await expect.poll(() => io.engine.clientsCount).toBe(0);
  });
});
