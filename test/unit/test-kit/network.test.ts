import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { faultsOf, network, type TestNetwork } from "../../../src/test-kit/index.js";

import { transcriptOf } from "../../support/kit-scenario.js";

const URL_ = "http://chat.test";
let net: TestNetwork;

beforeEach(() => {
  net = network({ seed: 7 });
});

afterEach(() => net.close());

describe("A socket on the network", () => {
  it("connects, emits and is answered (KIT-1)", async () => {
    const server = net.server(URL_);
    server.on("connection", (far) => {
      far.on("add", (a, b, answer) =>
        (answer as (sum: number) => void)((a as number) + (b as number)),
      );
      far.emit("hello", new Uint8Array([1, 2, 3]));
    });
    const socket = net.io(URL_);
    const heard: unknown[] = [];
    socket.on("hello", (data: ArrayBuffer) => heard.push(new Uint8Array(data)));
    await net.until(() => socket.connected);
    expect(await net.until(socket.emitWithAck("add", 2, 3))).toBe(5);
    expect(heard).toEqual([new Uint8Array([1, 2, 3])]);
    expect(net.now).toBeLessThan(100);
  });

  it("comes back after a cut, a restart, and a time offline (KIT-2)", async () => {
    const server = net.server(URL_);
    const socket = net.io(URL_, { reconnectionDelay: 100 });
    let times = 0;
    socket.on("connect", () => times++);
    await net.until(() => socket.connected);
    net.cut();
    await net.until(() => times === 2);
    net.restart({ downFor: 3000 });
    await net.until(() => times === 3);
    net.offline();
    await net.until(() => !socket.connected);
    await net.advance(60_000);
    expect(times).toBe(3);
    net.online();
    await net.until(() => times === 4);
    expect(server.engine.clientsCount).toBeGreaterThan(0);
  });

  it("falls back to polling behind a proxy that blocks WebSocket (KIT-3)", async () => {
    net.server(URL_);
    net.blockWebSocket();
    const socket = net.io(URL_);
    await net.until(() => socket.connected);
    expect(socket.io.engine?.transport.name).toBe("polling");
  });

  it("notices a half-open line by its heartbeat (KIT-4)", async () => {
    net.server(URL_);
    const socket = net.io(URL_);
    await net.until(() => socket.connected);
    net.halfOpen();
    let reason = "";
    socket.on("disconnect", (why) => (reason = why));
    await net.until(() => reason);
    expect(reason).toBe("ping timeout");
  });

  it("recovers its state, and hears what it missed (KIT-5)", async () => {
    const server = net.server(URL_, { connectionStateRecovery: {} });
    const socket = net.io(URL_, { reconnectionDelay: 100 });
    const heard: unknown[] = [];
    socket.on("n", (n) => heard.push(n));
    server.on("connection", (far) => far.recovered || far.emit("n", 0));
    await net.until(() => heard.length === 1);
    const { id } = socket;
    net.cut();
    server.emit("n", 1);
    await net.until(() => !socket.connected);
    await net.until(() => socket.connected);
    expect({ heard, id: socket.id, recovered: socket.recovered }).toEqual({
      heard: [0, 1],
      id,
      recovered: true,
    });
  });
});

describe("The transcript", () => {
  async function run(): Promise<string> {
    const server = net.server(URL_);
    server.on("connection", (far) =>
      far.on("n", (n, answer) => (answer as (n: unknown) => void)(n)),
    );
    const socket = net.io(URL_, { transports: ["polling", "websocket"] });
    for (let n = 0; n < 20; n++) {
      socket.emit("n", n, () => {});
      await net.advance(700);
      if (n % 5 === 4) net.cut();
    }
    return net.transcript;
  }

  it("is the same for the same seed (KIT-6)", async () => {
    const first = await run();
    for (let i = 0; i < 5; i++) {
      await net.close();
      net = network({ seed: 7 });
      expect(await run()).toBe(first);
    }
    await net.close();
    net = network({ seed: 8 });
    expect(await run()).not.toBe(first);
  });
});

describe("A busy network", () => {
  it("writes the same transcript each time (KIT-6)", { timeout: 60_000 }, async () => {
    await net.close();
    for (let seed = 1; seed <= 20; seed++) {
      const first = await transcriptOf(seed);
      for (let again = 0; again < 3; again++) expect(await transcriptOf(seed)).toBe(first);
    }
    net = network();
  });
});

describe("Servers that are down", () => {
  it("are back after their time, or when they are started (KIT-28)", async () => {
    net.server(URL_);
    const socket = net.io(URL_, { reconnectionDelay: 100, reconnectionDelayMax: 100 });
    await net.until(() => socket.connected);
    net.kill();
    await net.advance(60_000);
    expect(socket.connected).toBe(false);
    net.start();
    await net.until(() => socket.connected);
    const at = net.now;
    net.restart({ downFor: 5000 });
    await net.until(() => !socket.connected);
    await net.until(() => socket.connected);
    expect(net.now).toBeGreaterThan(at + 5000);
  });

  it("stay down while the host loses its network and gets it again (KIT-28)", async () => {
    net.server(URL_);
    const socket = net.io(URL_, { reconnectionDelayMax: 100 });
    await net.until(() => socket.connected);
    net.restart({ downFor: 5000 });
    const back = net.now + 5000;
    net.offline();
    net.online();
    await net.until(() => !socket.connected);
    await net.until(() => socket.connected);
    expect(net.now).toBeGreaterThan(back);
  });
});

describe("A watcher", () => {
  it("is told of lines, frames and faults, and the transcript stays the same (KIT-29)", async () => {
    async function run(): Promise<string> {
      net.server(URL_).on("connection", (far) => far.on("n", () => far.emit("m")));
      const socket = net.io(URL_, { transports: ["websocket"] });
      await net.until(() => socket.connected);
      socket.emit("n");
      net.later(1, () => net.cut());
      await net.advance(100);
      return net.transcript;
    }
    const alone = await run();
    await net.close();
    net = network({ seed: 7 });
    const news: string[] = [];
    const stop = net.watch((one) => {
      if (one.kind === "fault") news.push(one.what);
      else if ("text" in one) news.push(`${one.kind} ${one.frame} ${one.direction} ${one.text}`);
      else news.push(`${one.kind} ${one.line} ${one.over}`);
    });
    expect(await run()).toBe(alone);
    stop();
    expect(news.slice(0, 3)).toEqual([
      "opened 1 websocket",
      expect.stringMatching(/^sent 1 down 0{"sid":"s1"/),
      expect.stringMatching(/^arrived 1 down 0{"sid":"s1"/),
    ]);
    expect(news.slice(-4)).toEqual([
      'sent 4 up 42["n"]',
      "cut all both",
      "ended 1 websocket",
      'lost 4 up 42["n"]',
    ]);
    const before = news.length;
    net.heal();
    expect(news).toHaveLength(before);
  });
});

describe("faultsOf", () => {
  it("gives the faults that explore() draws, which strike() lets happen (KIT-30)", async () => {
    const options = { seed: 2, duration: 10_000 };
    expect(faultsOf(options)).toEqual(faultsOf(options));
    const [fault] = faultsOf({ seed: 2, kinds: ["latency"] });
    expect(fault).toMatchObject({ kind: "latency" });
    net.strike(fault!);
    expect(net.transcript).toBe(`0.000 ! latency ${(fault as { ms: number }).ms}`);
    expect(() => faultsOf({ kinds: ["earthquake" as never] })).toThrow("there is no fault");
  });
});

describe("network()", () => {
  it("gives the page its globals back (KIT-7)", async () => {
    const before = globalThis.setTimeout;
    await net.close();
    expect(globalThis.setTimeout).not.toBe(before);
    net = network();
  });

  it("refuses options that it does not know, or can't use", async () => {
    const wrong = expect.objectContaining({ code: "invalid-option" });
    await net.close();
    for (const options of [5, null, { latencey: 5 }, { seed: "1" }, { latency: -1 }])
      expect(() => network(options as never)).toThrow(wrong);
    net = network();
    for (const options of [
      { transports: ["polling"] },
      { pingInterval: -1 },
      { connectTimeout: "1" },
      { path: 5 },
      { allowUpgrades: 1 },
    ])
      expect(() => net.server(URL_, options as never)).toThrow(wrong);
    for (const options of [{ protocol: "a" }, { protocols: "a" }, { verify: true }])
      expect(() => net.webSocketServer(URL_, options as never)).toThrow(wrong);
    net.server(URL_, { cors: { origin: "*" }, serveClient: false });
  });

  it("has one server at an address, until that is closed", () => {
    const first = net.server(URL_);
    expect(() => net.server(URL_)).toThrow(/another server/);
    net.server(URL_, { path: "/other" });
    void first.close();
    net.server(URL_);
  });

  it("does nothing after its close()", async () => {
    await net.close();
    for (const call of [
      () => net.offline(),
      () => net.heal(),
      () => net.cut(),
      () => net.server(URL_),
    ])
      expect(call).toThrow(/this network is closed/);
  });

  it("takes one page at a time (KIT-8)", () => {
    expect(() => network()).toThrow("another network is open");
  });
});

describe("What the page is told of its host", () => {
  const page: { location?: { href: string }; navigator?: { onLine?: boolean } } = globalThis;

  it("comes from the network, and from the host again afterwards (KIT-31)", async () => {
    const before = [page.location?.href, page.navigator?.onLine];
    await net.close();
    const after = [page.location?.href, page.navigator?.onLine];
    net = network();
    expect(before).toEqual(["http://page.test/", true]);
    expect(after).toEqual([undefined, undefined]);
  });

  it("comes over a MessageChannel only when the page is awake (KIT-25)", async () => {
    const { port1, port2 } = new MessageChannel();
    const told: number[] = [];
    port2.onmessage = () => told.push(net.now);
    net.freeze(500);
    port1.postMessage("");
    await net.advance(1000);
    expect(told).toEqual([500]);
  });
});

describe("Connection state recovery", () => {
  it("does not take an offset from before a restart for one of its own (KIT-52)", async () => {
    const server = net.server(URL_, { connectionStateRecovery: {} });
    const socket = net.io(URL_, { transports: ["websocket"], reconnectionDelayMax: 100 });
    const heard: unknown[] = [];
    socket.on("n", (n) => heard.push(n));
    await net.until(() => socket.connected);
    server.emit("n", 1);
    await net.until(() => heard.length);
    net.restart();
    await net.until(() => !socket.connected);
    await net.until(() => socket.connected);
    net.cut();
    server.emit("n", 2);
    await net.until(() => !socket.connected);
    await net.until(() => socket.connected);
    expect({ heard, recovered: socket.recovered }).toEqual({ heard: [1], recovered: false });
  });
});
