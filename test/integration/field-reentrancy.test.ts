import { describe, expect, it } from "vitest";
import { flush, onDrop } from "../support/client-api.js";
import { client, connected, modes, serve, until, type ClientOptions } from "../support/harness.js";
import { catchReported, outcome, thrownBy } from "../support/field.js";

const ROOM = 1000;

async function setUp(options: ClientOptions = {}) {
  const server = await serve();
  const received: unknown[] = [];
  server.io.on("connection", (far) => {
    far.onAny((name: string, n: unknown, answer?: unknown) => {
      received.push(`${name} ${JSON.stringify(n)}`);
      if (typeof answer === "function") answer(`of ${name}`);
    });
  });
  return { server, received, socket: client(server.url, options) };
}

describe("A listener of dropped packets that emits", () => {
  it("once, costs one packet more at most, and mixes up nothing", async () => {
    // where there is no room for the listener's own, its emit throws
    const reported = catchReported();
    const { socket, received } = await setUp({
      autoConnect: false,
      buffer: { maxPackets: ROOM, overflow: "drop-oldest" },
    });
    const dropped: unknown[] = [];
    onDrop(socket, (_error, { data }) => {
      dropped.push(data);
      if (dropped.length === 1) socket.emit("note", 0);
    });
    for (let n = 0; n <= ROOM; n++) socket.emit("n", n);
    expect(dropped[0]).toEqual(["n", 0]);
    expect(dropped.length + reported.length).toBeGreaterThanOrEqual(1);
    expect(dropped.length).toBeLessThanOrEqual(2);
    for (const error of reported) expect(error).toMatchObject({ code: "overflow" });
    expect(socket.sendBuffer.length).toBe(ROOM);
    socket.connect();
    await connected(socket);
    await flush(socket);
    await until(() => received.length === ROOM);
    // the one that there was no room for: the next oldest, or the note itself
    const numbers = received.filter((text) => text !== "note 0");
    const first = ROOM + 1 - numbers.length;
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => `n ${first + n}`));
  });

  it.each(["drop-oldest", "drop-newest", "reject"] as const)(
    "each time, doesn't empty the buffer: %s (BUF-17)",
    async (overflow) => {
      const reported = catchReported();
      const { socket } = await setUp({
        autoConnect: false,
        buffer: { maxPackets: ROOM, overflow },
      });
      let calls = 0;
      onDrop(socket, () => {
        // a limit so that the test ends where each call brings another one
        if (++calls < 2 * ROOM) socket.emit("note", calls);
      });
      for (let n = 0; n < ROOM; n++) socket.emit("n", n);
      expect(thrownBy(() => socket.emit("n", ROOM))).toBe(
        overflow === "reject" ? "overflow" : undefined,
      );
      await Promise.resolve();
      const kept = socket.sendBuffer.filter(({ data }) => (data as unknown[])[0] === "n").length;
      expect(kept).toBeGreaterThan(ROOM - 10);
      for (const error of reported) expect(error).toMatchObject({ code: "overflow" });
    },
  );

  it("may leave, clear the buffer or connect as well", async () => {
    for (const action of ["disconnect", "clearBuffer", "connect"] as const) {
      const { socket } = await setUp({
        autoConnect: false,
        buffer: { maxPackets: 2, overflow: "drop-oldest" },
      });
      onDrop(socket, () => void socket[action]());
      for (let n = 0; n < 5; n++) socket.emit("n", n);
      socket.connect();
      await connected(socket);
      expect(await socket.emitWithAck("ask", 1)).toBe("of ask");
    }
  });
});

describe.each(modes.slice(0, 2))("Over $name, an emit in the middle of an emit", ({ options }) => {
  it.each([true, false])(
    "keeps each ack with its packet, connected: %s (EMT-16)",
    async (isConnected) => {
      const { socket } = await setUp({ ...options, autoConnect: false });
      if (isConnected) {
        socket.connect();
        await connected(socket);
      }
      let inner: Promise<unknown> | undefined;
      const outer = socket.emitWithAck("outer", {
        toJSON() {
          inner ??= socket.emitWithAck("inner", 1);
          return 2;
        },
      });
      socket.connect();
      expect([await outer, await inner]).toEqual(["of outer", "of inner"]);
    },
  );

  it("keeps each attachment with its packet", async () => {
    const { server, socket } = await setUp(options);
    const received: unknown[] = [];
    server.io.on("connection", (far) => {
      far.on("bytes", (...args: unknown[]) => received.push(args));
    });
    await connected(socket);
    socket.emit("bytes", Uint8Array.of(1), {
      get more() {
        socket.emit("bytes", Uint8Array.of(3), 0);
        return Uint8Array.of(2);
      },
    });
    await until(() => received.length >= 2);
    expect(received).toContainEqual([Buffer.of(1), { more: Buffer.of(2) }]);
    expect(received).toContainEqual([Buffer.of(3), 0]);
  });

  it("may disconnect, and connect again", async () => {
    const { socket, received } = await setUp(options);
    await connected(socket);
    const asked = outcome(() =>
      socket.emitWithAck("outer", {
        toJSON() {
          if (socket.connected) socket.disconnect();
          return 1;
        },
      }),
    );
    expect(await asked).not.toBe("pending");
    expect(socket.active).toBe(false);
    socket.connect();
    await connected(socket);
    expect(await socket.emitWithAck("ask", 1)).toBe("of ask");
    expect(received.filter((text) => text === "outer 1").length).toBeLessThanOrEqual(1);
  });
});

describe("What the app runs in the middle of something", () => {
  it("may emit while a listener of outgoing packets is told", async () => {
    const { socket, received } = await setUp();
    await connected(socket);
    socket.onAnyOutgoing((name: unknown) => {
      if (name === "first") socket.emit("second", 2);
    });
    expect(await socket.emitWithAck("first", 1)).toBe("of first");
    await until(() => received.length === 2);
  });

  it("may emit and disconnect in a filter of clearBuffer()", async () => {
    const { socket, received } = await setUp({ autoConnect: false });
    for (let n = 0; n < 4; n++) socket.emit("n", n);
    let calls = 0;
    socket.clearBuffer(({ data }) => {
      if (!calls++) socket.emit("late", 0).disconnect();
      return (data as unknown[])[0] === "n" && (data as unknown[])[1] !== 3;
    });
    socket.connect();
    await connected(socket);
    await flush(socket);
    await until(() => received.length === 2);
    expect(received).toEqual(["n 3", "late 0"]);
  });

  it("may emit where an abort takes packets back", async () => {
    const { socket, received } = await setUp({ autoConnect: false });
    const abort = new AbortController();
    const view = socket.signal(abort.signal);
    const failed = [1, 2, 3].map((n) =>
      view.emitWithAck("n", n).catch(() => void socket.emit("instead", n)),
    );
    abort.abort();
    await Promise.all(failed);
    socket.connect();
    await connected(socket);
    await flush(socket);
    await until(() => received.length === 3);
    expect(received).toEqual(["instead 1", "instead 2", "instead 3"]);
  });

  it("may disconnect where auth is asked, and where a refusal is judged", async () => {
    const { server, socket } = await setUp({ autoConnect: false });
    socket.auth = (give: (data: object) => void) => {
      socket.emit("n", 0).disconnect();
      give({});
    };
    const asked = new Promise<void>((resolve) => {
      const { auth } = socket;
      socket.auth = (give: (data: object) => void) => {
        (auth as (give: unknown) => void)(give);
        resolve();
      };
    });
    socket.connect();
    await asked;
    expect(socket.active).toBe(false);

    server.io.of("/closed").use((_far, pass) => pass(new Error("not for you")));
    let judged = 0;
    const room = socket.io.socket("/closed", {
      retryConnectError: () => {
        judged++;
        room.disconnect();
        return true;
      },
    });
    room.connect();
    await until(() => judged === 1);
    expect(room.active).toBe(false);
  });

  it("may emit in an ack callback, before the next one is called", async () => {
    const { socket, received } = await setUp();
    await connected(socket);
    const order: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      socket.emit("a", 1, () => {
        order.push("a");
        socket.emit("c", 3, () => {
          order.push("c");
          resolve();
        });
      });
    });
    socket.emit("b", 2, () => order.push("b"));
    await done;
    expect([order, received]).toEqual([
      ["a", "b", "c"],
      ["a 1", "b 2", "c 3"],
    ]);
  });
});

describe("The app's own functions in the middle of what is told to several namespaces", () => {
  it("an auth function that ends the connection doesn't strand the namespaces behind it", async () => {
    const server = await serve();
    server.io.of("/b");
    let isFirst = true;
    const a = client(server.url, {
      reconnectionDelay: 5,
      auth: (done: (data: object) => void) => {
        if (isFirst) a.io.engine?.close();
        isFirst = false;
        done({});
      },
    });
    const b = a.io.socket("/b");
    await until(() => a.connected && b.connected);
  });

  it.each(modes)(
    "a flush while others are told of a loss does not spoil the next session: $name",
    async ({ options }) => {
      const server = await serve();
      server.io.of("/b");
      const a = client(server.url, { ...options, reconnectionDelay: 5 });
      const b = a.io.socket("/b");
      await until(() => a.connected && b.connected);
      let early: Promise<unknown> | undefined;
      a.once("disconnect", () => (early = outcome(() => flush(b))));
      b.emit("n", 1);
      a.io.engine?.close();
      await until(() => early !== undefined);
      await until(() => a.connected && b.connected);
      b.emit("n", 2);
      await flush(b, { timeout: 15_000 });
      await early;
    },
  );
});
