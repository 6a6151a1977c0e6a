import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { atLeastOnce, type Delivery, exactlyOnce } from "../../src/delivery/index.js";
import { durable, indexedDb, memoryStore, type Settled } from "../../src/durable/index.js";
import { dedupe } from "../../src/server/index.js";
import { client, next, proxyTo, serve, until } from "../support/harness.js";

/** The next packet that is settled. */
function settledOf(socket: ReturnType<typeof client>, count: number): Promise<Settled[]> {
  const all: Settled[] = [];
  return new Promise((resolve) => {
    socket.durable.on("settled", (one) => {
      all.push(one);
      if (all.length === count) resolve(all);
    });
  });
}

async function serveNumbers(withDedupe: boolean) {
  const server = await serve();
  if (withDedupe) dedupe(server.io);
  const received: unknown[] = [];
  server.io.on("connection", (socket) => {
    socket.on("n", (n: unknown, ...rest: unknown[]) => {
      received.push(n);
      (rest.at(-1) as (answer: string) => void)("ok");
    });
    socket.on("plain", (n: unknown) => received.push(n));
  });
  return { ...server, received };
}

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("IDBKeyRange", IDBKeyRange);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const mine = { name: "app", identity: 1 };
const outboxes = {
  "in IndexedDB": () => indexedDb(mine),
  "in memory": () => durable({ ...mine, store: memoryStore() }),
};
const deliveries: Record<string, Delivery | undefined> = {
  "no policy": undefined,
  "atLeastOnce()": atLeastOnce(),
  "exactlyOnce()": exactlyOnce(),
};

describe.each([
  { where: "in IndexedDB", name: "with dedupe()", withDedupe: true },
  { where: "in IndexedDB", name: "without dedupe()", withDedupe: false },
  { where: "in memory", name: "with dedupe()", withDedupe: true },
] as const)("an outbox $where, to a server $name", ({ where, withDedupe }) => {
  it("sends what an earlier session has stored, in order and before newer packets (DUR-1)", async () => {
    const server = await serveNumbers(withDedupe);
    const outbox = outboxes[where]();
    const first = client(server.url, { outbox, autoConnect: false });
    const ids = [];
    for (let n = 0; n < 10; n++) ids.push(first.durable.emit("n", n));
    expect(new Set(await Promise.all(ids)).size).toBe(10);
    expect((await first.durable.list()).map(({ args }) => args)).toHaveLength(10);

    const second = client(server.url, { outbox, autoConnect: false });
    second.emit("plain", "new");
    const settled = settledOf(second, 10);
    second.connect();
    expect((await settled).map(({ status, answer, args }) => [status, answer, args])).toEqual(
      Array.from({ length: 10 }, (_, n) => ["delivered", ["ok"], [n]]),
    );
    await until(() => server.received.length >= 11);
    expect(server.received).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "new"]);
    expect(second.durable.delivery).toBe(withDedupe ? "exactly-once" : "at-least-once");
    await expect.poll(() => second.durable.list(), { timeout: 15_000 }).toEqual([]);
  });

  it.each(Object.keys(deliveries).filter((name) => withDedupe || name !== "exactlyOnce()"))(
    "keeps packets over connections that die, over %s (DUR-5)",
    async (name) => {
      const delivery = deliveries[name];
      const server = await serveNumbers(withDedupe);
      const proxy = await proxyTo(server);
      const outbox = outboxes[where]();
      const socket = client(proxy.url, {
        outbox,
        reconnectionDelay: 1,
        ...(delivery && { delivery }),
      });
      let settled = 0;
      socket.durable.on("settled", () => settled++);
      for (let n = 0; n < 200; n++) {
        const stored = socket.durable.emit("n", n);
        if (n % 20 === 19) {
          await stored;
          if (!socket.connected) await next(socket, "connect");
          for (let i = 0; i < n % 7; i++) await new Promise((resolve) => setImmediate(resolve));
          // a line that never lets anything through makes its first packet a suspect
          const before = settled;
          if (n % 60 === 59) await until(() => settled > before || settled === n + 1);
          proxy.cut({ how: "rst", side: "both" });
        }
      }
      await until(() => settled === 200);
      const numbers = Array.from({ length: 200 }, (_, n) => n);
      if (withDedupe) expect(server.received).toEqual(numbers);
      else expect([...new Set(server.received)]).toEqual(numbers);
    },
  );
});
