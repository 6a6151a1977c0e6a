import { describe, expect, it } from "vitest";
import type { TautlineError } from "../../src/index.js";
import { atLeastOnce, exactlyOnce, flush, onDrop } from "../support/client-api.js";
import { dedupe } from "../../src/server/index.js";
import { client, connected, modes, next, serve, until, type Mode } from "../support/harness.js";
import { outcome, thrownBy } from "../support/field.js";

const LIMIT = 10_000;
const tooLarge = "x".repeat(2 * LIMIT);
const plain = modes.slice(0, 2);

const deliveries = [
  ["at-most-once", {}],
  ["at-least-once", { delivery: atLeastOnce() }],
  ["exactly-once", { delivery: exactlyOnce() }],
] as const;

interface Behaviour {
  /** What is announced in the handshake; the server always enforces LIMIT. */
  announced?: number;
}

async function setUp(mode: Mode, options: object, { announced = LIMIT }: Behaviour = {}) {
  const server = await serve({ ...mode.server, maxHttpBufferSize: LIMIT });
  const { engine } = server.io;
  engine.opts.maxHttpBufferSize = announced;
  engine.use((request: any, response: any, pass: () => void) => {
    if (Number(request.headers["content-length"] ?? 0) <= LIMIT) return pass();
    response.writeHead(413).end();
  });
  dedupe(server.io);
  const received: unknown[] = [];
  let poisoned = 0;
  server.io.on("connection", (far) => {
    far.on("n", (n: unknown) => received.push(n));
    far.on("big", () => received.push("big"));
    far.on("ask", (n: unknown, answer: (n: unknown) => void) => answer(n));
    far.conn.on("data", (data: unknown) => {
      if (!String(data).includes('"poison"')) return;
      poisoned++;
      far.conn.close(true);
    });
  });
  const socket = client(server.url, { ...mode.options, ...options });
  return { server, socket, received, poisoned: () => poisoned };
}

describe.each(plain)("Over $name, a packet above the server's maxPayload", (mode) => {
  it.each(deliveries)("is refused at the emit with %s (EMT-7)", async (_name, options) => {
    const { socket, received } = await setUp(mode, options);
    const reasons: unknown[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    await connected(socket);
    socket.emit("n", 1);
    expect(thrownBy(() => socket.emit("big", tooLarge))).toBe("too-large");
    expect(thrownBy(() => socket.emit("big", new Uint8Array(2 * LIMIT)))).toBe("too-large");
    expect(await outcome(() => socket.emitWithAck("big", tooLarge))).toBe("too-large");
    socket.emit("n", 2);
    await flush(socket);
    await until(() => received.length === 2);
    expect({ received, reasons }).toEqual({ received: [1, 2], reasons: [] });
  });

  it.each(deliveries)("that waited fails by itself with %s (EMT-8)", async (_name, options) => {
    const { socket, received } = await setUp(mode, { ...options, autoConnect: false });
    const dropped: unknown[] = [];
    onDrop(socket, ({ code }) => dropped.push(code));
    socket.emit("n", 1);
    const asked = outcome(() => socket.emitWithAck("big", tooLarge));
    socket.emit("n", 2);
    const reasons: unknown[] = [];
    socket.on("disconnect", (reason) => reasons.push(reason));
    socket.connect();
    expect(await asked).toBe("too-large");
    await until(() => received.length === 2);
    expect({ received, reasons }).toEqual({ received: [1, 2], reasons: [] });
  });

  it.each(deliveries.slice(1))(
    "that the handshake didn't warn of is punished once, and what is behind it arrives, with %s (DLV-19)",
    async (_name, options) => {
      const { socket, received } = await setUp(mode, options, { announced: 1e8 });
      await connected(socket);
      let losses = 0;
      socket.io.on("close", () => losses++);
      const asked = outcome(() => socket.emitWithAck("big", tooLarge));
      socket.emit("n", 1);
      expect(await asked).toBe("too-large");
      await until(() => received.includes(1));
      expect(received).toEqual([1]);
      expect(losses).toBeLessThanOrEqual(3);
    },
  );
});

describe("Over websocket, the close that a packet too large brings", () => {
  it.each(deliveries)("says so in its details with %s (EMT-9)", async (_name, options) => {
    const { socket } = await setUp(modes[1] as Mode, options, { announced: 1e8 });
    await connected(socket);
    const lost = next(socket, "disconnect");
    socket.emit("big", tooLarge);
    const [reason, details] = await lost;
    expect(reason).toBe("transport close");
    const { code, message, hint, description } = details as TautlineError;
    expect([code, message, hint, description].join(" ")).toMatch(/1009|too.large/i);
  });
});

describe.each(plain)("Over $name, a packet behind which the connection always dies", (mode) => {
  it.each(deliveries.slice(1))(
    "fails with a code, alone, with %s (DLV-13)",
    async (_name, options) => {
      const { socket, received, poisoned } = await setUp(mode, { ...options, minUptime: 0 });
      await connected(socket);
      socket.emit("n", 1);
      await flush(socket);
      const asked = outcome(() => socket.emitWithAck("poison"));
      socket.emit("n", 2);
      expect(await asked).toEqual(expect.stringMatching(/^(?!pending)[a-z-]+$/));
      await until(() => received.includes(2));
      expect(received).toEqual([1, 2]);
      expect(poisoned()).toBeLessThanOrEqual(10);
    },
  );
});

describe.each(plain)("Over $name, an event without a name", (mode) => {
  const names = [undefined, null, true, {}, [], Symbol("s"), NaN];

  it.each(deliveries)(
    "is refused at the emit, and blocks nothing, with %s (EMT-4)",
    async (_, options) => {
      const { socket, received } = await setUp(mode, options);
      const reasons: unknown[] = [];
      socket.on("disconnect", (reason) => reasons.push(reason));
      await connected(socket);
      const emit = socket.emit.bind(socket) as (...args: unknown[]) => unknown;
      const ask = socket.emitWithAck.bind(socket) as (...args: unknown[]) => Promise<unknown>;
      expect(thrownBy(() => emit())).toBe("invalid-event");
      for (const name of names) expect(thrownBy(() => emit(name, 1))).toBe("invalid-event");
      expect(thrownBy(() => socket.volatile.emit(undefined as never))).toBe("invalid-event");
      expect(await outcome(() => ask())).toBe("invalid-event");
      expect(await outcome(() => ask(undefined))).toBe("invalid-event");
      socket.emit("n", 1);
      await flush(socket);
      await until(() => received.length === 1);
      expect(reasons).toEqual([]);
    },
  );

  it("but a number is a name, as in the reference (EMT-5)", async () => {
    const { server, socket } = await setUp(mode, {});
    const heard: unknown[] = [];
    server.io.on("connection", (far) => far.onAny((...args) => heard.push(args)));
    socket.emit(7 as never, "seven");
    await until(() => heard.length === 1);
    expect(heard).toEqual([[7, "seven"]]);
  });
});

describe.each(plain)("Over $name, a file that can't be read", (mode) => {
  it.each(deliveries)("fails alone, with %s (BIN-6)", async (_name, options) => {
    const { socket, received } = await setUp(mode, options);
    const gone = new DOMException("the file is gone", "NotReadableError");
    const file = Object.assign(new Blob(["text"]), { arrayBuffer: () => Promise.reject(gone) });
    let losses = 0;
    socket.io.on("close", () => losses++);
    await connected(socket);
    socket.emit("n", 1);
    expect(await outcome(() => socket.emitWithAck("big", file))).toBe("unserializable");
    socket.emit("n", 2);
    await flush(socket);
    await until(() => received.includes(2));
    expect({ received, losses }).toEqual({ received: [1, 2], losses: 0 });
  });
});
