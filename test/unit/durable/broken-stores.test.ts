import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memoryStore, type OutboxStore } from "../../../src/durable/index.js";
import { TautlineError } from "../../../src/errors.js";
import { named, never, Session, settle, wrapped } from "./harness.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const rejecting = (name: string) => () => Promise.reject(named(name));

describe("An outbox whose store", () => {
  describe.each<[string, string, Partial<OutboxStore>]>([
    ["is full", "storage-full", { add: rejecting("QuotaExceededError") }],
    ["is blocked", "storage-blocked", { add: rejecting("TimeoutError") }],
    ["is of a newer version", "storage-newer", { add: rejecting("VersionError") }],
    ["is broken", "storage-failed", { add: rejecting("UnknownError") }],
    [
      "throws",
      "storage-failed",
      {
        add: () => {
          throw new Error("at once");
        },
      },
    ],
    ["rejects with nothing", "storage-failed", { add: () => Promise.reject(undefined as never) }],
    [
      "has an error with a code",
      "storage-full",
      { add: () => Promise.reject(new TautlineError("storage-full", "no")) },
    ],
    ["never answers", "storage-blocked", { add: never }],
    ["cannot be counted", "storage-failed", { count: rejecting("UnknownError") }],
    ["counts nothing", "storage-failed", { count: async () => undefined as never }],
    ["gives no ids", "storage-failed", { add: async () => undefined as never }],
    ["gives too few ids", "storage-failed", { add: async () => [] }],
    ["gives an id that is none", "storage-failed", { add: async () => [null as never] }],
    ["gives a text for ids", "storage-failed", { add: async () => "a" as never }],
  ])("%s", (_name, code, replaced) => {
    it("rejects, keeps the packet in memory and sends it, once (DUR-40)", async () => {
      const store = wrapped(memoryStore()("scope"), () => replaced);
      const session = await new Session({ store: () => store }).open();
      const stored = session.socket.durable.emit("n", 1).catch((error: TautlineError) => error);
      await vi.advanceTimersByTimeAsync(5000);
      await settle();
      expect(await stored).toMatchObject({ name: "TautlineError", code });
      expect(await session.socket.durable.list()).toMatchObject([{ id: undefined, args: [1] }]);
      const [first, ...rest] = session.got();
      expect(rest).toEqual([]);
      expect(first?.args).toEqual(["n", 1]);
      await session.die();
      await session.open();
      const [again] = session.got();
      expect(again?.tag).toEqual(first?.tag);
      await session.ack(again as never, "ok");
      expect(session.settled).toMatchObject([{ id: undefined, status: "delivered", args: [1] }]);
      expect(await session.socket.durable.list()).toEqual([]);
    });
  });

  it("answers too late, has its packets removed when they are delivered (DUR-20)", async () => {
    const memory = memoryStore()("scope");
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const store = wrapped(memory, () => ({
      add: (packets) => held.then(() => memory.add(packets)),
    }));
    const session = await new Session({ store: () => store }).open();
    const [one, two] = [1, 2].map((n) =>
      session.socket.durable.emit("n", n).catch((error: TautlineError) => error.code),
    );
    await vi.advanceTimersByTimeAsync(5000);
    expect(await Promise.all([one, two])).toEqual(["storage-blocked", "storage-blocked"]);
    const sent = session.got();
    await session.ack(sent[0] as never);
    release();
    await settle();
    expect(await memory.count()).toBe(1);
    // what is stored now is not read again while it is under way
    await session.socket.durable.emit("n", 3);
    expect(session.got().map(({ args }) => args[1])).toEqual([3]);
    await session.ack(sent[1] as never);
    await vi.advanceTimersByTimeAsync(50);
    expect((await memory.read(0, 10)).map(({ number }) => number)).toEqual([3]);
  });

  it("cannot be read, holds up nobody and says so (DUR-16)", async () => {
    const store = wrapped(memoryStore()("scope"), () => ({ read: rejecting("UnknownError") }));
    const session = await new Session({ store: () => store }).open();
    session.socket.emit("plain");
    expect(session.got().map(({ args }) => args)).toEqual([["plain"]]);
    expect(session.errors).toEqual(["storage-failed"]);
    await expect(session.socket.durable.list()).rejects.toMatchObject({ code: "storage-failed" });
  });

  it.each([undefined, null, "abc", [null], [{}], [{ id: 0 }]])(
    "reads %j, holds up nobody and says so (DUR-41)",
    async (garbage) => {
      const memory = memoryStore()("scope");
      const store = wrapped(memory, () => ({ read: async () => garbage as never }));
      const session = await new Session({ store: () => store }).open();
      session.socket.emit("plain");
      expect(session.got().map(({ args }) => args)).toEqual([["plain"]]);
      expect(session.errors).toEqual(["storage-failed"]);
      const { durable } = session.socket;
      await expect(durable.list()).rejects.toMatchObject({ code: "storage-failed" });
      await expect(durable.clear()).rejects.toMatchObject({ code: "storage-failed" });
      await expect(durable.emit("n", 1)).resolves.toBe(1);
    },
  );

  it("gives back packets that are none, gives them up after `tries` (DUR-42)", async () => {
    const memory = memoryStore()("scope");
    const opened = { store: () => memory };
    await new Session(opened).socket.durable.emit("n", 1);
    const [{ id = 0 } = {}] = await memory.read(0, 1);
    await memory.update({ id, data: '2["n",1]' } as never);
    for (let i = 0; i < 2; i++) {
      const session = await new Session({ ...opened, tries: 2 }).open();
      expect(session.got()).toEqual([]);
      expect(session.settled).toMatchObject(i ? [{ status: "refused", code: "parse-error" }] : []);
    }
    expect(await memory.count()).toBe(0);
  });

  it("answers with garbage too late, has its packets in memory (DUR-69)", async () => {
    let release = (_ids: never): void => {};
    const held = new Promise<never>((resolve) => (release = resolve));
    const store = wrapped(memoryStore()("scope"), () => ({ add: () => held }));
    const session = new Session({ store: () => store });
    const stored = session.socket.durable.emit("n", 1).catch((error: TautlineError) => error.code);
    await vi.advanceTimersByTimeAsync(5000);
    expect(await stored).toBe("storage-blocked");
    release([] as never);
    await settle();
    await session.open();
    expect(session.got().map(({ args }) => args)).toEqual([["n", 1]]);
  });

  it("answers too late and before anything was sent, has its packets sent all the same (DUR-20)", async () => {
    const memory = memoryStore()("scope");
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const store = wrapped(memory, () => ({
      add: (packets) => held.then(() => memory.add(packets)),
    }));
    const session = new Session({ store: () => store, storeTimeout: 300 });
    const stored = session.socket.durable.emit("n", 1).catch((error: TautlineError) => error.code);
    await vi.advanceTimersByTimeAsync(300);
    expect(await stored).toBe("storage-blocked");
    session.line.open().accept();
    release();
    await settle();
    await session.answer();
    expect(session.got().map(({ args }) => args)).toEqual([["n", 1]]);
  });

  it("is being read when the connection dies, holds up no emit() (DUR-16)", async () => {
    const memory = memoryStore()("scope");
    let isHung = true;
    const store = wrapped(memory, () => ({
      read: (after, limit) => (isHung ? never() : memory.read(after, limit)),
    }));
    const old = new Session({ store: () => memory });
    await old.socket.durable.emit("n", "old");
    const session = new Session({ store: () => store });
    session.line.open().accept();
    const during = [session.socket.durable.emit("n", 1)];
    await settle();
    await session.answer();
    during.push(session.socket.durable.emit("n", 2));
    await settle();
    await session.die();
    isHung = false;
    const after = session.socket.durable.emit("n", 3);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await Promise.all([...during, after])).toEqual([2, 3, 4]);
    expect(await session.socket.durable.list()).toHaveLength(4);
    await session.open();
    expect(session.got().map(({ args }) => args[1])).toEqual(["old", 1, 2, 3]);
  });

  it("never answers what is read, holds up others for `storeTimeout` (DUR-17)", async () => {
    const store = wrapped(memoryStore()("scope"), () => ({ read: never }));
    const session = await new Session({ store: () => store, storeTimeout: 300 }).open();
    session.socket.emit("plain");
    await vi.advanceTimersByTimeAsync(299);
    expect(session.got()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(session.got().map(({ args }) => args)).toEqual([["plain"]]);
    expect(session.errors).toEqual(["storage-blocked"]);
  });

  it("cannot remove, is asked again, and the packet is not sent again (DUR-43)", async () => {
    const memory = memoryStore()("scope");
    let isBroken = true;
    const store = wrapped(memory, () => ({
      remove: (ids) => (isBroken ? Promise.reject(named("UnknownError")) : memory.remove(ids)),
    }));
    const session = await new Session({ store: () => store }).open();
    await session.socket.durable.emit("n", 1);
    await session.ack(session.got()[0] as never);
    expect(session.errors).toEqual(["storage-failed"]);
    expect(await session.socket.durable.list()).toEqual([]);
    await session.die();
    await session.open();
    expect(session.got()).toEqual([]);
    isBroken = false;
    await session.socket.durable.emit("n", 2);
    await session.ack(session.got()[0] as never);
    expect(await memory.count()).toBe(0);
  });

  it("is full with `maxPackets`, rejects with `overflow` and sends nothing (DUR-18)", async () => {
    const store = memoryStore();
    const session = new Session({ store, maxPackets: 3 });
    const outcomes = [1, 2, 3, 4, 5].map((n) =>
      session.socket.durable.emit("n", n).catch((error: TautlineError) => error.code),
    );
    expect(await Promise.all(outcomes)).toEqual([
      ...[1, 2, 3].map(() => expect.any(Number)),
      "overflow",
      "overflow",
    ]);
    await session.open();
    const sent = session.got();
    expect(sent.map(({ args }) => args[1])).toEqual([1, 2, 3]);
    for (const one of sent) await session.ack(one);
    await session.socket.durable.emit("n", 6);
    expect(session.got()).toHaveLength(1);
  });

  it("is broken, keeps no more than `maxPackets` in memory (DUR-44)", async () => {
    const store = wrapped(memoryStore()("scope"), () => ({ add: rejecting("UnknownError") }));
    const session = new Session({ store: () => store, maxPackets: 2 });
    const codes: string[] = [];
    for (let n = 0; n < 4; n++)
      await session.socket.durable.emit("n", n).catch((error) => codes.push(error.code));
    expect(codes).toEqual(["storage-failed", "storage-failed", "overflow", "overflow"]);
  });

  it("finds its way back: the next emit is stored (DUR-19)", async () => {
    const memory = memoryStore()("scope");
    let isBroken = true;
    const store = wrapped(memory, () => ({
      add: (packets) => (isBroken ? Promise.reject(named("UnknownError")) : memory.add(packets)),
    }));
    const session = new Session({ store: () => store });
    await expect(session.socket.durable.emit("n", 1)).rejects.toThrow();
    isBroken = false;
    await session.socket.durable.emit("n", 2);
    await session.open();
    expect(session.got().map(({ args }) => args[1])).toEqual([2, 1]);
  });
});
