import { EventEmitter } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { dedupe } from "../../../src/server/index.js";
import { serveDouble, turn } from "./server-double.js";

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n);

describe("dedupe()", () => {
  it("answers the client's question at once", () => {
    expect(serveDouble().join().ask("s", 3).answers).toEqual([[3, true]]);
  });

  it("hands packets on once, without their tags, across connections (DED-1)", async () => {
    const { heard, join } = serveDouble();
    const first = join().ask();
    first.say(1);
    first.say(2, ["n", 2, { x: 1 }]);
    first.close();
    const second = join().ask();
    second.say(2, ["n", 2, { x: 1 }]);
    second.say(3);
    await turn();
    expect(heard).toEqual([[1], [2, { x: 1 }], [3]]);
  });

  it("knows what was received, not what was the highest (DED-2)", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask();
    for (const n of [5, 1, 5, 3, 1, 2]) client.say(n);
    await turn();
    expect(heard).toEqual([[5], [1], [3], [2]]);
  });

  it("hands on packets that an async middleware reorders (DED-3)", async () => {
    const waiting: (() => void)[] = [];
    const { heard, join } = serveDouble({}, (socket) => {
      socket.use(([, n], next) => void (n % 3 ? next() : waiting.push(next)));
    });
    const client = join().ask();
    for (const n of range(1, 10)) client.say(n);
    await turn();
    for (const next of waiting) next();
    await turn();
    expect(heard.flat()).toEqual([1, 2, 4, 5, 7, 8, 10, 3, 6, 9]);
  });

  it("shows onAny listeners and middlewares what was emitted, once (DED-4)", async () => {
    const seen: unknown[][] = [];
    const { join } = serveDouble({}, (socket) => {
      socket.onAny((...args) => seen.push(["any", ...args]));
      socket.use((event, next) => (seen.push(["use", ...event]), next()));
    });
    const client = join().ask();
    client.say(1);
    client.say(1);
    client.ask();
    await turn();
    expect(seen).toEqual([
      ["any", "n", 1],
      ["use", "n", 1],
    ]);
  });

  it("tells the socket what a middleware refuses", async () => {
    const { heard, join } = serveDouble({}, (socket) => {
      socket.use((_, next) => next(new Error("no")));
    });
    const client = join().ask();
    const refused = vi.fn();
    client.socket.on("error", refused);
    client.say(1);
    await turn();
    expect([heard, refused.mock.calls]).toEqual([[], [[new Error("no")]]]);
  });

  it("lets packets without a number pass, in order (DED-5)", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask();
    client.say(1);
    client.receive(["n", "volatile"]);
    client.say(2);
    await turn();
    expect(heard).toEqual([[1], ["volatile"], [2]]);
  });

  it("lets packets of clients that never asked pass, whatever they look like (DED-6)", async () => {
    const { heard, join } = serveDouble();
    const client = join();
    for (let n = 0; n < 2; n++) client.say(1);
    await turn();
    expect(heard).toEqual([
      [1, { $tautline: ["s", 1] }],
      [1, { $tautline: ["s", 1] }],
    ]);
  });

  describe("for acks", () => {
    const echo = (answer: unknown) => (socket: EventEmitter) => {
      socket.on("ask", (reply) => reply(answer, 1));
    };

    it("gives a repetition the answer of the first time, as it was then (DED-7)", async () => {
      const state = { n: 1 };
      const { join } = serveDouble({}, echo(state));
      const [first, second] = [join().ask(), join().ask()];
      first.say(1, ["ask"], 7);
      await turn();
      state.n = 2;
      second.say(1, ["ask"], 7);
      await turn();
      expect(first.answers.slice(1)).toEqual([[7, state, 1]]);
      expect(second.answers.slice(1)).toEqual([[7, { n: 1 }, 1]]);
    });

    it("lets the latest repetition wait for a handler that is still at work (DED-8)", async () => {
      let reply: ((answer: string) => void) | undefined;
      const { join } = serveDouble({}, (socket) => {
        socket.on("ask", (answer) => (reply = answer));
      });
      const clients = [join().ask(), join().ask(), join().ask()];
      for (const client of clients) {
        client.say(1, ["ask"], 7);
        await turn();
      }
      reply?.("now");
      reply?.("again");
      expect(clients.map(({ answers }) => answers.slice(1))).toEqual([
        [[7, "now"]],
        [],
        [[7, "now"]],
      ]);
    });

    it("answers nothing when the answer is forgotten (DED-9)", async () => {
      const { heard, join } = serveDouble({ maxReplyBytes: 0 }, echo(1));
      const client = join().ask();
      client.say(1, ["ask"], 7);
      await turn();
      client.say(1, ["ask"], 8);
      await turn();
      expect([client.answers.slice(1), heard]).toEqual([[[7, 1, 1]], []]);
    });

    it("does not take for an answer what could not be sent", async () => {
      const { join } = serveDouble({}, (socket) => {
        socket.on("ask", (reply) => {
          (socket as any).client._packet = () => {
            throw new Error("unserializable");
          };
          expect(() => reply(1n)).toThrow("unserializable");
          delete (socket as any).client._packet;
        });
      });
      const client = join().ask();
      client.say(1, ["ask"], 7);
      await turn();
      expect(client.answers).toEqual([[0, true]]);
    });
  });

  describe("when the client leaves", () => {
    it("hands on what was received, behind middlewares that take time too (DED-10)", async () => {
      const waiting: (() => void)[] = [];
      const { heard, join } = serveDouble({}, (socket) => {
        socket.use((_, next) => void waiting.push(next));
        socket.once("n", () => heard.push(["once"]));
      });
      const client = join().ask();
      client.say(1);
      client.say(2);
      client.close();
      await turn();
      for (const next of waiting) next();
      await turn();
      expect(heard).toEqual([["once"], [1], [2]]);
    });

    it("answers no question any more, and survives an error event without listeners", async () => {
      const { join } = serveDouble();
      const client = join().ask();
      client.say(1, ["error", "hostile"]);
      client.socket.removeAllListeners();
      client.leave();
      client.ask();
      await turn();
      expect(client.answers).toHaveLength(1);
    });
  });

  describe("when it can't work", () => {
    it.each([
      ["server", {}, {}],
      ["server", null, {}],
      ["store.claim", new EventEmitter(), { store: { advance: () => true } }],
      ["storeTimeout", new EventEmitter(), { storeTimeout: NaN }],
      ["onError", new EventEmitter(), { onError: "log" }],
    ])("refuses a wrong %s (DED-11)", (name, io, options) => {
      expect(() => dedupe(io as never, options as never)).toThrow(
        expect.objectContaining({ code: "invalid-option", message: expect.stringContaining(name) }),
      );
    });

    it.each(["onevent", "ack", "run"])(
      "says so for sockets without %s, and leaves them alone (DED-12)",
      (name) => {
        const onError = vi.fn();
        const { join } = serveDouble({ onError }, (socket) => {
          Object.defineProperty(socket, name, { value: undefined });
        });
        const client = join();
        expect(onError.mock.calls).toEqual([
          [expect.objectContaining({ code: "unsupported-version" })],
        ]);
        expect(Object.hasOwn(client.socket, "onevent")).toBe(name === "onevent");
      },
    );
  });
});
