import { describe, expect, it, onTestFinished, vi } from "vitest";
import { onDrop, retrying } from "../support/client-api.js";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
  type ClientOptions,
} from "../support/harness.js";
import { announcePingTimeout, delaysOf, ManualSignals, outcome } from "../support/field.js";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** Sets the clock on the wall; timers, and the host's monotonic clock, don't notice. */
function setClock(by: number): void {
  const now = Date.now.bind(Date);
  const spy = vi.spyOn(Date, "now").mockImplementation(() => now() + by);
  onTestFinished(() => spy.mockRestore());
}

async function setUp(options: ClientOptions = {}, server: object = {}) {
  const running = await serve(server);
  const proxy = await proxyTo(running);
  running.io.on("connection", (far) => {
    far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
  });
  return { server: running, proxy, socket: client(proxy.url, options) };
}

const back = [
  ["5 seconds", -5 * SECOND],
  ["an hour", -HOUR],
] as const;

describe.each(back)("The clock is set back by %s", (_name, by) => {
  it("and acks time out all the same, later ones of the same timeout too (ACK-19)", async () => {
    const { socket } = await setUp();
    await connected(socket);
    const before = outcome(() => socket.timeout(100).emitWithAck("silent"));
    setClock(by);
    const after = outcome(() => socket.timeout(100).emitWithAck("silent"));
    expect([await before, await after]).toEqual(["ack-timeout", "ack-timeout"]);
    expect(await outcome(() => socket.timeout(100).emitWithAck("silent"))).toBe("ack-timeout");
    expect(await outcome(() => socket.timeout(10_000).emitWithAck("ask", 1))).toBe(1);
  });

  it("and retries go on", async () => {
    const { socket } = await setUp(retrying(1, 50));
    await connected(socket);
    const asked = outcome(() => socket.emitWithAck("silent"));
    setClock(by);
    expect(await asked).toBe("ack-timeout");
  });

  it.each(modes)("and a dead line is noticed, over $name (PRB-19)", async ({ options, server }) => {
    const {
      socket,
      proxy,
      server: running,
    } = await setUp({ ...options, autoConnect: false }, { ...server, pingInterval: 50 });
    announcePingTimeout(running, 100);
    socket.connect();
    await connected(socket);
    await next(socket.io, "ping");
    proxy.set({ blackhole: "both", refuseConnections: true });
    const lost = next(socket, "disconnect");
    setClock(by);
    expect(await outcome(async () => (await lost)[0])).toBe("ping timeout");
  });

  it("and a waiting packet expires (BUF-10)", async () => {
    const { socket } = await setUp({ autoConnect: false, buffer: { ttl: 60 } });
    const dropped: unknown[] = [];
    onDrop(socket, ({ code }) => dropped.push(code));
    socket.emit("n", 1);
    socket.ttl(30).emit("n", 2);
    setClock(by);
    socket.ttl(30).emit("n", 3);
    await until(() => dropped.length === 3);
    expect(dropped).toEqual(["expired", "expired", "expired"]);
  });

  it("and a line in doubt has no more time than it had (PRB-20)", async () => {
    const network = new ManualSignals();
    const { socket, proxy } = await setUp({
      network,
      probeTimeout: 100,
      transports: ["websocket"],
    });
    await connected(socket);
    proxy.set({ blackhole: "both", refuseConnections: true });
    const lost = next(socket, "disconnect");
    network.give("wake");
    setClock(by);
    expect(await outcome(async () => (await lost)[0])).toBe("ping timeout");
  });

  it("and a connection's uptime counts: the delays begin again (PRB-19)", async () => {
    const { socket, proxy } = await setUp({
      minUptime: 50,
      reconnectionDelay: 20,
      reconnectionDelayMax: 5000,
      randomizationFactor: 0,
      transports: ["websocket"],
    });
    const delays = delaysOf(socket);
    for (let round = 0; round < 3; round++) {
      await connected(socket);
      if (round === 1) setClock(by);
      await new Promise((resolve) => setTimeout(resolve, 80));
      const lost = next(socket, "disconnect");
      proxy.cut();
      await lost;
    }
    expect(delays).toEqual([20, 20, 20]);
  });
});

describe("The clock is set forward by an hour", () => {
  it.each(modes)(
    "and nothing ends before its time, over $name (PRB-19)",
    async ({ options, server }) => {
      const { socket } = await setUp(options, { ...server, pingInterval: 40, pingTimeout: 60_000 });
      await connected(socket);
      let losses = 0;
      socket.io.on("close", () => losses++);
      const asked = outcome(() => socket.timeout(400).emitWithAck("silent"));
      const begun = performance.now();
      setClock(HOUR);
      for (let n = 0; n < 3; n++) await next(socket.io, "ping");
      expect(await asked).toBe("ack-timeout");
      expect(performance.now() - begun).toBeGreaterThan(350);
      expect(losses).toBe(0);
    },
  );

  it("and a waiting packet doesn't expire (BUF-10)", async () => {
    const { server, socket } = await setUp({ autoConnect: false, buffer: { ttl: 60 * SECOND } });
    const received: unknown[] = [];
    server.io.on("connection", (far) => far.on("n", (n: unknown) => received.push(n)));
    socket.emit("n", 1);
    setClock(HOUR);
    socket.ttl(30 * SECOND).emit("n", 2);
    socket.connect();
    await until(() => received.length === 2);
  });
});
