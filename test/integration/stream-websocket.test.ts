/** Scenario 14, and streams, over a plain WebSocket: a server of `ws` beside the app's own messages. */
import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { WebSocket, type WebSocket as WsSocket } from "ws";
import {
  overWebSockets,
  receiveStream,
  receiveUploads,
  stream as serveStream,
} from "../../src/server/index.js";
import {
  overWebSocket,
  sendStream,
  stream,
  type WebSocketOfStream,
} from "../../src/stream/index.js";
import { upload } from "../../src/upload/index.js";
import { closing, proxyTo, until } from "../support/harness.js";
import { startWebSocketServer } from "../support/servers.js";

/** A stand-in for a WebSocket that connects again: the interface, and nothing of its care. */
class Reconnecting extends EventTarget {
  binaryType = "arraybuffer";
  #socket: WebSocket | undefined;
  #isClosed = false;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    this.#open();
  }

  get readyState(): number {
    return this.#socket?.readyState ?? 3;
  }

  get state(): string {
    return this.readyState === 3 && !this.#isClosed ? "waiting" : "";
  }

  send(data: string | Uint8Array): void {
    this.#socket?.send(data);
  }

  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #open(): void {
    if (this.#isClosed) return;
    const socket = (this.#socket = new WebSocket(this.url));
    socket.binaryType = "arraybuffer";
    socket.on("error", () => {});
    socket.addEventListener("open", () => this.dispatchEvent(new Event("open")));
    socket.addEventListener("message", ({ data }) =>
      this.dispatchEvent(new MessageEvent("message", { data })),
    );
    socket.addEventListener("close", () => {
      setTimeout(() => this.#open(), 5);
      this.dispatchEvent(new Event("close"));
    });
  }
}

async function setUp() {
  const running = await closing(startWebSocketServer());
  const proxy = await proxyTo(running);
  const socket = new Reconnecting(proxy.url.replace("http", "ws"));
  await closing(Promise.resolve(socket));
  const port = overWebSocket(socket as unknown as WebSocketOfStream);
  return { server: running.sockets, far: overWebSockets(running.sockets), proxy, socket, port };
}

describe("Scenario 14: an upload with percentage over a plain WebSocket", () => {
  it("arrives through cuts, with progress on both sides", async () => {
    const { far, proxy, port } = await setUp();
    const file = randomBytes(4 * 2 ** 20);
    const hash = createHash("sha256");
    let received = 0;
    let cuts = 0;
    receiveUploads(far, "upload", async (announced, chunks) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        received += chunk.length;
        if (cuts < 20 && received > ((cuts + 1) * file.length) / 22) {
          cuts++;
          proxy.cut();
        }
      }
      return { name: announced.name, sum: hash.digest("hex") };
    });
    const percents: number[] = [];
    const result = await upload(
      port,
      "upload",
      new File([file], "photo.jpg", { type: "image/jpeg" }),
      {
        onProgress: ({ percent }) => percents.push(percent as number),
      },
    );
    expect(result).toEqual({
      name: "photo.jpg",
      sum: createHash("sha256").update(file).digest("hex"),
    });
    expect(cuts).toBe(20);
    expect(received).toBe(file.length);
    expect(percents.at(-1)).toBe(100);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  it("leaves the app's own messages alone (STR-30)", async () => {
    const { server, far, socket, port } = await setUp();
    const seen: unknown[] = [];
    server.on("connection", (one) =>
      one.on("message", (data, isBinary) => seen.push([String(data), isBinary])),
    );
    receiveUploads(far, "upload", async (_file, chunks) => {
      let bytes = 0;
      for await (const chunk of chunks) bytes += chunk.length;
      return bytes;
    });
    await until(() => port.connected);
    for (const text of [
      "hello",
      "{",
      '{"type":"chat"}',
      "null",
      '{"event":5,"frame":{}}',
      '{"event":"upload","frame":null}',
    ])
      socket.send(text);
    socket.send(Uint8Array.of(1, 2, 3));
    socket.send(Uint8Array.of(10));
    socket.send(Uint8Array.of(123, 10, 1));
    expect(await upload(port, "upload", new Uint8Array(100_000))).toBe(100_000);
    expect(seen.slice(0, 2)).toEqual([
      ["hello", false],
      ["{", false],
    ]);
  });

  it("is aborted on the server within a round trip (UPL-10)", async () => {
    const { far, port } = await setUp();
    let fail: (error: unknown) => void = () => {};
    const failed = new Promise((resolve) => (fail = resolve));
    receiveUploads(far, "upload", async (_file, chunks) => {
      try {
        for await (const _ of chunks) sending.abort("no longer wanted");
      } catch (error) {
        fail(error);
        throw error;
      }
    });
    const sending = upload(port, "upload", new Uint8Array(10 * 2 ** 20));
    await expect(sending).rejects.toMatchObject({ code: "aborted", cause: "no longer wanted" });
    expect(await failed).toMatchObject({ code: "aborted" });
  });

  it("rests while it is paused", async () => {
    const { far, port } = await setUp();
    let received = 0;
    receiveUploads(far, "upload", async (_file, chunks) => {
      for await (const chunk of chunks) received += chunk.length;
      return received;
    });
    let underWay = 0;
    const sending = upload(port, "upload", new Uint8Array(2 ** 20), {
      onProgress: (progress) => {
        underWay = progress.sent - progress.acked;
        if (progress.sent > 2 ** 18 && !paused) {
          paused = true;
          sending.pause();
        }
      },
    });
    let paused = false;
    // what had been sent when it paused still arrives
    await until(() => paused && underWay === 0);
    const before = received;
    const { promise, resolve } = later();
    setImmediate(() => setImmediate(resolve));
    await promise;
    expect(received).toBe(before);
    expect(received).toBeLessThan(2 ** 20);
    sending.resume();
    expect(await sending).toBe(2 ** 20);
  });
});

function later() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe("Streams over a plain WebSocket", () => {
  it("are read through cuts (STR-29)", async () => {
    const { far, proxy, port } = await setUp();
    serveStream(far, "numbers", async function* (count: number) {
      for (let n = 0; n < count; n++) yield n % 3 ? n : { n, text: "grüße \u{1f600}" };
    });
    const items: unknown[] = [];
    for await (const item of stream(port, "numbers", 3000)) {
      items.push(typeof item === "number" ? item : (item as { n: number }).n);
      if (items.length % 150 === 0) proxy.cut();
    }
    expect(items).toEqual(Array.from({ length: 3000 }, (_, n) => n));
  });

  it("are sent, with bytes among the values", async () => {
    const { far, port } = await setUp();
    receiveStream(far, "items", async (items, { input }) => {
      const seen: unknown[] = [input];
      for await (const item of items) seen.push(item instanceof Uint8Array ? [...item] : item);
      return seen;
    });
    const result = await sendStream(port, "items", [1, "zwölf", Uint8Array.of(10, 13, 0), null], {
      input: { of: "ünïcode" },
    });
    expect(result).toEqual([{ of: "ünïcode" }, 1, "zwölf", [10, 13, 0], null]);
  });

  it("are told apart, whoever wraps the socket, and however many handlers the server has", async () => {
    const { far, port, socket } = await setUp();
    const written = { slow: 0, fast: 0 };
    for (const event of ["slow", "fast"] as const)
      serveStream(
        far,
        event,
        async function* () {
          for (let n = 0; n < 40; n++) {
            written[event]++;
            yield `${event} ${n}`;
          }
        },
        { window: 4 },
      );
    const again = () => overWebSocket(socket as unknown as WebSocketOfStream);
    expect(again()).toBe(port);
    const slow = stream(again(), "slow");
    expect(await slow.next()).toEqual({ value: "slow 0", done: false });
    const items: unknown[] = [];
    for await (const item of stream(again(), "fast")) items.push(item);
    expect(items).toEqual(Array.from({ length: 40 }, (_, n) => `fast ${n}`));
    // answers of the fast one let nothing of the slow one through
    expect(written.slow).toBeLessThanOrEqual(5);
    const rest: unknown[] = [];
    for await (const item of slow) rest.push(item);
    expect(rest).toHaveLength(39);
  });

  it("answer no question of a connection that is lost: the next one has that number too", async () => {
    const { server, proxy, socket, port } = await setUp();
    const told: unknown[] = [];
    const replies: ((answer: object) => void)[] = [];
    port.on("question", (_frame, reply) => void replies.push(reply as () => void));
    const ask = (one: WsSocket): void =>
      one.send(JSON.stringify({ event: "question", frame: { id: "x" }, ask: 1 }));
    server.on("connection", (one) => {
      one.on("message", (data) => told.push(JSON.parse(String(data))));
      ask(one);
    });
    for (const one of server.clients) ask(one);
    await until(() => replies.length === 1);
    proxy.cut();
    await until(() => replies.length === 2 && port.connected);
    replies[0]?.({ offset: 1 });
    replies[1]?.({ offset: 2 });
    socket.send("{}");
    await until(() => told.length > 1);
    expect(told.slice(0, 2)).toEqual([{ event: "question", frame: { offset: 2 }, answers: 1 }, {}]);
  });

  it("end at once on a socket that is closed (STR-31)", async () => {
    const { socket, port } = await setUp();
    await until(() => port.connected);
    const ended = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.close();
    await ended;
    await until(() => !port.active);
    const all = [
      stream(port, "numbers").next(),
      sendStream(port, "items", [1]),
      upload(port, "upload", new Uint8Array(9)),
    ];
    for (const one of all) await expect(one).rejects.toMatchObject({ code: "disconnected" });
  });

  it("end when the socket is closed for good", async () => {
    const { far, socket, port } = await setUp();
    serveStream(far, "numbers", async function* () {
      yield 1;
      await new Promise(() => {});
    });
    const reader = stream(port, "numbers");
    expect(await reader.next()).toEqual({ value: 1, done: false });
    const next = reader.next();
    socket.close();
    await expect(next).rejects.toMatchObject({ code: "disconnected" });
  });

  it("refuse what is too large for the head of a message", async () => {
    const { server, far, socket, port } = await setUp();
    const errors: unknown[] = [];
    server.on("connection", (one) => one.on("error", (error) => errors.push(error)));
    receiveStream(far, "items", async (items) => {
      for await (const _ of items);
      return "fine";
    });
    await until(() => port.connected);
    socket.send(new Uint8Array(200_000).fill(32));
    expect(await sendStream(port, "items", [])).toBe("fine");
    expect(errors).toEqual([]);
  });
});
