import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import {
  dedupe,
  type DedupeOptions,
  type DedupeStore,
  MemoryStore,
} from "../../../src/server/index.js";

type Middleware = (event: unknown[], next: (error?: Error) => void) => void;

/** A socket.io server's socket, as far as `dedupe()` sees it, with the ticks that socket.io takes. */
class FakeSocket extends EventEmitter {
  connected = true;
  readonly errors: Error[] = [];
  readonly #middlewares: Middleware[] = [];

  use(middleware: Middleware): void {
    this.#middlewares.push(middleware);
  }

  receive(...event: unknown[]): void {
    const run = (at: number): void => {
      const middleware = this.#middlewares[at];
      if (middleware)
        return middleware(event, (error) => {
          if (error) this.errors.push(error);
          else run(at + 1);
        });
      process.nextTick(() => {
        if (this.connected) super.emit(event[0] as string, ...event.slice(1));
      });
    };
    run(0);
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const tag = (sequence: number, stream = "s") => ({ $tautline: [stream, sequence] });

/** A server whose clients' "n" events are written down. */
async function server(options?: DedupeOptions) {
  const io = new EventEmitter();
  const heard: unknown[][] = [];
  dedupe(io as never, options);
  const join = async (): Promise<FakeSocket> => {
    const socket = new FakeSocket();
    io.emit("connection", socket);
    socket.on("n", (...args) => heard.push(args));
    await turn();
    return socket;
  };
  return { heard, join };
}

/** A store that answers when the test says so. */
function slowStore() {
  const memory = new MemoryStore();
  const waiting: (() => void)[] = [];
  const store: DedupeStore = {
    advance: (...args) =>
      new Promise((resolve) => waiting.push(() => resolve(memory.advance(...args)))),
  };
  return { store, waiting };
}

describe("dedupe()", () => {
  it("answers the client's question", async () => {
    const { join } = await server();
    const answer = vi.fn();
    (await join()).receive("$tautline", "s", answer);
    expect(answer).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("hands packets on once, without their tags, across connections", async () => {
    const { heard, join } = await server();
    const first = await join();
    first.receive("n", 1, tag(1));
    first.receive("n", 2, { x: 1 }, tag(2));
    const second = await join();
    second.receive("n", 2, { x: 1 }, tag(2));
    second.receive("n", 3, tag(3));
    await turn();
    expect(heard).toEqual([[1], [2, { x: 1 }], [3]]);
  });

  it("lets packets of other clients pass", async () => {
    const { heard, join } = await server();
    const socket = await join();
    const odd = [
      { $tautline: 1 },
      { $tautline: ["s"] },
      { $tautline: ["s", 1.5] },
      { $tautline: ["x".repeat(100), 1] },
      null,
    ];
    for (const last of odd) socket.receive("n", last);
    for (const last of odd) socket.receive("n", last);
    await turn();
    expect(heard).toEqual([...odd, ...odd].map((last) => [last]));
  });

  it("keeps streams apart", async () => {
    const { heard, join } = await server();
    const socket = await join();
    socket.receive("n", "a", tag(1, "a"));
    socket.receive("n", "b", tag(1, "b"));
    await turn();
    expect(heard).toEqual([["a"], ["b"]]);
  });

  it("runs behind the middlewares of the app's listeners", async () => {
    const io = new EventEmitter();
    dedupe(io as never);
    const socket = new FakeSocket();
    const seen: unknown[][] = [];
    io.on("connection", (one: FakeSocket) =>
      one.use((event, next) => (seen.push([...event]), next())),
    );
    io.emit("connection", socket);
    await turn();
    socket.receive("n", tag(1));
    expect(seen).toEqual([["n", tag(1)]]);
  });

  describe("for acks", () => {
    it("gives a repetition the answer of the first time", async () => {
      const { join } = await server();
      const [first, second] = [await join(), await join()];
      first.on("ask", (reply) => reply("yes", 1));
      const [once, again] = [vi.fn(), vi.fn()];
      first.receive("ask", tag(1), once);
      await turn();
      second.receive("ask", tag(1), again);
      await turn();
      expect([once.mock.calls, again.mock.calls]).toEqual([[["yes", 1]], [["yes", 1]]]);
    });

    it("lets a repetition wait for a handler that is still at work", async () => {
      const { join } = await server();
      const socket = await join();
      let reply: ((answer: string) => void) | undefined;
      socket.on("ask", (answer) => (reply = answer));
      const [once, again] = [vi.fn(), vi.fn()];
      socket.receive("ask", tag(1), once);
      await turn();
      socket.receive("ask", tag(1), again);
      reply?.("now");
      expect([once.mock.calls, again.mock.calls]).toEqual([[["now"]], [["now"]]]);
    });

    it("answers nothing when the answer is forgotten, and survives a store that fails", async () => {
      const store: DedupeStore = {
        advance: (_stream, sequence) => sequence === 1,
        saveReply: () => Promise.reject(new Error("full")),
        reply: () => Promise.reject(new Error("down")),
      };
      const { join } = await server({ store });
      const socket = await join();
      socket.on("ask", (reply) => reply(1));
      const [once, again] = [vi.fn(), vi.fn()];
      socket.receive("ask", tag(1), once);
      await turn();
      socket.receive("ask", tag(0), again);
      await turn();
      expect([once.mock.calls, again.mock.calls]).toEqual([[[1]], []]);
    });
  });

  describe("when the client leaves", () => {
    it("hands on what it has taken note of", async () => {
      const { heard, join } = await server();
      const socket = await join();
      socket.once("n", () => heard.push(["once"]));
      socket.receive("n", 1, tag(1));
      socket.receive("n", 2, tag(2));
      socket.connected = false;
      await turn();
      expect(heard).toEqual([[1], ["once"], [2]]);
    });

    it("does not hand on twice what a handler answers with a disconnect", async () => {
      const { heard, join } = await server();
      const socket = await join();
      socket.on("n", () => (socket.connected = false));
      socket.receive("n", 1, tag(1));
      await turn();
      expect(heard).toEqual([[1]]);
    });
  });

  describe("with a store that takes time", () => {
    it("keeps the order, of untagged packets too, and across connections", async () => {
      const { store, waiting } = slowStore();
      const { heard, join } = await server({ store });
      const answer = vi.fn();
      const first = await join();
      first.receive("$tautline", "s", () => {});
      first.receive("n", 1, tag(1));
      first.receive("n", "volatile");
      first.connected = false;
      const second = await join();
      second.receive("$tautline", "s", answer);
      await turn();
      expect([heard, answer.mock.calls]).toEqual([[], []]);
      for (const resolve of waiting.splice(0)) resolve();
      await turn();
      second.receive("n", 2, tag(2));
      for (const resolve of waiting.splice(0)) resolve();
      await turn();
      expect([heard, answer.mock.calls]).toEqual([[[1], [2]], [[true]]]);
    });

    it("takes note of packets as they arrive, not one after another", async () => {
      const { store, waiting } = slowStore();
      const { join } = await server({ store });
      const socket = await join();
      socket.receive("n", 1, tag(1));
      socket.receive("n", 2, tag(2));
      expect(waiting).toHaveLength(2);
    });

    it("tells the socket when it fails, and goes on", async () => {
      let fails = true;
      const store: DedupeStore = {
        advance: () => (fails ? Promise.reject(new Error("down")) : Promise.resolve(true)),
      };
      const { heard, join } = await server({ store });
      const socket = await join();
      socket.receive("n", 1, tag(1));
      await turn();
      fails = false;
      socket.receive("n", 2, tag(2));
      await turn();
      expect([socket.errors.map(String), heard]).toEqual([["Error: down"], [[2]]]);
    });
  });
});

describe("MemoryStore", () => {
  it("takes each number once, and none below", () => {
    const store = new MemoryStore();
    expect([1, 1, 3, 2, 4].map((sequence) => store.advance("s", sequence))).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  it("forgets the stream that was silent longest", () => {
    const store = new MemoryStore({ maxStreams: 2 });
    for (const stream of ["a", "b", "a", "c"]) store.advance(stream, 1);
    expect([store.advance("a", 1), store.advance("b", 1)]).toEqual([false, true]);
  });

  it("forgets the oldest answers", () => {
    const store = new MemoryStore({ maxReplies: 1 });
    store.advance("s", 1);
    store.saveReply("s", 1, ["one"]);
    store.saveReply("s", 2, ["two"]);
    store.saveReply("unknown", 1, ["three"]);
    expect([store.reply("s", 1), store.reply("s", 2), store.reply("unknown", 1)]).toEqual([
      undefined,
      ["two"],
      undefined,
    ]);
  });
});
