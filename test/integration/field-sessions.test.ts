import { describe, expect, it } from "vitest";
import type { Socket } from "../../src/index.js";
import { client, connected, modes, next, proxyTo, serve, until } from "../support/harness.js";
import { lossesOf } from "../support/field.js";

const bytes = Uint8Array.of(1, 2, 3);
/** How long after the beginning of a binary event each of the clients leaves, in milliseconds. */
const MOMENTS = [0, 40, 80, 120, 160, 200, 240, 280];

const ways: [name: string, leave: (socket: Socket) => void][] = [
  ["disconnect()", (socket) => void socket.disconnect().connect()],
  ["engine.close()", (socket) => void socket.io.engine?.close()],
];

/** A server that goes on sending binary events and texts, at the far end of a long line. */
async function setUp(mode: (typeof modes)[number]) {
  const server = await serve(mode.server);
  const proxy = await proxyTo(server, { faults: { latency: 100 } });
  const received = new Map<string, unknown[]>();
  server.io.on("connection", (far) => {
    // while nothing waits, the header of a binary event leaves alone: its attachments are a round trip behind
    const pulse = setInterval(() => {
      far.emit("picture", bytes, { deep: [bytes] });
      far.emit("text", far.id);
    }, 450);
    far.on("disconnect", () => clearInterval(pulse));
    far.on("n", (who: string, n: unknown) => {
      received.set(who, [...(received.get(who) ?? []), n]);
    });
  });
  return { server, proxy, received };
}

/** The header of a binary event has arrived, and `ms` have gone by. */
async function midPicture(socket: Socket, ms: number): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.io.engine?.on("packet", ({ data }) => {
      if (typeof data === "string" && data.startsWith("52-")) resolve();
    });
  });
  if (ms) await new Promise((resolve) => setTimeout(resolve, ms));
}

describe.each(modes)("A new session over $name, 200 ms from the server", (mode) => {
  it.each(ways)("hears nothing of the old one, left by %s amid binary events", async (_, leave) => {
    const { proxy } = await setUp(mode);
    const play = async (ms: number): Promise<unknown> => {
      const socket = client(proxy.url, mode.options);
      const losses = lossesOf(socket);
      const wrong: unknown[] = [];
      socket.on("text", (id: string) => {
        if (id !== socket.id) wrong.push(id);
      });
      socket.on("picture", (...args: unknown[]) => {
        const [first, second] = args as [ArrayBuffer, { deep: ArrayBuffer[] }];
        const sizes = [first.byteLength, second.deep[0]?.byteLength];
        if (sizes[0] !== 3 || sizes[1] !== 3) wrong.push(sizes);
      });
      await connected(socket);
      // nothing is half read when it leaves; what comes later is another session's
      await next(socket, "picture");
      await new Promise((resolve) => setTimeout(resolve, ms));
      // over polling the old session needs several requests to say this, and goes on hearing meanwhile
      for (let n = 0; n < 150; n++) socket.emit("unheard", n);
      leave(socket);
      await until(() => socket.connected);
      for (let n = 0; n < 3; n++) await next(socket, "picture");
      return [losses.filter((reason) => reason !== "forced close"), wrong];
    };
    const results = await Promise.all(MOMENTS.map(play));
    expect(results).toEqual(MOMENTS.map(() => [[], []]));
  });

  it("doesn't cost what was emitted before disconnect()", async () => {
    const { proxy, received } = await setUp(mode);
    const count = 40;
    const play = async (ms: number): Promise<void> => {
      const socket = await connected(client(proxy.url, mode.options));
      await midPicture(socket, ms);
      for (let n = 0; n < count; n++) socket.emit("n", String(ms), n);
      socket.disconnect();
      socket.connect();
      await connected(socket);
      socket.emit("n", String(ms), "end");
    };
    await Promise.all(MOMENTS.map(play));
    const numbers = (ms: number): unknown[] => received.get(String(ms)) ?? [];
    await until(() => MOMENTS.every((ms) => numbers(ms).includes("end")));
    const missing = MOMENTS.map((ms) => count + 1 - new Set(numbers(ms)).size);
    expect(missing).toEqual(MOMENTS.map(() => 0));
  });
});
