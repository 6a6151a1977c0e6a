import { describe, expect, it } from "vitest";
import type { NetworkEvent, Socket } from "../../src/index.js";
import { next, serve } from "../support/harness.js";
import { type AppTab, openTabs } from "../support/shared.js";
import { FakeBrowser } from "../support/tabs.js";

const allConnected = (sockets: Socket[]): Promise<void> =>
  expect.poll(() => sockets.map(({ connected }) => connected)).not.toContain(false);

const hostOf = (sockets: Socket[]): number =>
  sockets.findIndex(({ shared }) => shared?.role === "host");

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("A tab whose host has gone", () => {
  it("knows the session, also when the last that it got was an ack (SHR-47)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    io.on("connection", (socket) => socket.on("ask", (ack: () => void) => ack()));
    const tabs = openTabs(3);
    const sockets = tabs.map((tab) => tab.connect(url));
    await allConnected(sockets);
    const heard = Promise.all(sockets.map((socket) => next(socket, "n")));
    await Promise.all(sockets.map((socket) => socket.emitWithAck("ask")));
    io.emit("n");
    await heard;
    await Promise.all(sockets.map((socket) => socket.emitWithAck("ask")));
    const at = hostOf(sockets);
    const others = sockets.filter((_, n) => n !== at);
    const reconnected = Promise.all(others.map((socket) => next(socket, "connect")));
    tabs[at]?.crash();
    await reconnected;
    expect(others.map(({ recovered }) => recovered)).toEqual([true, true]);
  });

  it("goes on in the session if one of the tabs has heard an event of it (SHR-37)", async () => {
    const { io, url } = await serve({ connectionStateRecovery: {} });
    io.on("connection", (socket) => socket.on("ask", (ack: () => void) => ack()));
    const tabs = openTabs(3);
    const sockets = tabs.map((tab) => tab.connect(url));
    await allConnected(sockets);
    const at = hostOf(sockets);
    const listener = sockets[(at + 1) % 3] as Socket;
    const deaf = sockets[(at + 2) % 3] as Socket;
    const heard = next(listener, "n");
    await listener.emitWithAck("ask");
    io.emit("n");
    await heard;
    const reconnected = [listener, deaf].map((socket) => next(socket, "connect"));
    tabs[at]?.crash();
    await Promise.all(reconnected);
    expect([listener.recovered, deaf.recovered]).toEqual([true, true]);
  });

  it("goes on over another one where the app wants no reconnection, and stays away after a loss (SHR-38)", async () => {
    const { io, url } = await serve();
    const tabs = openTabs(3);
    const sockets = tabs.map((tab) => tab.connect(url, { reconnection: false }));
    await allConnected(sockets);
    const at = hostOf(sockets);
    const others = sockets.filter((_, n) => n !== at);
    const reconnected = Promise.all(others.map((socket) => next(socket, "connect")));
    tabs[at]?.close();
    await reconnected;
    const lost = Promise.all(others.map((socket) => next(socket, "disconnect")));
    io.engine.close();
    await lost;
    expect(others.map((socket) => socket.io.state)).toEqual(["failed", "failed"]);
  });
});

describe("A new tab", () => {
  const serveTabs = async (count: number): Promise<[string, AppTab[], Socket[], FakeBrowser]> => {
    const { url } = await serve();
    const browser = new FakeBrowser();
    const tabs = openTabs(count, browser);
    const sockets = tabs.map((tab) => tab.connect(url));
    await allConnected(sockets);
    return [url, tabs, sockets, browser];
  };

  /** The second tab has its place with the host, and keeps it. */
  const staysGuest = async (host: Socket | undefined, guest: Socket): Promise<void> => {
    const places = [
      { role: "host", tabs: 2 },
      { role: "guest", tabs: 2 },
    ];
    await expect.poll(() => [host?.shared, guest.shared]).toMatchObject(places);
    for (let i = 0; i < 40; i++) await turn();
    expect([host?.shared, guest.shared]).toMatchObject(places);
  };

  it("is not taken for gone while the browser has not given it its lock (SHR-48)", async () => {
    const [url, , [host], browser] = await serveTabs(1);
    const slow = browser.open();
    browser.ask = (tab, arrive) => {
      let asked = Promise.resolve();
      if (tab === slow) for (let i = 0; i < 20; i++) asked = asked.then(turn);
      void asked.then(arrive);
    };
    const [late] = openTabs(1, browser) as [AppTab];
    const socket = late.connect(url, { place: () => slow });
    await allConnected([socket]);
    await staysGuest(host, socket);
  });

  it.each(Array.from({ length: 10 }, (_, turns) => turns))(
    "has one session, also when it wakes after %i turns while it connects",
    async (turns) => {
      const [url, , [host], browser] = await serveTabs(1);
      const [late] = openTabs(1, browser) as [AppTab];
      let signal: (event: NetworkEvent) => void = () => {};
      const network = {
        subscribe: (listener: typeof signal) => {
          signal = listener;
          return () => {};
        },
      };
      const socket = late.connect(url, { network });
      for (let i = 0; i < turns; i++) await turn();
      signal("wake");
      await allConnected([socket]);
      await staysGuest(host, socket);
    },
  );
});

describe("A tab that is gone", () => {
  it("has no place with the host, though what it has said comes later (SHR-49)", async () => {
    const { url } = await serve();
    const browser = new FakeBrowser();
    const tabs = openTabs(2, browser);
    const sockets = tabs.map((tab) => tab.connect(url));
    await allConnected(sockets);
    const at = hostOf(sockets);
    const host = sockets[at] as Socket;
    await expect.poll(() => host.shared?.tabs).toBe(2);
    const late: (() => void)[] = [];
    browser.post = (arrive) => void late.push(arrive);
    sockets[1 - at]?.io.engine.close();
    for (let i = 0; i < 10; i++) await turn();
    tabs[1 - at]?.crash();
    await expect.poll(() => host.shared?.tabs).toBe(1);
    for (const arrive of late) arrive();
    for (let i = 0; i < 10; i++) await turn();
    expect(host.shared?.tabs).toBe(1);
  });
});
