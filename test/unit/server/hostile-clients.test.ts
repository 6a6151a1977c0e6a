import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Streams } from "../../../src/server/streams.js";
import { seeded } from "../../../src/test-kit/seeded.js";
import { type FarClient, serveDouble, turn } from "./server-double.js";

const odd: unknown[] = [
  undefined,
  null,
  0,
  -1,
  1.5,
  NaN,
  2 ** 53,
  "",
  "s",
  "x".repeat(65),
  true,
  [],
  ["s"],
  ["s", 1],
  ["t", 1],
  ["s", "1"],
  ["s", 0],
  [["s"], 1],
  {},
  { toString: 1 },
  { valueOf: null, then: 1 },
  { $tautline: 1 },
  { $tautline: null },
  { $tautline: ["s", 1, 2] },
  { $tautline: { 0: "s", 1: 1, length: 2 } },
  JSON.parse('{"__proto__": {"$tautline": ["s", 1]}, "constructor": 1}'),
  Buffer.from("s"),
  Object.create(null),
];

const rejecting = (): Promise<never> => Promise.reject(new Error("down"));
const throwing = (): never => {
  throw new Error("down");
};

/** Nothing may be left to the process. */
const failed = vi.fn();

describe("dedupe() before a hostile client", () => {
  beforeEach(() => {
    failed.mockClear();
    process.on("unhandledRejection", failed);
    process.on("uncaughtException", failed);
  });
  afterEach(() => {
    process.off("unhandledRejection", failed);
    process.off("uncaughtException", failed);
    expect(failed.mock.calls).toEqual([]);
  });

  it("takes only a string of 1 to 64 characters, with an ack, for a question (DED-17)", () => {
    const { join } = serveDouble();
    const client = join();
    for (const value of odd) if (value !== "s") client.receive(["$tautline", value], 0);
    for (const value of odd)
      if (typeof value !== "number") client.receive(["$tautline", "s"], value);
    expect(client.answers).toEqual([]);
  });

  it("drops what is tagged otherwise (DED-17)", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask("s");
    for (const value of odd.filter((one) => one !== undefined))
      client.receive(["n", { $tautline: value }]);
    for (const value of odd.filter((one) => one !== "s"))
      client.receive(["n", "odd", { $tautline: [value, 2] }]);
    await turn();
    // ["s", 1] and ["t", 1] stand in the list, and are good ones
    expect(heard).toEqual([[], []]);
  });

  it("does not let one client's packets use up the memory of others (DED-18)", async () => {
    const { heard, join } = serveDouble({ maxStreams: 150 });
    const away = join().ask("away");
    away.say(1, ["n", "once"], undefined, "away");
    away.close();
    const { conn } = join();
    for (let n = 0; n < 10_000; n++) {
      const again = join(conn).ask(`s${n}`);
      again.say(1, ["other"], 1, `s${n}`);
      again.leave();
    }
    conn.emit("close");
    const back = join().ask("away");
    back.say(1, ["n", "twice"], undefined, "away");
    await turn();
    expect(heard).toEqual([["once"]]);
  });

  it("remembers a bounded number of acks that are never answered", async () => {
    const { join } = serveDouble();
    const enter = vi.spyOn(Streams.prototype, "enter");
    const client = join().ask();
    const stream = enter.mock.results[0]?.value;
    for (let n = 1; n <= 20_000; n++) {
      client.say(n, ["nobody listens"], n);
      client.say(n, ["nobody listens"], n);
    }
    await turn();
    expect(stream.answers.size).toBe(4096);
    enter.mockRestore();
  });

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    "never throws, whatever it sends, and stays small (seed %i) (DED-19)",
    async (seed) => {
      const random = seeded(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
      const enter = vi.spyOn(Streams.prototype, "enter");
      const handled = new Map<number, number>();
      const store = {
        claim: (): any => {
          const value = pick([true, true, "throw", "reject", "never", 1, "hostile"]);
          if (value === "throw") throw value;
          if (value === "reject") return Promise.reject(value);
          if (value === "never") return new Promise(() => {});
          if (value === "hostile")
            return {
              then: () => {
                throw value;
              },
            };
          return pick([value, Promise.resolve(value)]);
        },
        saveReply: (): any => pick([() => 1, rejecting, throwing])(),
        reply: (): any => pick([() => undefined, () => [1], () => "text", rejecting, throwing])(),
      };
      const onError = (): never => {
        throw new Error("the app's");
      };
      const { join } = serveDouble(
        { ...(seed % 2 && { store }), storeTimeout: 1, onError },
        (socket) => {
          // with its tag, it comes from a client that never asked
          socket.on("count", (n, tag) => tag ?? handled.set(n, (handled.get(n) ?? 0) + 1));
          socket.on("ask", (...args) => {
            const reply = args.at(-1);
            if (typeof reply === "function") reply(pick(odd));
          });
        },
      );
      const moves: ((client: FarClient) => void)[] = [
        (client) => client.ask(pick(odd), pick(odd)),
        (client) => client.receive(pick(odd), pick(odd)),
        (client) => client.receive([pick(odd), pick(odd), { $tautline: pick(odd) }], pick(odd)),
        (client) => client.receive(["ask", pick(odd), { $tautline: [pick(odd), pick(odd)] }], 1),
        (client) => client.say(Math.floor(random() * 2 ** 53), ["ask"], 1),
        (client) => client.say(Math.floor(random() * 300), ["ask"], 1),
        (client) => client.leave(),
        (client) => client.close(),
      ];
      let client = join().ask();
      for (let step = 0; step < 3000; step++) {
        if (random() < 0.02) client = join().ask();
        if (random() < 0.01) client = join(client.conn);
        pick(moves.slice(0, random() < 0.02 ? 8 : 6))(client);
        const n = 1 + Math.floor(random() * 200);
        client.receive(["count", n, { $tautline: ["s", n + 2 ** 50] }]);
        if (step % 100 === 0) await turn();
      }
      await expect.poll(() => handled.size).toBeGreaterThan(50);
      await turn();
      expect([...handled.values()].every((times) => times === 1)).toBe(true);
      for (const { value: stream } of enter.mock.results) {
        expect(stream.answers?.size ?? 0).toBeLessThanOrEqual(4096);
        expect(JSON.stringify(stream.window).length).toBeLessThan(2 * 257 * 20);
      }
      enter.mockRestore();
    },
  );
});
