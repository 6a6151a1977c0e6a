import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { flush } from "../support/client-api.js";
import { client, connected, modes, next, serve, until, type Mode } from "../support/harness.js";
import { lossesOf, thrownBy, withWebSocket } from "../support/field.js";

/** Browsers refuse to send what another thread may write meanwhile, and what can change its size. */
class StrictWebSocket extends WebSocket {
  override send(data: any, ...rest: any[]): void {
    const buffer = ArrayBuffer.isView(data) ? data.buffer : data;
    if (buffer instanceof SharedArrayBuffer || buffer?.resizable)
      throw new TypeError("the buffer must be neither shared nor resizable");
    super.send(data, ...(rest as []));
  }
}

interface Resizable extends ArrayBuffer {
  resize(size: number): void;
}

const resizable = (size: number): Resizable =>
  new (ArrayBuffer as any)(size, { maxByteLength: 64 }) as Resizable;

const filled = <T extends ArrayBufferLike>(buffer: T): T => {
  new Uint8Array(buffer).set([1, 2, 3, 4]);
  return buffer;
};

function detached(): ArrayBuffer {
  const buffer = filled(new ArrayBuffer(4));
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function outOfBounds(): Uint8Array {
  const buffer = filled(resizable(8));
  const view = new Uint8Array(buffer, 4, 4);
  buffer.resize(4);
  return view;
}

/** What is sent, and what arrives where it isn't refused. */
const buffers: [name: string, make: () => unknown, arrives: Buffer | undefined][] = [
  [
    "a view over a SharedArrayBuffer",
    () => new Uint8Array(filled(new SharedArrayBuffer(8)), 1, 3),
    Buffer.of(2, 3, 4),
  ],
  ["a resizable ArrayBuffer", () => filled(resizable(4)), Buffer.of(1, 2, 3, 4)],
  [
    "a view that follows its buffer",
    () => new Uint8Array(filled(resizable(4))),
    Buffer.of(1, 2, 3, 4),
  ],
  ["a detached ArrayBuffer", detached, undefined],
  [
    "a view over a detached ArrayBuffer",
    () => {
      const view = Uint8Array.of(1, 2);
      structuredClone(view.buffer, { transfer: [view.buffer] });
      return view;
    },
    undefined,
  ],
  ["a view out of its buffer's bounds", outOfBounds, undefined],
  ["a DataView", () => new DataView(filled(new ArrayBuffer(8)), 1, 2), Buffer.of(2, 3)],
  ["an empty buffer", () => new Uint8Array(0), Buffer.alloc(0)],
];

async function setUp(mode: Mode, options: object = {}) {
  const server = await serve(mode.server);
  const received: unknown[][] = [];
  server.io.on("connection", (far) => {
    far.on("bytes", (...args: unknown[]) => received.push(args));
    far.on("ask", (_bytes: unknown, answer: (n: number) => void) => answer(1));
  });
  const socket = client(server.url, { ...withWebSocket(mode, StrictWebSocket), ...options });
  return { socket, received, losses: lossesOf(socket) };
}

describe.each(modes)("Over $name", (mode) => {
  describe.each(buffers)("%s", (_name, make, arrives) => {
    it.each([true, false])("arrives or is refused, whole, connected: %s", async (isConnected) => {
      const { socket, received, losses } = await setUp(mode, { autoConnect: false });
      if (isConnected) {
        socket.connect();
        await connected(socket);
      }
      const emit = (): unknown => socket.emit("bytes", Uint8Array.of(9), make(), "end");
      const code = thrownBy(emit);
      expect([undefined, "unserializable"]).toContain(code);
      socket.emit("bytes", Uint8Array.of(7));
      socket.connect();
      await connected(socket);
      await flush(socket);
      const last = [Buffer.of(7)];
      await until(() => received.length === (code ? 1 : 2));
      const first = [Buffer.of(9), arrives ?? Buffer.alloc(0), "end"];
      expect({ received, losses }).toEqual({ received: code ? [last] : [first, last], losses: [] });
      // what can be copied is
      if (arrives) expect(code).toBeUndefined();
    });
  });

  it("what was emitted is a copy: the app may go on with its buffer (EMT-2)", async () => {
    const { socket, received, losses } = await setUp(mode, { autoConnect: false });
    const shared = new Uint8Array(filled(new SharedArrayBuffer(4)));
    const growing = filled(resizable(4));
    const moved = Uint8Array.of(1, 2, 3, 4);
    expect(thrownBy(() => socket.emit("bytes", shared, growing, moved))).toBeUndefined();
    shared.fill(0);
    growing.resize(0);
    structuredClone(moved.buffer, { transfer: [moved.buffer] });
    socket.connect();
    await until(() => received.length === 1);
    const bytes = Buffer.of(1, 2, 3, 4);
    expect({ received, losses }).toEqual({ received: [[bytes, bytes, bytes]], losses: [] });
  });

  it("a request with a buffer that is refused leaves no ack behind", async () => {
    const { socket, losses } = await setUp(mode);
    await connected(socket);
    const results = await Promise.allSettled([
      socket.emitWithAck("ask", detached()),
      socket.emitWithAck("ask", outOfBounds()),
    ]);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason.code).toBe("unserializable");
    expect(await socket.emitWithAck("ask", Uint8Array.of(1))).toBe(1);
    expect(losses).toEqual([]);
  });
});

describe("A custom WebSocket class whose send() throws", () => {
  it("costs the connection, not the session's sense: it comes back (PRS-18)", async () => {
    class Failing extends WebSocket {
      override send(data: any): void {
        if (String(data).includes("poison")) throw new Error("not this");
        super.send(data);
      }
    }
    const mode = modes[1] as Mode;
    const { socket, received } = await setUp(mode, withWebSocket(mode, Failing));
    await connected(socket);
    const lost = next(socket, "disconnect");
    expect(thrownBy(() => socket.emit("bytes", "poison"))).toBeUndefined();
    await lost;
    await connected(socket);
    socket.emit("bytes", 1);
    await until(() => received.length === 1);
  });
});
