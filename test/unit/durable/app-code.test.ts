/** What apps do in the middle of something, and what they pass. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore } from "../../../src/durable/index.js";
import { type Got, Session, settle, wrapped } from "./harness.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const numbers = (got: readonly Got[]): unknown[] => got.map(({ args }) => args[1]);

/** A session with what an earlier one has stored. */
async function restored(count: number, options: object = {}): Promise<Session> {
  const store = memoryStore();
  const writing = new Session({ store, ...options });
  for (let n = 1; n <= count; n++) await writing.socket.durable.emit("n", n);
  return new Session({ store, ...options });
}

async function connectAgain(session: Session): Promise<void> {
  await session.die("forced close");
  session.socket.connect();
  await session.open();
}

describe("An app that, when a packet is settled,", () => {
  it("disconnects, gets what was not acked after the next connect (DUR-48)", async () => {
    const session = await restored(3);
    session.socket.durable.once("settled", () => session.socket.disconnect());
    await session.open();
    const [first] = session.got();
    await session.ack(first as Got);
    expect(session.got()).toEqual([]);
    await connectAgain(session);
    expect(numbers(session.got())).toEqual([2, 3]);
  });

  it("disconnects, as a packet can't be written, sends nothing by that connection (DUR-71)", async () => {
    const session = await restored(3);
    const { codec } = session.line;
    const { encode } = codec;
    codec.encode = (type, nsp, data, id) => {
      const [event, n] = (data ?? []) as unknown[];
      if (event === "n" && n === 2) throw new Error("can't be written");
      return encode.call(codec, type, nsp, data, id);
    };
    session.socket.durable.once("settled", () => session.socket.disconnect());
    await session.open();
    expect(session.settled).toMatchObject([{ status: "refused", code: "unserializable" }]);
    expect(session.got()).toEqual([]);
    await connectAgain(session);
    expect(numbers(session.got())).toEqual([1, 3]);
  });

  it("disconnects, as a packet is expired, gets the others after the next connect (DUR-48)", async () => {
    const session = await restored(2, { ttl: 1000 });
    await vi.advanceTimersByTimeAsync(1000);
    await session.socket.durable.emit("n", 3);
    session.socket.durable.once("settled", () => session.socket.disconnect());
    await session.open();
    expect(session.settled.map(({ status }) => status)).toEqual(["expired", "expired"]);
    expect(session.got()).toEqual([]);
    await connectAgain(session);
    expect(numbers(session.got())).toEqual([3]);
  });

  it("clears, has nothing stored, and goes on (DUR-48)", async () => {
    const session = await restored(3);
    const cleared = new Promise((resolve) => {
      session.socket.durable.once("settled", () => resolve(session.socket.durable.clear()));
    });
    await session.open();
    await session.ack(session.got()[0] as Got);
    expect(await cleared).toBe(2);
    expect(await session.socket.durable.list()).toEqual([]);
    await session.socket.durable.emit("n", 4);
    expect(numbers(session.got())).toEqual([4]);
  });

  it("emits, has it sent behind what is stored (DUR-48)", async () => {
    const session = await restored(3);
    session.socket.durable.once("settled", () => void session.socket.durable.emit("n", 4));
    await session.open();
    const sent = session.got();
    await session.ack(sent[0] as Got);
    expect(numbers([...sent, ...session.got()])).toEqual([1, 2, 3, 4]);
  });

  it("throws, has what follows settled (DUR-49)", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const session = await restored(2);
    session.socket.durable.once("settled", () => {
      throw new Error("the app's");
    });
    await session.open();
    for (const got of session.got()) await session.ack(got);
    vi.unstubAllGlobals();
    expect(reported).toHaveBeenCalledOnce();
    expect(session.settled.map(({ args }) => args)).toEqual([[1], [2]]);
    await vi.advanceTimersByTimeAsync(50);
    expect(await session.socket.durable.list()).toEqual([]);
  });
});

describe("An app that stores without a pause", () => {
  it("gets a list and can clear: they wait only for what was to be stored before (DUR-51)", async () => {
    const memory = memoryStore()("scope");
    let calls = 0;
    const store = wrapped(memory, () => ({
      add: async (packets) => {
        const ids = await memory.add(packets);
        // the next ones are emitted while these are stored
        if (++calls < 1000) void session.socket.durable.emit("n", calls);
        return ids;
      },
    }));
    const session = new Session({ store: () => store });
    void session.socket.durable.emit("n", 0);
    const listed = await session.socket.durable.list();
    expect(listed.length).toBeGreaterThan(0);
    await session.socket.durable.clear();
    expect(calls).toBeLessThan(500);
  });
});

describe("An argument", () => {
  const date = new Date(0);
  it.each<[string, unknown, unknown]>([
    ["a Date", date, date.toJSON()],
    ["a Map", new Map([[1, 2]]), {}],
    ["undefined", undefined, null],
    ["NaN", NaN, null],
    ["a huge number", 1e308, 1e308],
    ["a symbol", Symbol("s"), null],
    ["an object with toJSON()", { toJSON: () => "text" }, "text"],
    ["an object with a key like a tag's", { $tautline: ["s", 1] }, { $tautline: ["s", 1] }],
    ["a lone surrogate", "\ud800", "\ud800"],
    ["an object with __proto__", JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')],
  ])("that is %s is listed, sent and settled as JSON has it (DUR-46)", async (_name, arg, seen) => {
    const session = await restored(0);
    await session.socket.durable.emit("n", arg);
    expect((await session.socket.durable.list())[0]?.args).toEqual([seen]);
    await session.open();
    const [got] = session.got();
    expect(got?.args).toEqual(["n", seen]);
    await session.ack(got as Got);
    expect(session.settled).toMatchObject([{ status: "delivered", args: [seen] }]);
  });

  it.each<[string, () => unknown]>([
    ["a BigInt", () => 1n],
    [
      "cyclic",
      () => {
        const cyclic: unknown[] = [];
        cyclic.push(cyclic);
        return cyclic;
      },
    ],
    ["an ack", () => () => {}],
  ])("that is %s is not stored: emit() rejects", async (_name, make) => {
    const session = await restored(0);
    await expect(session.socket.durable.emit("n", make())).rejects.toMatchObject({
      name: "TautlineError",
      code: "unserializable",
    });
    expect(await session.socket.durable.list()).toEqual([]);
    await settle();
    await session.open();
    expect(session.got()).toEqual([]);
  });
});

describe("A clock that is set back", () => {
  it("makes no packet expire, and leaves the order as it is (DUR-47)", async () => {
    const session = await restored(1, { ttl: 1000 });
    vi.setSystemTime(Date.now() - 3600_000);
    await session.socket.durable.emit("n", 2);
    await session.open();
    expect(numbers(session.got())).toEqual([1, 2]);
    expect(session.settled).toEqual([]);
  });
});
