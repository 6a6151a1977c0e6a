import { mock } from "node:test";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Socket } from "../../src/index.js";
import { dedupe } from "../../src/server/index.js";
import { atLeastOnce, exactlyOnce, flush, onDrop, retrying, stats } from "../support/client-api.js";
import {
  client,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
  type ClientOptions,
  type Mode,
} from "../support/harness.js";
import { catchReported, outcome, thrownBy } from "../support/field.js";

type Answer = (...args: unknown[]) => void;

/** `handle` is told the number of the connection too, from 1. */
async function setUp(
  mode: Pick<Mode, "options" | "server">,
  options: ClientOptions,
  handle: (n: number, answer: Answer, connection: number) => void = (n, answer) => answer(n),
) {
  const server = await serve(mode.server);
  dedupe(server.io);
  const proxy = await proxyTo(server);
  const received: number[] = [];
  let connection = 0;
  let arrived = 0;
  server.io.on("connection", (far) => {
    const own = ++connection;
    far.conn.on("data", (data: unknown) => {
      if (String(data).includes('"n"')) arrived++;
    });
    far.on("n", (n: number, answer: Answer) => {
      received.push(n);
      handle(n, answer, own);
    });
  });
  const socket = client(proxy.url, { ...mode.options, ...options });
  return { server, proxy, socket, received, arrived: () => arrived };
}

const deliveries = [
  ["at-most-once", {}],
  ["at-least-once", { delivery: atLeastOnce() }],
  ["exactly-once", { delivery: exactlyOnce() }],
] as const;

describe.each(modes)("retries over $name", (mode) => {
  it("with exactly-once is the same packet at each try: handled once, answered once (RTY-13)", async () => {
    const answers: (() => void)[] = [];
    const { socket, received, arrived } = await setUp(
      mode,
      { ...retrying(1000, 40), delivery: exactlyOnce() },
      (n, answer) => answers.push(() => answer(n)),
    );
    let calls = 0;
    const answered = new Promise((resolve) => {
      socket.emit("n", 1, (...args: unknown[]) => {
        calls++;
        resolve(args);
      });
    });
    await until(() => arrived() >= 4);
    answers[0]?.();
    expect(await answered).toEqual([null, 1]);
    await flush(socket);
    expect({ received, calls }).toEqual({ received: [1], calls: 1 });
  });

  it.each(deliveries)("sends the head once after a reconnect, with %s", async (name, delivery) => {
    const answers: (() => void)[] = [];
    const { socket, proxy, received } = await setUp(
      mode,
      { ...retrying(3, 30_000), ...delivery },
      (n, answer, connection) => {
        if (connection > 1) answer(n);
        else answers.push(() => answer(n));
      },
    );
    await connected(socket);
    const answered = new Promise((resolve) => socket.emit("n", 1, resolve));
    await until(() => received.length === 1);
    const lost = next(socket, "disconnect");
    proxy.cut();
    await lost;
    await connected(socket);
    // who drops repetitions answers them with the first answer
    if (name === "exactly-once") answers[0]?.();
    await answered;
    await new Promise((resolve) => socket.emit("n", 2, resolve));
    const expected = name === "exactly-once" ? [1, 2] : [1, 1, 2];
    expect(received).toEqual(expected);
  });

  it.each(deliveries)(
    "has flush() wait for all of them, with %s (RTY-12)",
    async (_name, delivery) => {
      const { socket, received } = await setUp(
        mode,
        { ...retrying(2, 60_000), ...delivery },
        (n, answer) => setImmediate(answer, n),
      );
      for (let n = 0; n < 10; n++) socket.emit("n", n);
      await flush(socket);
      expect(received).toEqual(Array.from({ length: 10 }, (_, n) => n));
    },
  );

  it("gives up after so many tries, and goes on with the next", async () => {
    const { socket, received, arrived } = await setUp(mode, retrying(2, 30), (n, answer) => {
      if (n === 2) answer(n);
    });
    await connected(socket);
    mock.timers.enable({ apis: ["setTimeout"] });
    onTestFinished(() => mock.timers.reset());
    const first = outcome(() => socket.emitWithAck("n", 1));
    const second = outcome(() => socket.emitWithAck("n", 2));
    for (let tries = 1; tries <= 3; tries++) {
      await until(() => arrived() === tries);
      mock.timers.tick(40);
    }
    expect([await first, await second]).toEqual(["ack-timeout", 2]);
    expect({ received, arrived: arrived() }).toEqual({ received: [1, 1, 1, 2], arrived: 4 });
  });
});

describe("retries while there is no connection", () => {
  const websocket = modes[1] as Mode;
  const offline = { ...retrying(3, 60_000), autoConnect: false };

  const connectAndFlush = async (socket: Socket): Promise<void> => {
    socket.connect();
    await connected(socket);
    await flush(socket);
  };

  it("keeps to the bounds of the buffer (RTY-11)", async () => {
    const { socket, received } = await setUp(websocket, { ...offline, buffer: { maxPackets: 2 } });
    socket.emit("n", 1);
    socket.emit("n", 2);
    expect(thrownBy(() => socket.emit("n", 3))).toBe("overflow");
    await connectAndFlush(socket);
    expect(received).toEqual([1, 2]);
  });

  it("drops what has waited for longer than its ttl", async () => {
    const { socket, received } = await setUp(websocket, offline);
    const dropped = new Promise((resolve) => {
      onDrop(socket, ({ code }, { data }) => resolve([code, data]));
    });
    socket.emit("n", 1);
    socket.ttl(20).emit("n", 2);
    expect(await dropped).toEqual(["expired", ["n", 2]]);
    await connectAndFlush(socket);
    expect(received).toEqual([1]);
  });

  it("sends the newest of a key only", async () => {
    const { socket, received } = await setUp(websocket, offline);
    for (let n = 1; n <= 3; n++) socket.key("k").emit("n", n);
    await connectAndFlush(socket);
    expect(received).toEqual([3]);
  });

  it("takes back what is aborted", async () => {
    const { socket, received } = await setUp(websocket, offline);
    const abort = new AbortController();
    socket.emit("n", 1);
    socket.signal(abort.signal).emit("n", 2);
    abort.abort();
    await connectAndFlush(socket);
    expect(received).toEqual([1]);
  });

  it("shows in sendBuffer, bufferedAmount and stats, and can be cleared", async () => {
    const { socket, received } = await setUp(websocket, offline);
    socket.emit("n", 1);
    socket.emit("n", 2);
    expect(socket.sendBuffer).toMatchObject([{ data: ["n", 1] }, { data: ["n", 2] }]);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
    expect(stats(socket.io).bufferedPackets).toBe(2);
    expect(socket.clearBuffer(({ data }) => (data as unknown[])[1] === 1)).toBe(1);
    await connectAndFlush(socket);
    expect(received).toEqual([2]);
  });
});

describe("An ack callback that throws", () => {
  it.each(deliveries)("lets disconnect() do its work, with retries and %s", async (_, delivery) => {
    const reported = catchReported();
    const { socket, received } = await setUp(
      modes[1] as Mode,
      { ...retrying(3, 30_000), ...delivery },
      () => undefined,
    );
    await connected(socket);
    const thrower = (): void => {
      throw new Error("the app's own");
    };
    socket.emit("n", 1, thrower);
    socket.timeout(60_000).emit("n", 2, thrower);
    await until(() => received.length >= 1);
    expect(thrownBy(() => socket.disconnect())).toBeUndefined();
    expect(socket.active).toBe(false);
    await until(() => reported.length === 2);
    socket.connect();
    await connected(socket);
  });
});
