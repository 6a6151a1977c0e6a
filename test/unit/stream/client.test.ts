import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { receiveStream, receiveUploads, stream as serveStream } from "../../../src/server/index.js";
import { sendStream, stream } from "../../../src/stream/index.js";
import { type Progress, upload } from "../../../src/upload/index.js";
import { Line, type ServerEnd } from "../../support/stream-pair.js";

let line: Line;
let far: { on(event: "connection", listener: (socket: never) => void): unknown };

beforeEach(() => {
  vi.useFakeTimers();
  line = new Line();
  far = { on: (_event, listener) => line.servers.on("connection", listener as never) };
});
afterEach(() => {
  vi.useRealTimers();
});

async function settle(turns = 100): Promise<void> {
  for (let i = 0; i < turns; i++) {
    line.step("up");
    await vi.advanceTimersByTimeAsync(0);
    line.step("down");
    await vi.advanceTimersByTimeAsync(0);
  }
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error: { code?: unknown }) => error.code,
  );

async function* count(to: number) {
  for (let n = 0; n < to; n++) yield n;
}

async function* chunks(to: number, size: number) {
  for (let n = 0; n < to; n++) yield new Uint8Array(size).fill(n);
}

function collect(): { items: unknown[] } {
  const seen = { items: [] as unknown[] };
  receiveStream(far, "e", async (items) => {
    for await (const item of items) seen.items.push(item);
    return seen.items.length;
  });
  return seen;
}

async function store(_file: unknown, parts: AsyncIterable<Uint8Array>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const { length } of parts) sizes.push(length);
  return sizes;
}

describe("stream()", () => {
  it("begins when the socket connects (STR-4)", async () => {
    serveStream(far, "e", () => count(2));
    const first = stream(line.client, "e").next();
    await settle(5);
    expect(line.client.sent).toEqual([]);
    line.connect();
    await settle();
    expect(await first).toEqual({ value: 0, done: false });
  });

  it("is over at once when its signal was aborted before (STR-5)", async () => {
    line.connect();
    const signal = AbortSignal.abort("never mind");
    await expect(stream(line.client, "e", 1, { signal }).next()).rejects.toMatchObject({
      code: "aborted",
      cause: "never mind",
    });
    expect(line.client.listeners()).toBe(0);
  });

  it("ends with the connection when it is not to resume (STR-6)", async () => {
    serveStream(far, "e", () => count(1000));
    line.connect();
    const reader = stream(line.client, "e", 1, { resume: false, window: 2 });
    const first = reader.next();
    await settle(10);
    await first;
    line.cut();
    const rest = codeOf(
      (async () => {
        for await (const _ of reader);
      })(),
    );
    expect(await rest).toBe("disconnected");
    expect(line.client.listeners()).toBe(0);
  });

  it("ends when the socket doesn't come back (STR-7)", async () => {
    line.connect();
    const code = codeOf(stream(line.client, "e").next());
    line.client.active = false;
    line.cut();
    expect(await code).toBe("disconnected");
  });

  it("goes on reading what it has while there is no connection (STR-8)", async () => {
    serveStream(far, "e", () => count(10));
    line.connect();
    const reader = stream<number>(line.client, "e");
    await settle();
    line.cut();
    const items: number[] = [];
    for await (const item of reader) items.push(item);
    expect(items).toHaveLength(10);
  });

  it("serves several readers of one loop in order", async () => {
    serveStream(far, "e", () => count(3));
    line.connect();
    const reader = stream(line.client, "e");
    const all = Promise.all([
      reader.next(),
      reader.next(),
      reader.next(),
      reader.next(),
      reader.next(),
    ]);
    await settle();
    expect((await all).map(({ value, done }) => done || value)).toEqual([0, 1, 2, true, true]);
  });

  it("is not held up by several readers of a window of one", async () => {
    serveStream(far, "e", () => count(3));
    line.connect();
    const reader = stream(line.client, "e", 1, { window: 1 });
    const all = Promise.all([reader.next(), reader.next(), reader.next()]);
    await settle();
    expect((await all).map(({ value }) => value)).toEqual([0, 1, 2]);
  });

  it("tells where it is (STR-9)", async () => {
    serveStream(far, "e", () => count(3));
    line.connect();
    const reader = stream(line.client, "e", 1, { id: "mine" });
    await settle();
    expect([reader.id, reader.offset]).toEqual(["mine", 0]);
    await reader.next();
    expect(reader.offset).toBe(1);
  });

  it.each([
    { window: -1 },
    { window: NaN },
    { window: "5" },
    { signal: {} },
    { timeout: NaN },
    { timeout: -1 },
    { idleTimeout: NaN },
    { idleTimeout: -1 },
    { idleTimeout: "5" },
  ])("refuses the options %j", (options) => {
    expect(() => stream(line.client, "e", 1, options as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it("has its iterator under the name that Hermes' compilers look for", async () => {
    const real = Symbol;
    const { iterator, toStringTag } = real;
    const symbols = Object.assign((text: string) => real(text), { iterator, toStringTag });
    vi.resetModules();
    vi.stubGlobal("Symbol", symbols);
    const hermes = await import("../../../src/stream/index.js");
    const reader = hermes.stream(line.client, "e") as unknown as Record<string, () => unknown>;
    expect(reader["@@asyncIterator"]?.()).toBe(reader);
    vi.unstubAllGlobals();
  });
});

describe("sendStream()", () => {
  it.each([
    { timeout: 0 },
    { timeout: Infinity },
    { timeout: 1e12 },
    { idleTimeout: 0 },
    { idleTimeout: Infinity },
  ])("has no limit of time with %j (STR-10)", async (options) => {
    const answers: (() => void)[] = [];
    line.servers.on("connection", (socket: ServerEnd) => {
      socket.on("e", (frame: any, reply: (answer: unknown) => void) =>
        answers.push(() =>
          reply({
            offset: frame.complete ? frame.offset : (frame.offset ?? -1) + 1,
            complete: frame.complete,
            result: "done",
          }),
        ),
      );
    });
    line.connect();
    const sent = sendStream(line.client, "e", [1], options);
    for (let i = 0; i < 3; i++) {
      await settle(3);
      // a default of 20 s is for the opening alone
      await vi.advanceTimersByTimeAsync("timeout" in options || i ? (10 * 86_400_000) / 3 : 0);
      answers.shift()?.();
    }
    await settle(3);
    expect(await sent).toBe("done");
  });

  it("ends when the server has refused the socket for good", async () => {
    const code = codeOf(sendStream(line.client, "e", [1]));
    line.client.tell("connect_error", new Error("for now"));
    expect(line.client.listeners()).toBeGreaterThan(0);
    line.client.active = false;
    line.client.tell("connect_error", new Error("not you"));
    expect(await code).toBe("disconnected");
    expect(line.client.listeners()).toBe(0);
  });

  it("sends no undefined, which JSON has not", async () => {
    const seen = collect();
    line.connect();
    const sent = sendStream(line.client, "e", [undefined, null, 0, ""]);
    await settle();
    expect(await sent).toBe(4);
    expect(seen.items).toEqual([null, null, 0, ""]);
  });

  it("reads its source no further than one window (STR-1)", async () => {
    receiveStream(far, "e", () => new Promise(() => {}));
    line.connect();
    let read = 0;
    void codeOf(
      sendStream(
        line.client,
        "e",
        (async function* () {
          for (;;) yield read++;
        })(),
        { window: 7 },
      ),
    );
    await settle();
    expect(read).toBe(7);
  });

  it("tells the server of an error of its source (STR-11)", async () => {
    const told: unknown[] = [];
    receiveStream(far, "e", async (items) => {
      try {
        for await (const _ of items);
      } catch (error) {
        told.push(error);
        throw error;
      }
    });
    line.connect();
    const code = codeOf(
      sendStream(
        line.client,
        "e",
        (async function* () {
          yield 1;
          throw Object.assign(new Error("sensor is gone"), { code: "sensor" });
        })(),
      ),
    );
    await settle();
    expect(await code).toBe("sensor");
    expect(told).toMatchObject([{ code: "sensor", message: "sensor is gone", type: "remote" }]);
  });

  it("skips after a reload what the server has (STR-13)", async () => {
    const seen = collect();
    line.connect();
    void codeOf(sendStream(line.client, "e", count(100), { id: "kept", window: 3 }));
    await settle(4);
    const had = seen.items.length;
    expect(had).toBeGreaterThan(0);
    // the page is gone without a word
    line.cut();
    const page = new Line();
    page.servers.on("connection", (socket: ServerEnd) => line.servers.tell("connection", socket));
    line.up.length = 0;
    const again = sendStream(page.client, "e", count(100), { id: "kept" });
    page.connect();
    for (let i = 0; i < 300; i++) {
      page.step("up");
      await vi.advanceTimersByTimeAsync(0);
      page.step("down");
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(await again).toBe(100);
    expect(seen.items).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it.each([undefined, null, 0, "", false])(
    "rejects when its source throws %j (STR-11)",
    async (thrown) => {
      const seen = collect();
      line.connect();
      const code = codeOf(
        sendStream(
          line.client,
          "e",
          (async function* () {
            yield 1;
            throw thrown;
          })(),
        ),
      );
      await settle();
      expect(await code).toBe("stream-failed");
      expect(seen.items).toEqual([1]);
    },
  );

  it("closes its source when it is aborted (STR-12)", async () => {
    collect();
    line.connect();
    const abort = new AbortController();
    let isClosed = false;
    const source = (async function* () {
      try {
        for (;;) yield 1;
      } finally {
        isClosed = true;
      }
    })();
    const code = codeOf(sendStream(line.client, "e", source, { signal: abort.signal }));
    await settle(5);
    abort.abort();
    await settle(5);
    expect(await code).toBe("aborted");
    expect(isClosed).toBe(true);
  });
});

describe("upload()", () => {
  const file = Uint8Array.from({ length: 100 }, (_, n) => n);

  it.each([
    ["a Blob", () => new Blob([file])],
    ["an ArrayBuffer", () => file.buffer],
    ["a view of a part", () => new DataView(new Uint8Array([...file, 1, 2]).buffer, 0, 100)],
    ["an async iterable", () => chunks(1, 100)],
  ])("sends %s in chunks (UPL-1)", async (_what, make) => {
    receiveUploads(far, "up", store);
    line.connect();
    vi.useRealTimers();
    const sent = upload(line.client, "up", make() as Blob, { chunkSize: 40 });
    let isOver = false;
    const over = (): void => void (isOver = true);
    sent.then(over, over);
    // as long as the host takes to read a chunk
    while (!isOver) {
      line.step("up");
      await new Promise((resolve) => setImmediate(resolve));
      line.step("down");
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await sent).toEqual([40, 40, 20]);
  });

  it("sends an empty file (UPL-2)", async () => {
    receiveUploads(far, "up", store);
    line.connect();
    const percents: unknown[] = [];
    const sent = upload(line.client, "up", new Uint8Array(), {
      onProgress: ({ percent }) => percents.push(percent),
    });
    await settle();
    expect(await sent).toEqual([]);
    expect(percents.at(-1)).toBe(100);
  });

  it("tells bytes, percent, rate and the time that is left (UPL-3)", async () => {
    receiveUploads(far, "up", store);
    line.connect();
    const seen: Progress[] = [];
    void upload(line.client, "up", file, {
      chunkSize: 10,
      window: 1,
      onProgress: (progress) => seen.push(progress),
    });
    for (let i = 0; i < 12; i++) {
      await vi.advanceTimersByTimeAsync(250);
      await settle(1);
    }
    expect(seen[0]).toEqual({
      sent: 0,
      acked: 0,
      size: 100,
      percent: 0,
      rate: 0,
      timeLeft: undefined,
    });
    const half = seen.filter(({ acked }) => acked === 50).pop() as Progress;
    expect(half).toMatchObject({ sent: 60, acked: 50, percent: 50 });
    // 10 bytes in 250 ms
    expect(half.rate).toBeCloseTo(40, 5);
    expect(half.timeLeft).toBeCloseTo(1250, 5);
  });

  it("is not stopped by a listener that throws (UPL-4)", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    receiveUploads(far, "up", store);
    line.connect();
    const sent = upload(line.client, "up", file, {
      onProgress() {
        throw new Error("mine");
      },
    });
    await settle();
    expect(await sent).toEqual([100]);
    expect(reported).toHaveBeenCalled();
    vi.unstubAllGlobals();
  });

  it("ends with a chunk that is no bytes (UPL-5)", async () => {
    receiveUploads(far, "up", store);
    line.connect();
    const texts = (async function* () {
      yield "text";
    })();
    const code = codeOf(upload(line.client, "up", texts as never));
    await settle();
    expect(await code).toBe("invalid-option");
  });

  it("sends the rest of a chunk of which the server has a part (UPL-6)", async () => {
    const frames: any[] = [];
    line.servers.on("connection", (socket: ServerEnd) => {
      socket.on("up", (frame: any, reply?: (answer: unknown) => void) => {
        frames.push(frame);
        if (frame.complete) reply?.({ offset: 100, complete: true });
        else if (frames.length === 1) reply?.({ offset: 0 });
        else if (frame.data === undefined) reply?.({ offset: 15 });
        else if (frames.length > 4) reply?.({ offset: frame.offset + frame.data.length });
      });
    });
    line.connect();
    const sent = upload(line.client, "up", chunks(5, 20), { chunkSize: 20, window: 2 });
    await settle(10);
    line.cut();
    line.connect();
    await settle();
    await sent;
    expect(frames.map(({ offset, data }) => [offset, data?.length])).toEqual([
      [undefined, undefined],
      [0, 20],
      [20, 20],
      [undefined, undefined],
      [15, 5],
      [20, 20],
      [40, 20],
      [60, 20],
      [80, 20],
      [100, undefined],
    ]);
  });

  it("shares the line with other uploads (UPL-7)", async () => {
    const order: string[] = [];
    receiveUploads(far, "up", async ({ name }, chunks) => {
      for await (const _ of chunks) order.push(String(name));
    });
    line.connect();
    const both = ["a", "b"].map((name) =>
      upload(line.client, "up", file, { name, chunkSize: 10, window: 2 }),
    );
    await settle();
    await Promise.all(both);
    const first = order.slice(0, 10);
    expect(first.filter((name) => name === "b").length).toBeGreaterThan(2);
  });

  it.each([0, 0.2])("takes a chunk size of %j for the smallest one", async (chunkSize) => {
    receiveUploads(far, "up", store);
    line.connect();
    const sent = upload(line.client, "up", new Uint8Array(3), { chunkSize, window: 0 });
    await settle();
    expect(await sent).toEqual([1, 1, 1]);
  });
});
