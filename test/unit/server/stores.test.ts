import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DedupeStore } from "../../../src/server/index.js";
import { SharedStore } from "../../support/shared-store.js";
import { serveDouble, turn } from "./server-double.js";

/** A store that answers when the test says so. */
function slowStore(memory = new SharedStore()) {
  const waiting: (() => void)[] = [];
  const store: DedupeStore = {
    claim: (...args) =>
      new Promise((resolve) => waiting.push(() => resolve(memory.claim(...args)))),
    saveReply: (...args) => memory.saveReply(...args),
    reply: (...args) => Promise.resolve(memory.reply(...args)),
  };
  return { store, waiting };
}

describe("dedupe() with a store", () => {
  const failed = vi.fn();
  beforeEach(() => {
    failed.mockClear();
    process.on("unhandledRejection", failed);
  });
  afterEach(async () => {
    vi.useRealTimers();
    await turn();
    process.off("unhandledRejection", failed);
    expect(failed.mock.calls).toEqual([]);
  });

  it("drops what another node has received (DED-20)", async () => {
    const store = new SharedStore();
    const nodes = [serveDouble({ store }), serveDouble({ store })] as const;
    const [one, other] = [nodes[0].join().ask(), nodes[1].join().ask()];
    one.say(1);
    other.say(1);
    other.say(2);
    one.say(2);
    await turn();
    expect(nodes.map(({ heard }) => heard)).toEqual([[[1]], [[2]]]);
  });

  it("gives a repetition the answer of another node (DED-20)", async () => {
    const store = new SharedStore();
    const answers = (socket: any): void => {
      socket.on("ask", (reply: (answer: string) => void) => reply("first"));
    };
    const [one, other] = [serveDouble({ store }, answers), serveDouble({ store })];
    one.join().ask().say(1, ["ask"], 7);
    await turn();
    const back = other.join().ask();
    back.say(1, ["ask"], 7);
    await turn();
    expect(back.answers.slice(1)).toEqual([[7, "first"]]);
  });

  describe("that takes time", () => {
    it("keeps the order among several streams of a socket, and what bears no tag (DED-21)", async () => {
      const { store, waiting } = slowStore();
      const { heard, join } = serveDouble({ store });
      const client = join().ask("a");
      client.say(1, ["n", "a1"], undefined, "a");
      client.ask("b");
      client.say(1, ["n", "b1"], undefined, "b");
      client.receive(["n", "plain"]);
      client.say(2, ["n", "a2"], undefined, "a");
      client.say(1, ["n", "a1 again"], undefined, "a");
      expect(waiting).toHaveLength(3);
      for (const answer of waiting.splice(0).reverse()) {
        expect(heard).toEqual([]);
        answer();
        await turn();
      }
      expect(heard).toEqual([["a1"], ["b1"], ["plain"], ["a2"]]);
    });

    it("answers the question at once, and hands on in order, untagged packets and other connections' too", async () => {
      const { store, waiting } = slowStore();
      const { heard, join } = serveDouble({ store });
      const first = join().ask();
      first.say(1);
      first.receive(["n", "volatile"]);
      const second = join().ask();
      expect(second.answers).toEqual([[0, true]]);
      second.say(1);
      second.say(2);
      second.say(3);
      await turn();
      expect(heard).toEqual([]);
      // 1 was asked for once: this process knows that it came again
      expect(waiting).toHaveLength(3);
      for (const resolve of waiting.splice(0).reverse()) resolve();
      await turn();
      expect(heard).toEqual([[1], ["volatile"], [2], [3]]);
    });

    it("hands on though the client has left, and answers whom it can", async () => {
      const { store, waiting } = slowStore();
      const { heard, join } = serveDouble({ store }, (socket) => {
        socket.on("ask", (reply) => reply("yes"));
      });
      const first = join().ask();
      first.say(1);
      first.say(2, ["ask"], 7);
      first.close();
      const second = join().ask();
      second.say(2, ["ask"], 7);
      for (const resolve of waiting) resolve();
      await turn();
      expect([heard, second.answers.slice(1)]).toEqual([[[1]], [[7, "yes"]]]);
    });

    it("asks the other node for the answer when it turns out to have been the first", async () => {
      const memory = new SharedStore();
      memory.claim("s", 1);
      memory.saveReply("s", 1, ["theirs"]);
      const { store, waiting } = slowStore(memory);
      const { join } = serveDouble({ store });
      const clients = [join().ask(), join().ask()];
      for (const client of clients) client.say(1, ["ask"], 7);
      for (const resolve of waiting) resolve();
      await turn();
      expect(clients.map(({ answers }) => answers.slice(1))).toEqual([
        [[7, "theirs"]],
        [[7, "theirs"]],
      ]);
    });

    it("keeps no one else waiting (DED-22)", async () => {
      const { store } = slowStore();
      const { heard, join } = serveDouble({ store });
      join().ask("").say(1);
      join().ask().say(1);
      const [plain, other] = [join(), join().ask("t")];
      plain.receive(["n", "plain"]);
      other.receive(["n", "other stream"]);
      await turn();
      expect(heard).toEqual([[1, { $tautline: ["s", 1] }], ["plain"], ["other stream"]]);
    });

    it("decides by itself after a while, once, and says so (DED-23)", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const onError = vi.fn();
      const { store, waiting } = slowStore();
      const { heard, join } = serveDouble({ store, storeTimeout: 100, onError });
      const client = join().ask();
      client.say(1);
      client.say(2);
      vi.advanceTimersByTime(99);
      await turn();
      expect(heard).toEqual([]);
      vi.advanceTimersByTime(1);
      await turn();
      for (const resolve of waiting) resolve();
      client.say(1);
      await turn();
      expect(heard).toEqual([[1], [2]]);
      expect(onError.mock.calls.map(([error]) => error.code)).toEqual(["timeout", "timeout"]);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe("that fails", () => {
    const thrower = {
      then: () => {
        throw new Error("thenable");
      },
    };
    const cases: [string, () => any][] = [
      [
        "throws",
        () => {
          throw new Error("down");
        },
      ],
      ["rejects", () => Promise.reject(new Error("down"))],
      ["gives a thenable that throws", () => thrower],
      [
        "gives an object whose then throws",
        () =>
          Object.defineProperty({}, "then", {
            get: () => {
              throw new Error("down");
            },
          }),
      ],
      ["gives 0", () => 0],
      ["gives { toString: 1 }", () => Promise.resolve({ toString: 1 })],
      ["gives nothing", () => undefined],
    ];

    it.each(cases)("decides from its own memory when it %s (DED-23)", async (_what, claim) => {
      const onError = vi.fn();
      const { heard, join } = serveDouble({ store: { claim }, onError });
      const client = join().ask();
      for (const n of [1, 2, 1, 2, 3]) client.say(n);
      client.receive(["n", "volatile"]);
      await turn();
      expect(heard).toEqual([[1], [2], [3], ["volatile"]]);
      expect(onError).toHaveBeenCalledTimes(3);
    });

    it.each(cases)("gives answers all the same when it %s for them", async (_what, fail) => {
      const store = { claim: (_: string, n: number) => n === 1, saveReply: fail, reply: fail };
      const { join } = serveDouble({ store, onError: () => {} }, (socket) => {
        socket.on("ask", (reply) => reply("yes"));
      });
      const client = join().ask();
      for (const n of [1, 1, 2]) client.say(n, ["ask"], n);
      await turn();
      expect(client.answers.slice(1)).toEqual([
        [1, "yes"],
        [1, "yes"],
      ]);
    });

    it("survives a reply that can't be sent, and an onError that throws", async () => {
      const onError = vi.fn(() => {
        throw new Error("the app's");
      });
      const { join } = serveDouble({ store: { claim: () => false, reply: () => [1n] }, onError });
      const client = join().ask();
      (client.socket as any).client._packet = () => {
        throw new Error("unserializable");
      };
      client.say(1, ["ask"], 7);
      await turn();
      expect(onError).toHaveBeenCalledTimes(1);
    });

    it("warns once where nobody listens", async () => {
      const warn = vi.spyOn(process, "emitWarning").mockReturnValue();
      const { join } = serveDouble({ store: { claim: () => Promise.reject(new Error("down")) } });
      const client = join().ask();
      client.say(1);
      client.say(2);
      await turn();
      expect(warn.mock.calls).toEqual([["dedupe(): Error: down"]]);
      warn.mockRestore();
    });
  });

  it("leaves to the process what an app's own listener throws, and goes on", async () => {
    const { store, waiting } = slowStore();
    const { heard, join } = serveDouble({ store }, (socket) => {
      socket.onAny((_, n) => {
        if (n === 1) throw new Error("the app's");
      });
    });
    const thrown = vi.fn();
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.once("uncaughtException", thrown);
    const client = join().ask();
    client.say(1);
    client.say(2);
    for (const resolve of waiting) resolve();
    await turn();
    for (const listener of before) process.on("uncaughtException", listener);
    expect([heard, thrown.mock.calls[0]?.[0]]).toEqual([[[2]], new Error("the app's")]);
  });
});
