/** Streams over sockets whose options change how packets travel. */
import { describe, expect, it } from "vitest";
import { exactlyOnce } from "../../src/delivery/index.js";
import {
  dedupe,
  receiveStream,
  receiveUploads,
  stream as serveStream,
} from "../../src/server/index.js";
import { sendStream, stream } from "../../src/stream/index.js";
import { upload } from "../../src/upload/index.js";
import {
  allModes,
  client,
  connected,
  proxyTo,
  serve,
  type ClientOptions,
} from "../support/harness.js";

const COUNT = 300;
const numbers = Array.from({ length: COUNT }, (_, n) => n);

describe.each<[string, ClientOptions]>([
  ["exactly-once delivery", { delivery: exactlyOnce() }],
  ["retries", { retries: 3, ackTimeout: 5000 }],
  ["a small buffer", { buffer: { maxPackets: 10 } }],
  ["recovery of sessions", {}],
])("With %s", (what, options) => {
  it("streams go both ways through cuts", async () => {
    const server = await serve(what.startsWith("recovery") ? { connectionStateRecovery: {} } : {});
    dedupe(server.io);
    const items: unknown[] = [];
    receiveStream(server.io, "up", async (source) => {
      for await (const item of source) items.push(item);
    });
    serveStream(server.io, "down", () => numbers);
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, {
      transports: ["websocket"],
      reconnectionDelay: 1,
      reconnectionDelayMax: 10,
      ...options,
    });
    await connected(socket);
    async function* source() {
      for (const n of numbers) {
        if (n % 60 === 59) proxy.cut();
        yield n;
      }
    }
    await sendStream(socket, "up", source(), { window: 8 });
    expect(items).toEqual(numbers);
    const read: unknown[] = [];
    for await (const item of stream(socket, "down")) {
      read.push(item);
      if (read.length % 60 === 0) proxy.cut();
    }
    expect(read).toEqual(numbers);
  });
});

describe("A stream", () => {
  it("is not ended by the ackTimeout of the manager", async () => {
    const server = await serve();
    let handled: () => void = () => {};
    const slow = new Promise<void>((resolve) => (handled = resolve));
    receiveStream(server.io, "up", async (source) => {
      for await (const _ of source) await slow;
      return "handled";
    });
    const socket = client(server.url, { ackTimeout: 20, transports: ["websocket"] });
    const sent = sendStream(socket, "up", [1]);
    await expect(socket.emitWithAck("nobody answers this")).rejects.toMatchObject({
      code: "ack-timeout",
    });
    await expect(socket.emitWithAck("nor this")).rejects.toMatchObject({ code: "ack-timeout" });
    handled();
    expect(await sent).toBe("handled");
  });

  it("opens first of all on a new connection: what waited on the old one is withdrawn", async () => {
    const server = await serve();
    const heard: string[][] = [];
    server.io.on("connection", (far) => {
      const frames: string[] = [];
      heard.push(frames);
      far.on("up", (frame: object) => frames.push("data" in frame ? "data" : "open"));
    });
    receiveUploads(server.io, "up", async (_file, chunks) => {
      let bytes = 0;
      for await (const { length } of chunks) {
        bytes += length;
        if (bytes % 300_000 < length) proxy.cut();
      }
      return bytes;
    });
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["polling"], reconnectionDelay: 1 });
    expect(await upload(socket, "up", new Uint8Array(2_000_000))).toBe(2_000_000);
    const used = heard.filter(({ length }) => length);
    expect(used.length).toBeGreaterThan(3);
    expect(used.map(([first]) => first)).toEqual(used.map(() => "open"));
  });

  it("ends when the server disconnects the socket (STR-7)", async () => {
    const server = await serve();
    serveStream(server.io, "down", async function* () {
      yield 1;
      await new Promise(() => {});
    });
    const socket = client(server.url);
    const reader = stream(socket, "down");
    await reader.next();
    const rest = reader.next();
    server.io.disconnectSockets();
    await expect(rest).rejects.toMatchObject({ code: "disconnected" });
  });

  it("ends with what can't be written, on both sides", async () => {
    const server = await serve();
    serveStream(server.io, "down", () => [1, 5n]);
    receiveStream(server.io, "up", async (items) => {
      for await (const _ of items);
      return 5n;
    });
    const socket = client(server.url);
    const reader = stream(socket, "down");
    expect(await reader.next()).toEqual({ value: 1, done: false });
    await expect(reader.next()).rejects.toMatchObject({ code: "stream-failed", type: "remote" });
    await expect(sendStream(socket, "up", [1])).rejects.toMatchObject({ code: "stream-failed" });
    await expect(sendStream(socket, "up", [5n])).rejects.toMatchObject({ code: "unserializable" });
  });

  it("ends at once on a socket that was disconnected before (STR-7)", async () => {
    const server = await serve();
    const socket = (await connected(client(server.url))).disconnect();
    await expect(stream(socket, "down").next()).rejects.toMatchObject({ code: "disconnected" });
    await expect(upload(socket, "up", new Uint8Array(5))).rejects.toMatchObject({
      code: "disconnected",
    });
  });

  it("waits for a socket that has yet to be connected", async () => {
    const server = await serve();
    serveStream(server.io, "down", () => numbers);
    const socket = client(server.url, { autoConnect: false });
    const first = stream(socket, "down").next();
    socket.connect();
    expect(await first).toEqual({ value: 0, done: false });
  });

  it("ends an upload whose chunks are too large for the server", async () => {
    const server = await serve({ maxHttpBufferSize: 10_000 });
    receiveUploads(server.io, "up", () => new Promise(() => {}));
    const socket = client(server.url, { transports: ["websocket"] });
    await connected(socket);
    await expect(
      upload(socket, "up", new Uint8Array(50_000), { chunkSize: 20_000 }),
    ).rejects.toMatchObject({ code: "too-large" });
  });

  it("is known to all sockets of a namespace, where each of them is given to the function", async () => {
    const server = await serve();
    server.io.on("connection", (far) => {
      serveStream(far, "down", () => numbers);
      receiveStream(far, "up", async (items) => {
        let sum = 0;
        for await (const item of items) sum += item as number;
        return sum;
      });
    });
    const proxy = await proxyTo(server);
    const socket = client(proxy.url, { transports: ["websocket"] });
    const read: unknown[] = [];
    for await (const item of stream(socket, "down", 0, { window: 5 })) {
      read.push(item);
      if (read.length % 100 === 50) proxy.cut();
    }
    expect(read).toEqual(numbers);
    expect(await sendStream(socket, "up", numbers)).toBe((COUNT * (COUNT - 1)) / 2);
  });
});

describe.each(allModes)("Over $name", (mode) => {
  it("a namespace of its own has streams of its own, with bytes anywhere in items", async () => {
    const server = await serve(mode.server);
    serveStream(server.io.of("/a"), "down", (input) => [
      { input, deep: [{ bytes: Uint8Array.of(1, 2) }] },
    ]);
    const socket = client(`${server.url}/a`, mode.options);
    const items: any[] = [];
    for await (const item of stream(socket, "down", { question: Uint8Array.of(9) }))
      items.push(item);
    expect(items).toHaveLength(1);
    expect([...new Uint8Array(items[0].deep[0].bytes)]).toEqual([1, 2]);
    expect([...new Uint8Array(items[0].input.question)]).toEqual([9]);
  });
});
