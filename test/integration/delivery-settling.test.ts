import { flush } from "../../src/delivery/index.js";
import { describe, expect, it } from "vitest";
import type { ManagerEvents, TautlineError } from "../../src/index.js";
import {
  type ClientOptions,
  client,
  connected,
  modes,
  proxyTo,
  serve,
  until,
} from "../support/harness.js";

/** How a promise or an error-first callback settled, in words. */
function outcome(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    (answer) => `answer ${String(answer)}`,
    (error: TautlineError) => `${error.code} ${error.delivery}: ${error.message}`,
  );
}

async function setUp(options: ClientOptions) {
  const server = await serve();
  const proxy = await proxyTo(server);
  const received: unknown[] = [];
  server.io.on("connection", (far) => {
    far.on("n", (n: unknown) => received.push(n));
    far.on("ask", (n: unknown, answer: (n: unknown) => void) => {
      received.push(n);
      answer(n);
    });
    far.on("silent", (n: unknown) => received.push(n));
  });
  const socket = client(proxy.url, options);
  let calls = 0;
  // the same request as with a promise, which must settle once and alike
  const callback = (event: string, n: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      socket.timeout(60_000).emit(event, n, (error: unknown, answer: unknown) => {
        calls++;
        if (error) reject(error);
        else resolve(answer);
      });
    });
  return { server, proxy, socket, received, callback, calls: () => calls };
}

const offline = { autoConnect: false };

describe.each(modes.slice(0, 2))("Acks over $name", ({ options }) => {
  it("settle with the answer", async () => {
    const { socket, callback, calls } = await setUp(options);
    expect(await outcome(socket.emitWithAck("ask", 1))).toBe("answer 1");
    expect(await outcome(callback("ask", 2))).toBe("answer 2");
    expect(calls()).toBe(1);
  });

  it("fail with ack-timeout: maybe-sent when it left, not-sent when it waited (ACK-6)", async () => {
    const { socket, received } = await setUp({ ...options, ...offline });
    const waited = await outcome(socket.timeout(20).emitWithAck("ask", 1));
    socket.connect();
    await connected(socket);
    // over polling, the answer to the CONNECT may be here before that to its request
    await until(() => socket.io.engine.transport.writable);
    const left = await outcome(socket.timeout(50).emitWithAck("silent", 2));
    await until(() => received.length > 0);
    expect([waited, left]).toEqual([
      "ack-timeout not-sent: operation has timed out",
      "ack-timeout maybe-sent: operation has timed out",
    ]);
    expect(received).toEqual([2]);
  });

  it("fail with disconnected when the connection is lost, or the app leaves (ACK-9)", async () => {
    const { socket, proxy, callback, calls, received } = await setUp(options);
    await connected(socket);
    const lost = [socket.emitWithAck("silent", 1), callback("silent", 2)].map(outcome);
    await until(() => received.length === 2);
    proxy.set({ refuseConnections: true });
    proxy.cut();
    const sent = "disconnected maybe-sent: socket has been disconnected";
    expect(await Promise.all(lost)).toEqual([sent, sent]);
    await until(() => !socket.connected);
    const waiting = [socket.emitWithAck("ask", 3), callback("ask", 4)].map(outcome);
    socket.disconnect();
    const unsent = "disconnected not-sent: socket has been disconnected";
    expect(await Promise.all(waiting)).toEqual([unsent, unsent]);
    expect(calls()).toBe(2);
    expect(socket.sendBuffer).toEqual([]);
  });

  it("fail with aborted: a waiting packet is taken back, an ack under way forgotten (ACK-12)", async () => {
    const { socket, received } = await setUp({ ...options, ...offline });
    const [early, late] = [new AbortController(), new AbortController()];
    const waiting = outcome(socket.signal(early.signal).emitWithAck("ask", 1));
    socket.signal(early.signal).emit("n", 2);
    early.abort();
    expect(socket.sendBuffer).toEqual([]);
    socket.connect();
    await connected(socket);
    const underWay = outcome(socket.signal(late.signal).emitWithAck("silent", 3));
    await until(() => received.length === 1);
    late.abort(new Error("why"));
    expect(await Promise.all([waiting, underWay])).toEqual([
      "aborted not-sent: the operation was aborted",
      "aborted maybe-sent: the operation was aborted",
    ]);
    const never = socket.signal(late.signal).emitWithAck("ask", 4);
    await expect(never).rejects.toMatchObject({ cause: new Error("why"), delivery: "not-sent" });
    await flush(socket);
    expect(received).toEqual([3]);
  });

  it("fail with evicted, expired and overflow", async () => {
    const { socket, received } = await setUp({
      ...options,
      ...offline,
      buffer: { maxPackets: 3 },
    });
    const evicted = outcome(socket.key("k").emitWithAck("ask", 1));
    socket.key("k").emit("n", 2);
    const expired = outcome(socket.ttl(10).emitWithAck("ask", 3));
    const cleared = outcome(socket.emitWithAck("ask", 4));
    const overflown = outcome(socket.emitWithAck("ask", 5));
    expect(socket.clearBuffer(({ data }) => (data as unknown[])[1] === 4)).toBe(1);
    expect(
      (await Promise.all([evicted, expired, cleared, overflown])).map(
        (text) => (text as string).split(":")[0],
      ),
    ).toEqual(["evicted not-sent", "expired not-sent", "evicted not-sent", "overflow not-sent"]);
    socket.connect();
    await connected(socket);
    await flush(socket);
    expect(received).toEqual([2]);
  });
});

describe("The outbox", () => {
  const buffer = { maxPackets: 2 };

  it.each([
    ["reject", [1, 2], [3]],
    ["drop-oldest", [2, 3], [1]],
    ["drop-newest", [1, 2], [3]],
  ] as const)("keeps to its bounds: %s (BUF-1)", async (overflow, arrive, dropped) => {
    const { socket, received } = await setUp({ ...offline, buffer: { ...buffer, overflow } });
    const told: unknown[] = [];
    socket.io.on("drop", (error, { data }) => {
      expect(error).toMatchObject({ code: "overflow", delivery: "not-sent" });
      told.push((data as unknown[])[1]);
    });
    socket.emit("n", 1).emit("n", 2);
    if (overflow === "reject")
      expect(() => socket.emit("n", 3)).toThrow(expect.objectContaining({ code: "overflow" }));
    else socket.emit("n", 3);
    expect(told).toEqual(dropped);
    socket.connect();
    await connected(socket);
    await flush(socket);
    expect(received).toEqual(arrive);
  });

  it("drops what has waited for longer than the buffer's ttl, and says so (BUF-8)", async () => {
    const { socket, received } = await setUp({ ...offline, buffer: { ttl: 10 } });
    socket.emit("n", 1);
    const [error, { data }] = await new Promise<Parameters<ManagerEvents["drop"]>>((resolve) =>
      socket.io.once("drop", (...args) => resolve(args)),
    );
    expect([error.code, data]).toEqual(["expired", ["n", 1]]);
    socket.connect();
    await connected(socket);
    await flush(socket);
    expect(received).toEqual([]);
  });

  it("shows what waits, as it was when it was emitted, and sends that (EMT-1)", async () => {
    const { socket, received } = await setUp(offline);
    const value = { state: "then" };
    socket.emit("n", value);
    value.state = "now";
    expect(socket.sendBuffer).toMatchObject([{ data: ["n", { state: "then" }] }]);
    socket.connect();
    await until(() => received.length === 1);
    expect(received).toEqual([{ state: "then" }]);
  });

  it("sends 20,000 packets in order, later ones behind them, and lets others have their turn (EMT-11)", async () => {
    const count = 20_000;
    const { socket, received } = await setUp({
      ...offline,
      transports: ["websocket"],
      buffer: { maxPackets: count },
    });
    for (let n = 0; n < count; n++) socket.emit("n", n);
    expect(() => socket.emit("n", count)).toThrow(expect.objectContaining({ code: "overflow" }));
    // however fast the machine is, all of them together take a while
    socket.onAnyOutgoing((_name, n: number) => {
      const end = performance.now() + (n % 2000 ? 0 : 20);
      while (performance.now() < end);
    });
    const waiting: number[] = [];
    const look = (): void => {
      if (waiting.at(-1) !== 0) setTimeout(look);
      waiting.push(socket.sendBuffer.length);
    };
    socket.once("connect", () => {
      socket.emit("n", count);
      look();
    });
    socket.connect();
    await until(() => socket.connected);
    await flush(socket);
    await until(() => received.length === count + 1);
    expect(received).toEqual(Array.from({ length: count + 1 }, (_, n) => n));
    // the flush was seen in the middle of its work
    expect(waiting.filter((size) => size > 0 && size < count).length).toBeGreaterThan(0);
  });
});
