import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { receiveStream, receiveUploads, stream as serveStream } from "../../../src/server/index.js";
import { sendStream, stream } from "../../../src/stream/index.js";
import { upload } from "../../../src/upload/index.js";
import { Line, type ServerEnd } from "../../support/stream-pair.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

let line: Line;
/** As an io server: it tells of connections. */
let far: { on(event: "connection", listener: (socket: never) => void): unknown };

beforeEach(() => {
  line = new Line();
  far = { on: (_event, listener) => line.servers.on("connection", listener as never) };
});

/** Everything that is under way arrives. */
async function settle(turns = 200): Promise<void> {
  for (let i = 0; i < turns; i++) {
    line.step("up");
    await vi.advanceTimersByTimeAsync(0);
    line.step("down");
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** What the server answers to a frame. */
async function ask(event: string, frame: unknown): Promise<any> {
  const answers: unknown[] = [];
  line.client.emit(event, frame, (answer: unknown) => answers.push(answer));
  await settle(20);
  return answers[0];
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "resolved",
    (error: { code?: unknown }) => error.code,
  );

async function* forever() {
  for (let n = 0; ; n++) yield n;
}

describe("stream() on a server", () => {
  it("is held within one window by a slow reader (STR-1)", async () => {
    let written = 0;
    serveStream(far, "e", async function* () {
      for (;;) yield written++;
    });
    line.connect();
    const reader = stream(line.client, "e", undefined, { window: 5 });
    const first = reader.next();
    await settle();
    expect(await first).toEqual({ value: 0, done: false });
    expect(written).toBe(5 + 1 - 1);
    void reader.next();
    await settle();
    expect(written).toBe(6);
  });

  it("ends within a round trip when the reader leaves its loop (STR-2)", async () => {
    let signal: AbortSignal | undefined;
    let isClosed = false;
    serveStream(far, "e", async function* (_input, context) {
      ({ signal } = context);
      try {
        yield* forever();
      } finally {
        isClosed = true;
      }
    });
    line.connect();
    const reader = stream(line.client, "e");
    const first = reader.next();
    await settle();
    await first;
    await reader.return?.();
    // what is on its way, and one message more
    while (line.up.length) line.step("up");
    await vi.advanceTimersByTimeAsync(0);
    expect(isClosed).toBe(true);
    expect(signal?.aborted).toBe(true);
    expect(line.client.listeners()).toBe(0);
  });

  it("hands its error on, with code and message, behind the items before it (STR-14)", async () => {
    serveStream(far, "e", async function* () {
      yield 1;
      throw Object.assign(new Error("quota is used up"), { code: "quota" });
    });
    line.connect();
    const items: unknown[] = [];
    const reading = (async () => {
      for await (const item of stream(line.client, "e")) items.push(item);
    })();
    const caught = reading.catch((error: unknown) => error);
    await settle();
    expect(await caught).toMatchObject({
      code: "quota",
      message: "quota is used up",
      type: "remote",
    });
    expect(items).toEqual([1]);
  });

  it("lets onError change what the client is told (STR-15)", async () => {
    serveStream(
      far,
      "e",
      async function* () {
        yield* [];
        throw new Error("password=hunter2");
      },
      { onError: () => ({ code: "internal", message: "see the log" }) },
    );
    line.connect();
    const next = stream(line.client, "e")
      .next()
      .catch((error: unknown) => error);
    await settle();
    expect(await next).toMatchObject({ code: "internal", message: "see the log" });
  });

  it("tells a client that comes back to a new process that it knows no such stream (STR-16)", async () => {
    serveStream(far, "e", forever);
    line.connect();
    const code = codeOf(stream(line.client, "e", 1, { id: "kept", offset: 7 }).next());
    await settle();
    expect(await code).toBe("unknown-stream");
  });

  it("begins at the offset where the handler can (STR-17)", async () => {
    serveStream(
      far,
      "e",
      async function* (_input, { offset }) {
        for (let n = offset; n < 10; n++) yield n;
      },
      { fromOffset: true },
    );
    line.connect();
    const first = stream(line.client, "e", 1, { id: "kept", offset: 7 }).next();
    await settle();
    expect(await first).toEqual({ value: 7, done: false });
  });

  it("keeps a stream for a client that is away, and no longer (STR-18)", async () => {
    let signal: AbortSignal | undefined;
    serveStream(far, "e", (_input, context) => ((signal = context.signal), forever()), {
      keep: 1000,
    });
    line.connect();
    const reader = stream(line.client, "e");
    const first = reader.next();
    await settle();
    await first;
    line.cut();
    await vi.advanceTimersByTimeAsync(900);
    line.connect();
    await settle();
    expect(signal?.aborted).toBe(false);
    line.cut();
    await vi.advanceTimersByTimeAsync(1100);
    expect(signal?.aborted).toBe(true);
    line.connect();
    const read = (async () => {
      for await (const _ of reader);
    })();
    const code = codeOf(read);
    await settle(300);
    expect(await code).toBe("unknown-stream");
  });

  it("keeps what is under way when the generator throws: it arrives through a cut, before the error (STR-14)", async () => {
    const told: unknown[] = [];
    serveStream(
      far,
      "e",
      async function* () {
        yield* [1, 2, 3];
        throw Object.assign(new Error("no more"), { code: "model" });
      },
      { onError: (error) => void told.push(error) },
    );
    line.connect();
    const items: unknown[] = [];
    const reading = codeOf(
      (async () => {
        for await (const item of stream(line.client, "e")) items.push(item);
      })(),
    );
    // the opening, and its answer
    line.step("up");
    await vi.advanceTimersByTimeAsync(0);
    line.step("down");
    await vi.advanceTimersByTimeAsync(0);
    expect(line.down.length).toBe(3);
    line.cut();
    line.connect();
    await settle();
    expect(await reading).toBe("model");
    expect(items).toEqual([1, 2, 3]);
    expect(told).toMatchObject([{ code: "model" }]);
  });

  it("tells the app of the generator's own error when nobody comes for it", async () => {
    const told: unknown[] = [];
    serveStream(
      far,
      "e",
      async function* () {
        yield 1;
        throw Object.assign(new Error("no more"), { code: "model" });
      },
      { onError: (error) => void told.push(error), keep: 1000 },
    );
    line.connect();
    line.client.emit("e", { id: "x", offset: 0, limit: 4 }, () => {});
    await settle(5);
    line.cut();
    await vi.advanceTimersByTimeAsync(1001);
    expect(told).toMatchObject([{ code: "model" }]);
  });

  it("tells the first reader that a second one has taken the stream over (STR-19)", async () => {
    serveStream(far, "e", forever);
    line.connect();
    const first = stream(line.client, "e", 1, { id: "kept", window: 3 });
    await settle();
    const firstEnd = codeOf(
      (async () => {
        for await (const _ of first) await new Promise(() => {});
      })(),
    );
    // the same page in another tab
    const tab = new Line();
    tab.servers.on("connection", (socket: ServerEnd) => line.servers.tell("connection", socket));
    const second = stream(tab.client, "e", 1, { id: "kept" });
    tab.connect();
    const item = second.next();
    for (let i = 0; i < 20; i++) {
      tab.step("up");
      await vi.advanceTimersByTimeAsync(0);
      tab.step("down");
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(await item).toEqual({ value: 0, done: false });
    await settle(20);
    expect(line.client.listeners()).toBe(0);
    // it is still busy with its first item
    void firstEnd;
    for (let i = 0; i < 2; i++) await first.next();
    await expect(first.next()).rejects.toMatchObject({
      code: "unknown-stream",
      message: "another client has taken this stream over",
    });
  });

  it("lets a second reader that is refused disturb nobody (STR-20)", async () => {
    serveStream(far, "e", forever);
    line.connect();
    const first = stream(line.client, "e", 1, { id: "kept", window: 1 });
    for (let i = 0; i < 5; i++) {
      const next = first.next();
      await settle(10);
      await next;
    }
    const tab = new Line();
    tab.servers.on("connection", (socket: ServerEnd) => line.servers.tell("connection", socket));
    const second = codeOf(stream(tab.client, "e", 1, { id: "kept", offset: 1 }).next());
    tab.connect();
    for (let i = 0; i < 10; i++) {
      tab.step("up");
      await vi.advanceTimersByTimeAsync(0);
      tab.step("down");
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(await second).toBe("unknown-stream");
    const next = first.next();
    await settle(10);
    expect(await next).toEqual({ value: 5, done: false });
  });

  it("goes on with a stream only for its owner (STR-21)", async () => {
    serveStream(far, "e", forever, { owner: (socket: ServerEnd) => users.get(socket) });
    const users = new Map<unknown, string>();
    line.servers.on("connection", (socket: ServerEnd) =>
      users.set(socket, users.size ? "eve" : "ada"),
    );
    line.connect();
    void stream(line.client, "e", 1, { id: "secret" }).next();
    await settle();
    line.cut();
    line.connect();
    line.up.length = 0;
    expect(await ask("e", { id: "secret", offset: 0 })).toMatchObject({
      error: { code: "unknown-stream" },
    });
    expect(await ask("e", { id: "secret", error: { code: "x", message: "" } })).toMatchObject({
      error: { code: "unknown-stream" },
    });
  });

  it("gives up a client that leaves everything unanswered", async () => {
    let signal: AbortSignal | undefined;
    serveStream(far, "e", (_input, context) => ((signal = context.signal), forever()), {
      idleTimeout: 5000,
    });
    line.connect();
    line.client.emit("e", { id: "mute", offset: 0, limit: 10 }, () => {});
    await settle();
    await vi.advanceTimersByTimeAsync(4900);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(signal?.aborted).toBe(true);
  });

  it("waits for a generator that takes its time", async () => {
    let signal: AbortSignal | undefined;
    serveStream(
      far,
      "e",
      async function* (_input, context) {
        signal = context.signal;
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        yield "late";
      },
      { idleTimeout: 5000 },
    );
    line.connect();
    const first = stream(line.client, "e").next();
    await settle();
    await vi.advanceTimersByTimeAsync(60_000);
    await settle();
    expect(await first).toEqual({ value: "late", done: false });
    expect(signal?.aborted).toBe(false);
  });
});

describe("A client that doesn't keep to the contract", () => {
  const wrongOffsets = [-1, 0.5, NaN, Infinity, 2 ** 53, "0", null, {}, []];

  beforeEach(() => {
    serveStream(far, "read", forever);
    receiveStream(far, "send", async (items) => {
      for await (const _ of items);
    });
    line.connect();
  });

  it.each([undefined, null, 5, "x", [], {}, { id: 5 }, { id: "" }, { id: "x".repeat(65) }])(
    "is refused an opening without an id: %j (STR-22)",
    async (frame) => {
      expect(await ask("read", frame)).toMatchObject({ error: { code: "invalid-frame" } });
    },
  );

  it.each(wrongOffsets.filter((offset) => offset !== null))(
    "can't read from %j (STR-25)",
    async (offset) => {
      expect(await ask("read", { id: "a", offset })).toMatchObject({
        error: { code: "unknown-stream" },
      });
    },
  );

  it.each(wrongOffsets)("ends its stream with an item at %j", async (offset) => {
    await ask("send", { id: "a" });
    line.client.emit("send", { id: "a", offset, data: 1 });
    await settle(20);
    expect(await ask("send", { id: "a" })).toMatchObject({ error: { code: "invalid-frame" } });
  });

  it.each([0, -1, NaN, 2 ** 53, 1e308, "9", null])(
    "gets no more than one window for the limit %j (STR-23)",
    async (limit) => {
      line.client.emit("read", { id: "b", offset: 0, limit }, () => {});
      await settle();
      const data = line.client.sent.length;
      expect(data).toBe(1);
      const heard: number[] = [];
      line.client.on("read", ({ offset }: { offset: number }) => heard.push(offset));
      await settle();
      expect(heard.length).toBeLessThanOrEqual(64);
    },
  );

  it.each([1, 64, -1, NaN, 2 ** 53, undefined])(
    "ends its stream with an ack of %j for what was not sent",
    async (offset) => {
      const errors: unknown[] = [];
      line.client.on(
        "read",
        (frame: { offset: number; error?: unknown }, reply?: (answer: unknown) => void) => {
          if (frame.error) errors.push(frame.error);
          else if (frame.offset === 0) reply?.({ offset: offset === 1 ? 999 : offset });
        },
      );
      line.client.emit("read", { id: "c", offset: 0, limit: 2 }, () => {});
      await settle();
      expect(errors).toMatchObject([{ code: "invalid-frame" }]);
    },
  );

  it("is told of frames for streams that are unknown (STR-25)", async () => {
    expect(await ask("send", { id: "x", offset: 0, data: 1 })).toMatchObject({
      error: { code: "unknown-stream" },
    });
    expect(await ask("send", { id: "__proto__", offset: 0, data: 1 })).toMatchObject({
      error: { code: "unknown-stream" },
    });
  });

  it("pollutes no prototype (STR-26)", async () => {
    await ask(
      "send",
      JSON.parse(
        '{"id":"p","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      ),
    );
    await ask("send", JSON.parse('{"id":"p","offset":0,"data":{"__proto__":{"polluted":1}}}'));
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("can't send more than may wait (STR-24)", async () => {
    receiveStream(far, "slow", () => new Promise(() => {}), { limit: 3 });
    line.cut();
    line.connect();
    await ask("slow", { id: "s" });
    for (let offset = 0; offset < 4; offset++)
      line.client.emit("slow", { id: "s", offset, data: 1 });
    await settle(20);
    expect(await ask("slow", { id: "s" })).toMatchObject({ error: { code: "invalid-frame" } });
  });

  it("can send errors for ever", async () => {
    await ask("send", { id: "e" });
    for (let i = 0; i < 1000; i++)
      line.client.emit("send", { id: "e", error: { code: i, message: {} } });
    await settle(1200);
    expect(await ask("send", { id: "e" })).toEqual({ offset: 0, limit: 64 });
  });
});

/** What no error of a contract is. */
const oddErrors: unknown[] = [
  { message: { toString: 1 } },
  { code: "x", message: { toString: null, valueOf: null } },
  { code: { toString: 1 } },
  { code: "x" },
  [],
  5,
  true,
  "text",
];

describe("A peer whose errors are odd", () => {
  it.each(oddErrors)(
    "ends a sender of the server, and nothing else, by the answer %j",
    async (error) => {
      const told: any[] = [];
      serveStream(far, "e", forever, { onError: (ended) => void told.push(ended) });
      line.connect();
      line.client.on("e", (_frame: unknown, reply?: (answer: unknown) => void) =>
        reply?.({ error }),
      );
      line.client.emit("e", { id: "x", offset: 0, limit: 4 }, () => {});
      // an error that escapes is thrown by this
      await settle(20);
      expect(told).toMatchObject([{ code: "invalid-frame" }]);
    },
  );

  it.each(oddErrors)("ends a receiver of the server by the frame %j", async (error) => {
    const told: any[] = [];
    receiveStream(
      far,
      "e",
      async (items) => {
        for await (const _ of items);
      },
      { onError: (ended) => void told.push(ended) },
    );
    line.connect();
    await ask("e", { id: "x" });
    await ask("e", { id: "x", error });
    expect(told).toMatchObject([{ code: "invalid-frame" }]);
  });

  it.each(oddErrors)("ends a client's streams by %j", async (error) => {
    line.servers.on("connection", (socket: ServerEnd) => {
      socket.on("opening", (_frame: unknown, reply?: (answer: unknown) => void) =>
        reply?.({ error }),
      );
      socket.on("frame", ({ id }: { id: string }, reply?: (answer: unknown) => void) => {
        reply?.({ offset: 0 });
        socket.emit("frame", { id, error });
      });
    });
    line.connect();
    const codes = ["opening", "frame"].map((event) => codeOf(stream(line.client, event).next()));
    codes.push(codeOf(sendStream(line.client, "opening", [1])));
    await settle(20);
    expect(await Promise.all(codes)).toEqual(Array(3).fill("invalid-frame"));
  });
});

describe("What an app throws", () => {
  const odd: [string, () => unknown][] = [
    ["undefined", () => undefined],
    ["null", () => null],
    ["0", () => 0],
    ["an empty string", () => ""],
    ["false", () => false],
    ["NaN", () => NaN],
    ["a symbol", () => Symbol("odd")],
    ["what has no prototype", () => Object.create(null)],
    ["what has no text", () => ({ toString: 1 })],
    [
      "what has getters that throw",
      () => ({
        get code() {
          throw new Error("no code");
        },
      }),
    ],
  ];

  it.each(odd)("is an error of stream() on a server: %s", async (_what, make) => {
    serveStream(far, "e", async function* () {
      yield 1;
      throw make();
    });
    line.connect();
    const reader = stream(line.client, "e");
    const all = [reader.next(), reader.next()];
    const code = codeOf(all[1] as Promise<unknown>);
    await settle(20);
    expect(await all[0]).toEqual({ value: 1, done: false });
    expect(await code).toBe("stream-failed");
  });

  it.each(odd)("is an error of a handler, which a cut doesn't change: %s", async (_what, make) => {
    receiveUploads(far, "up", async (_file, chunks) => {
      for await (const _ of chunks);
      throw make();
    });
    line.connect();
    await ask("up", { id: "u", size: 1 });
    await ask("up", { id: "u", offset: 0, data: new Uint8Array(1) });
    await ask("up", { id: "u", offset: 1, complete: true });
    line.cut();
    line.connect();
    expect(await ask("up", { id: "u", size: 1 })).toMatchObject({
      error: { code: "stream-failed" },
    });
  });

  it.each(odd)("is an error of a handler that refuses: %s", async (_what, make) => {
    serveStream(far, "e", () => {
      throw make();
    });
    line.connect();
    expect(await ask("e", { id: "x", offset: 0 })).toMatchObject({
      error: { code: "stream-failed" },
    });
  });

  it("by `owner` refuses the frame, and `onError` has the words for it", async () => {
    const owner = (): never => {
      throw new TypeError("no user");
    };
    const handler = async (items: AsyncIterable<unknown>): Promise<void> => {
      for await (const _ of items);
    };
    receiveStream(far, "e", handler, { owner });
    receiveStream(far, "told", handler, {
      owner,
      onError: () => ({ code: "login", message: "log in" }),
    });
    line.connect();
    for (const part of [{}, { offset: 0, data: 1 }, { error: { code: "x", message: "" } }]) {
      expect(await ask("e", { id: "x", ...part })).toMatchObject({
        error: { code: "stream-failed" },
      });
      expect(await ask("told", { id: "x", ...part })).toMatchObject({ error: { code: "login" } });
    }
  });

  it("by `onError`, also late, ends nothing else, and tells nobody what a promise would have hidden", async () => {
    const onErrors = [
      () => {
        throw new Error("log is full");
      },
      async () => {
        throw new Error("log is full");
      },
    ];
    const messages: string[] = [];
    for (const [i, onError] of onErrors.entries()) {
      serveStream(far, `e${i}`, () => Promise.reject(new Error("secret")) as never, { onError });
      line.cut();
      line.connect();
      messages.push((await ask(`e${i}`, { id: "x", offset: 0 })).error.message);
    }
    expect(messages).toEqual(["secret", "the stream has failed"]);
  });
});

describe("A server that doesn't keep to the contract", () => {
  /** A server of its own making. */
  function answering(answer: (frame: any, emit: (frame: unknown) => void) => unknown): void {
    line.servers.on("connection", (socket: ServerEnd) => {
      socket.on("e", (frame: any, reply?: (answer: unknown) => void) => {
        const given = answer(frame, (other) => socket.emit("e", other));
        if (given !== undefined) reply?.(given);
      });
    });
    line.connect();
  }

  it.each([
    null,
    5,
    "x",
    {},
    { offset: -1 },
    { offset: NaN },
    { offset: 2 ** 53 },
    { offset: "0" },
  ])("ends a sender with the answer %j", async (answer) => {
    answering(() => answer);
    const code = codeOf(sendStream(line.client, "e", [1, 2, 3]));
    await settle(30);
    expect(await code).toBe("invalid-frame");
  });

  it.each([
    ["of a chunk", (frame: any) => "data" in frame, { offset: 4, complete: true }],
    [
      "of the end, which has not all",
      (frame: any) => frame.complete,
      { offset: 4, complete: true },
    ],
  ])("doesn't resolve an upload by the answer %s", async (_what, isIt, early) => {
    answering((frame) =>
      isIt(frame) ? early : { offset: (frame.offset ?? 0) + (frame.data?.length ?? 0) },
    );
    const code = codeOf(upload(line.client, "e", new Uint8Array(40), { chunkSize: 10 }));
    await settle(30);
    expect(await code).toBe("invalid-frame");
  });

  it("ends a stream that it takes for longer than it is", async () => {
    let connections = 0;
    answering((frame) =>
      frame.complete ? undefined : { offset: connections ? 1000 : (frame.offset ?? -1) + 1 },
    );
    const code = codeOf(sendStream(line.client, "e", [1, 2]));
    await settle(30);
    connections++;
    line.cut();
    line.connect();
    await settle(30);
    expect(await code).toBe("invalid-frame");
  });

  it("takes nothing from a reader by an error of the code `aborted`", async () => {
    answering((frame, emit) => {
      if (frame.error) return undefined;
      const { id } = frame;
      for (let offset = 0; offset < 3; offset++) emit({ id, offset, data: offset });
      emit({ id, error: { code: "aborted", message: "mine" } });
      return { offset: 0 };
    });
    const reader = stream(line.client, "e");
    await settle(30);
    const items: unknown[] = [];
    const code = codeOf(
      (async () => {
        for await (const item of reader) items.push(item);
      })(),
    );
    expect(await code).toBe("aborted");
    expect(items).toEqual([0, 1, 2]);
  });

  it("ends an upload with an offset behind its end", async () => {
    answering(() => ({ offset: 1000 }));
    const code = codeOf(upload(line.client, "e", new Uint8Array(10)));
    await settle(30);
    expect(await code).toBe("invalid-frame");
  });

  it.each([5, -1, NaN, 0.5, 2 ** 53, undefined])(
    "ends a reader with an item at %j",
    async (offset) => {
      answering((frame, emit) => {
        if (frame.error) return undefined;
        emit({ id: frame.id, offset, data: 1 });
        return { offset: 0 };
      });
      const code = codeOf(stream(line.client, "e").next());
      await settle(30);
      expect(await code).toBe("invalid-frame");
    },
  );

  it("ends a reader to whom it sends more than its window", async () => {
    answering((frame, emit) => {
      if (!frame.error)
        for (let offset = 0; offset < 10; offset++) emit({ id: frame.id, offset, data: offset });
      return { offset: 0 };
    });
    const reader = stream(line.client, "e", 1, { window: 4 });
    await settle(30);
    const items: unknown[] = [];
    const code = codeOf(
      (async () => {
        for await (const item of reader) items.push(item);
      })(),
    );
    expect(await code).toBe("invalid-frame");
    expect(items).toEqual([0, 1, 2, 3]);
  });

  it("that never answers is given up after `timeout`", async () => {
    answering(() => undefined);
    const code = codeOf(sendStream(line.client, "e", [1], { timeout: 3000 }));
    await settle(5);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await code).toBe("ack-timeout");
  });

  it("that stops answering is given up after `idleTimeout`", async () => {
    answering((frame) => ("offset" in frame ? undefined : { offset: 0 }));
    const code = codeOf(sendStream(line.client, "e", [1], { idleTimeout: 3000 }));
    await settle(5);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await code).toBe("ack-timeout");
  });

  it("is not heard with frames of other streams", async () => {
    answering((frame, emit) => {
      emit({ id: "other", offset: 0, data: "not mine" });
      emit(null);
      emit({ id: frame.id, offset: 0, data: "mine" });
      return { offset: 0 };
    });
    const first = stream(line.client, "e").next();
    await settle(30);
    expect(await first).toEqual({ value: "mine", done: false });
  });
});

describe("receiveUploads()", () => {
  const all = async (_file: unknown, chunks: AsyncIterable<Uint8Array>): Promise<number> => {
    let bytes = 0;
    for await (const chunk of chunks) bytes += chunk.length;
    return bytes;
  };

  it.each([
    [{ size: -1 }, "invalid-frame"],
    [{ size: NaN }, "invalid-frame"],
    [{ size: "5" }, "invalid-frame"],
    [{ size: 1.5 }, "invalid-frame"],
    [{ size: 2 ** 53 }, "invalid-frame"],
    [{ size: 1001 }, "too-large"],
    [{ name: "../etc/passwd" }, "invalid-frame"],
    [{ name: "a/b" }, "invalid-frame"],
    [{ name: "a\\b" }, "invalid-frame"],
    [{ name: ".." }, "invalid-frame"],
    [{ name: "" }, "invalid-frame"],
    [{ name: "nul\0.txt" }, "invalid-frame"],
    [{ name: "C:evil.exe" }, "invalid-frame"],
    [{ name: "a:stream" }, "invalid-frame"],
    [{ name: "NUL" }, "invalid-frame"],
    [{ name: "con.txt" }, "invalid-frame"],
    [{ name: "Com1 .tar.gz" }, "invalid-frame"],
    [{ name: "LPT\u00b9" }, "invalid-frame"],
    [{ name: "conout$" }, "invalid-frame"],
    [{ name: "x\u0085y" }, "invalid-frame"],
    [{ name: "\u202egpj.exe" }, "invalid-frame"],
    [{ name: "\u2066x" }, "invalid-frame"],
    [{ name: 5 }, "invalid-frame"],
    [{ name: "x".repeat(256) }, "invalid-frame"],
    [{ type: {} }, "invalid-frame"],
    [{ type: "x".repeat(256) }, "invalid-frame"],
    [{ metadata: "x".repeat(20_000) }, "invalid-frame"],
    [{ name: "forbidden.exe" }, "refused"],
  ])("refuses %j with %s (UPL-11)", async (announced, code) => {
    const sink = vi.fn(all);
    receiveUploads(far, "up", sink, {
      maxSize: 1000,
      allow: ({ name }) => !name?.endsWith(".exe"),
    });
    line.connect();
    expect(await ask("up", { id: "u", size: 10, ...announced })).toMatchObject({ error: { code } });
    expect(sink).not.toHaveBeenCalled();
    // nothing is kept of it
    expect(await ask("up", { id: "u", size: 10 })).toMatchObject({ offset: 0, percent: 0 });
  });

  it.each([
    "console.log",
    "nulls.txt",
    "com10.txt",
    "prn-1",
    "\u05e9\u05dc\u05d5\u05dd.txt",
    ".env",
    "a b (1).png",
  ])("takes the name %j (UPL-12)", async (name) => {
    receiveUploads(far, "up", all);
    line.connect();
    expect(await ask("up", { id: "u", name })).toMatchObject({ offset: 0 });
  });

  it.each([undefined, null, 0, "", false, 1, {}, "not you"])(
    "refuses what `allow` answers with %j (UPL-13)",
    async (verdict) => {
      const sink = vi.fn(all);
      receiveUploads(far, "up", sink, { allow: () => verdict as never });
      line.connect();
      const { error } = await ask("up", { id: "u", size: 1 });
      expect(error).toEqual({
        code: "refused",
        message: verdict === "not you" ? verdict : "this file is not allowed",
      });
      expect(sink).not.toHaveBeenCalled();
    },
  );

  it.each([
    ["more bytes than announced", { offset: 0, data: new Uint8Array(11) }, "too-large"],
    ["fewer bytes than announced", { offset: 0, complete: true }, "invalid-frame"],
    ["no bytes", { offset: 0, data: { byteLength: 5, length: 5 } }, "invalid-frame"],
    ["a string", { offset: 0, data: "12345" }, "invalid-frame"],
    ["nothing", { offset: 0, data: new Uint8Array() }, "invalid-frame"],
    ["a gap", { offset: 5, data: new Uint8Array(5) }, "invalid-frame"],
  ])("ends an upload that brings %s", async (_what, frame, code) => {
    const ends: unknown[] = [];
    receiveUploads(far, "up", (file, chunks) =>
      all(file, chunks).catch((error) => void ends.push(error)),
    );
    line.connect();
    await ask("up", { id: "u", size: 10 });
    line.client.emit("up", { id: "u", ...frame }, () => {});
    await settle(20);
    expect(await ask("up", { id: "u", size: 10 })).toMatchObject({ error: { code } });
    expect(ends).toMatchObject([{ code }]);
  });

  it("bounds an upload of unknown size (UPL-14)", async () => {
    receiveUploads(far, "up", all, { maxSize: 10 });
    line.connect();
    const code = codeOf(
      upload(
        line.client,
        "up",
        (async function* () {
          for (;;) yield new Uint8Array(4);
        })(),
      ),
    );
    await settle(50);
    expect(await code).toBe("too-large");
  });

  it("refuses what is too many from one socket, and forgets those who leave (UPL-15)", async () => {
    const ends: unknown[] = [];
    receiveUploads(
      far,
      "up",
      (file, chunks) => all(file, chunks).catch((error) => void ends.push(error)),
      {
        keep: 1000,
      },
    );
    line.connect();
    const answers: any[] = [];
    for (let i = 0; i < 10_000; i++)
      line.client.emit("up", { id: `u${i}`, size: 1 }, (answer: unknown) => answers.push(answer));
    while (line.up.length) line.step("up");
    await settle(10_050);
    expect(answers.filter(({ error }) => error?.code === "overflow")).toHaveLength(10_000 - 64);
    line.cut();
    await vi.advanceTimersByTimeAsync(1001);
    expect(ends).toHaveLength(64);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("bounds all of them together", async () => {
    receiveUploads(far, "up", all, { maxStreams: 100 });
    const answers: any[] = [];
    for (let client = 0; client < 3; client++) {
      line.connect();
      for (let i = 0; i < 60; i++)
        line.client.emit("up", { id: `${client}-${i}`, size: 1 }, (answer: unknown) =>
          answers.push(answer),
        );
      await settle(70);
      line.cut();
    }
    expect(answers.filter(({ offset }) => offset === 0)).toHaveLength(100);
  });

  it.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw Object.assign(new Error("disk is full"), { code: "ENOSPC" });
      },
      "ENOSPC",
    ],
    ["rejects", () => Promise.reject(new Error("no")), "stream-failed"],
    ["wants no more", () => Promise.resolve("enough"), "aborted"],
  ])("hands on what a sink does that %s", async (_what, sink, code) => {
    receiveUploads(far, "up", sink);
    line.connect();
    const ended = codeOf(upload(line.client, "up", new Uint8Array(10)));
    await settle(30);
    expect(await ended).toBe(code);
  });

  it("ends an upload whose sink never settles, when its client doesn't come back (UPL-16)", async () => {
    let signal: AbortSignal | undefined;
    receiveUploads(
      far,
      "up",
      (_file, _chunks, context) => {
        ({ signal } = context);
        return new Promise(() => {});
      },
      { keep: 1000 },
    );
    line.connect();
    await ask("up", { id: "u", size: 10 });
    line.cut();
    await vi.advanceTimersByTimeAsync(1001);
    expect(signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is not disturbed by a sink that rejects after the end", async () => {
    let fail: (error: Error) => void = () => {};
    receiveUploads(far, "up", () => new Promise((_resolve, reject) => (fail = reject)));
    line.connect();
    const sending = upload(line.client, "up", new Uint8Array(10));
    const code = codeOf(sending);
    await settle(30);
    sending.abort();
    await settle(10);
    fail(new Error("late"));
    await settle(10);
    expect(await code).toBe("aborted");
  });

  it("tells the percentage with each answer (UPL-17)", async () => {
    receiveUploads(far, "up", all);
    line.connect();
    await ask("up", { id: "u", size: 8 });
    expect(await ask("up", { id: "u", offset: 0, data: new Uint8Array(4) })).toEqual({
      offset: 4,
      percent: 50,
    });
    expect(await ask("up", { id: "u", offset: 4, data: new Uint8Array(4) })).toEqual({
      offset: 8,
      percent: 100,
    });
    expect(await ask("up", { id: "u", offset: 8, complete: true })).toEqual({
      offset: 8,
      complete: true,
      result: 8,
      percent: 100,
    });
    // the answer may have been lost
    expect(await ask("up", { id: "u", size: 8 })).toMatchObject({ complete: true, result: 8 });
  });

  it("goes on where an earlier process has stopped (UPL-6)", async () => {
    receiveUploads(far, "up", all, { offsetOf: () => 6 });
    line.connect();
    const sending = upload(line.client, "up", new Uint8Array(10), { chunkSize: 3 });
    await settle(30);
    expect(await sending).toBe(4);
    expect(line.client.sent.map(({ frame }) => frame.offset)).toEqual([undefined, 6, 9, 10]);
  });

  it.each([-1, 11, 0.5])("refuses a stored part of %j bytes of 10", async (offset) => {
    receiveUploads(far, "up", all, { offsetOf: () => offset });
    line.connect();
    expect(await ask("up", { id: "u", size: 10 })).toMatchObject({
      error: { code: "stream-failed" },
    });
  });
});

describe("Options of the server's functions", () => {
  it.each([
    () => serveStream(null as never, "e", forever),
    () => serveStream(far, "", forever),
    () => serveStream(far, "e", 5 as never),
    () => serveStream(far, "e", forever, { window: 0 }),
    () => serveStream(far, "e", forever, { keep: -1 }),
    () => serveStream(far, "e", forever, { idleTimeout: NaN }),
    () => serveStream(far, "e", forever, { maxStreams: 0 }),
    () => serveStream(far, "e", forever, { maxPerSocket: "5" as never, maxStreams: -1 }),
    () => serveStream(far, "e", forever, { owner: "ada" as never }),
    () => serveStream(far, "e", forever, { onError: 1 as never }),
    () => receiveStream(far, "e", undefined as never),
    () => receiveStream(far, "e", () => 1, { limit: 0 }),
    () => receiveUploads(far, "e", {} as never),
    () => receiveUploads(far, "e", () => 1, { maxSize: -1 }),
    () => receiveUploads(far, "e", () => 1, { limit: 0 }),
    () => receiveUploads(far, "e", () => 1, { allow: true as never }),
    () => receiveUploads(far, "e", () => 1, { offsetOf: 5 as never }),
  ])("are checked at once: %s (STR-27)", (call) => {
    expect(call).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});
