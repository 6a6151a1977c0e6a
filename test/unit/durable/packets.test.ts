import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { exactlyOnce } from "../../../src/delivery/index.js";
import { type Cipher, memoryStore } from "../../../src/durable/index.js";
import { type Got, Session, settle, wrapped } from "./harness.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const numbers = (got: readonly Got[]): unknown[] => got.map(({ args }) => args[1]);
const DAY = 24 * 3600 * 1000;

describe("A durable packet", () => {
  it("keeps its stream and number over sessions, and goes out before newer packets (DUR-1)", async () => {
    const store = memoryStore();
    const first = await new Session({ store }).open();
    await Promise.all([1, 2].map((n) => first.socket.durable.emit("n", n)));
    const sent = first.got();
    const second = new Session({ store });
    await second.socket.durable.emit("n", 3);
    second.socket.emit("plain", 0);
    await second.open();
    const again = second.got();
    expect(again.map(({ args }) => args)).toEqual([
      ["n", 1],
      ["n", 2],
      ["n", 3],
      ["plain", 0],
    ]);
    expect(again.map(({ tag }) => tag)).toEqual([
      ...sent.map(({ tag }) => tag),
      [expect.any(String), 1],
      undefined,
    ]);
  });

  it("is settled after its emit() has resolved, also where it was read and acked before (DUR-2)", async () => {
    const memory = memoryStore()("scope");
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const store = wrapped(memory, () => ({
      add: async (packets) => {
        const ids = await memory.add(packets);
        await held;
        return ids;
      },
    }));
    const session = new Session({ store: () => store });
    const told: string[] = [];
    session.socket.durable.on("settled", ({ args }) => told.push(`settled ${args[0]}`));
    const emit = async (n: number): Promise<void> => {
      await session.socket.durable.emit("n", n);
      told.push(`stored ${n}`);
    };
    const emits = [emit(1), emit(2)];
    await settle();
    await session.open();
    for (const got of session.got()) await session.ack(got, "ok");
    expect(told).toEqual([]);
    release();
    await Promise.all(emits);
    expect(told).toEqual(["stored 1", "stored 2"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(told.slice(2)).toEqual(["settled 1", "settled 2"]);
  });

  it("bears no tag where the server has no dedupe() (DUR-3)", async () => {
    const session = await new Session({ store: memoryStore() }, false).open();
    await session.socket.durable.emit("n", 1);
    expect(session.got()).toMatchObject([{ args: ["n", 1], tag: undefined }]);
    expect(session.socket.durable.delivery).toBe("at-least-once");
  });

  it("leaves the tags of exactlyOnce() to the others (DUR-55)", async () => {
    const session = await new Session({ store: memoryStore() }, true, exactlyOnce()).open();
    await session.socket.durable.emit("n", 1);
    session.socket.emit("n", 2);
    const [durable, plain] = session.got();
    expect(durable?.tag?.[1]).toBe(1);
    expect(plain?.tag?.[1]).toBe(1);
    expect(durable?.tag?.[0]).not.toBe(plain?.tag?.[0]);
  });

  it("holds up ordinary packets until what is stored stands before them (DUR-4)", async () => {
    const store = memoryStore();
    await new Session({ store }).socket.durable.emit("n", 1);
    const session = new Session({ store });
    session.socket.emit("plain");
    session.line.open().accept();
    expect(session.got()).toEqual([]);
    await session.answer();
    expect(session.got().map(({ args }) => args[0])).toEqual(["n", "plain"]);
  });

  it("is stored, and its emit() settles, when the connection dies before the server has said what it is (DUR-5)", async () => {
    const store = memoryStore();
    await new Session({ store }).socket.durable.emit("n", "old");
    const session = new Session({ store });
    session.line.open().accept();
    const emits = [session.socket.durable.emit("n", 1)];
    await settle();
    await session.die();
    emits.push(session.socket.durable.emit("n", 2));
    expect(await Promise.all(emits)).toEqual([2, 3]);
    expect(await session.socket.durable.list()).toHaveLength(3);
    await session.open();
    expect(numbers(session.got())).toEqual(["old", 1, 2]);
    expect(await session.socket.durable.clear()).toBe(3);
  });

  it("is sent by each tab where there are no Web Locks, with the same number (DUR-60)", async () => {
    vi.stubGlobal("navigator", {});
    vi.stubGlobal("BroadcastChannel", undefined);
    const store = memoryStore();
    const one = await new Session({ store }).open();
    await one.socket.durable.emit("n", 1);
    const two = await new Session({ store }).open();
    const [first, second] = [one.got(), two.got()];
    vi.unstubAllGlobals();
    expect([numbers(first), numbers(second)]).toEqual([[1], [1]]);
    expect(first[0]?.tag).toEqual([expect.any(String), 1]);
    expect(second[0]?.tag).toEqual(first[0]?.tag);
  });

  it("loses what was emitted otherwise with its connection, as without an outbox (DUR-55)", async () => {
    const session = await new Session({ store: memoryStore() }).open();
    const asked = session.socket.emitWithAck("ask").catch((error: { code: string }) => error.code);
    session.socket.emit("plain");
    await session.die();
    await session.open();
    expect(await asked).toBe("disconnected");
    expect(session.got()).toEqual([]);
  });

  it("stays stored when the buffer is cleared, and goes out with the next connection (DUR-6)", async () => {
    const session = await new Session({ store: memoryStore() }).open();
    session.line.free = false;
    await session.socket.durable.emit("n", 1);
    expect(session.socket.sendBuffer).toMatchObject([{ data: ["n", 1] }]);
    expect(session.socket.clearBuffer()).toBe(1);
    session.line.free = true;
    await session.die();
    await session.open();
    expect(numbers(session.got())).toEqual([1]);
  });

  it("is expired after its time to live, over sessions (DUR-7)", async () => {
    const store = memoryStore();
    const first = new Session({ store, ttl: DAY });
    await first.socket.durable.emit("n", 1);
    vi.setSystemTime(Date.now() + DAY);
    await first.socket.durable.emit("n", 2);
    const second = await new Session({ store, ttl: DAY }).open();
    expect(numbers(second.got())).toEqual([2]);
    expect(second.settled).toMatchObject([{ status: "expired", code: "expired", args: [1] }]);
    expect(await second.socket.durable.list()).toHaveLength(1);
  });

  describe("that is refused", () => {
    it("by its answer, does not come back (DUR-8)", async () => {
      const store = memoryStore();
      const session = await new Session({ store }).open();
      await session.socket.durable.emit("n", 1);
      await session.ack(session.got()[0] as Got, { $error: { code: "NO" } });
      expect(session.settled).toMatchObject([
        { status: "refused", answer: [{ $error: { code: "NO" } }], code: undefined },
      ]);
      expect((await new Session({ store }).open()).got()).toEqual([]);
    });

    it("as the app says (DUR-8)", async () => {
      const store = memoryStore();
      const session = await new Session({ store, isRefused: (answer) => answer !== "ok" }).open();
      await session.socket.durable.emit("n", 1);
      await session.ack(session.got()[0] as Got, "no");
      expect(session.settled).toMatchObject([{ status: "refused", answer: ["no"] }]);
    });

    it("by nobody when the app's own function throws: it counts as delivered (DUR-50)", async () => {
      const reported = vi.fn();
      vi.stubGlobal("reportError", reported);
      const fault = new Error("the app's");
      const isRefused = (): never => {
        throw fault;
      };
      const session = await new Session({ store: memoryStore(), isRefused }).open();
      await session.socket.durable.emit("n", 1);
      await session.ack(session.got()[0] as Got, "ok");
      vi.unstubAllGlobals();
      expect(reported.mock.calls).toEqual([[fault]]);
      expect(session.settled).toMatchObject([{ status: "delivered" }]);
    });

    it("as it is larger than the server takes (DUR-9)", async () => {
      const session = new Session({ store: memoryStore() });
      await session.socket.durable.emit("n", "x".repeat(1000));
      session.line.maxPayload = 500;
      await session.open();
      expect(session.got()).toEqual([]);
      expect(session.settled).toMatchObject([{ status: "refused", code: "too-large" }]);
      await expect(session.socket.durable.emit("n", "x".repeat(1000))).rejects.toMatchObject({
        code: "too-large",
      });
    });

    it("as it was never acked, after `tries` over all sessions (DUR-10)", async () => {
      const store = memoryStore();
      for (let i = 0; i < 2; i++) {
        const session = await new Session({ store, tries: 4, ackTimeout: 1000 }).open();
        if (i === 0) await session.socket.durable.emit("n", 1);
        expect(session.got()).toHaveLength(1);
        await vi.advanceTimersByTimeAsync(1000);
        expect(session.got()).toHaveLength(1);
        await vi.advanceTimersByTimeAsync(1000);
        await settle();
        expect(session.settled).toMatchObject(
          i === 0 ? [] : [{ status: "refused", code: "ack-timeout" }],
        );
        await session.die();
      }
      expect((await new Session({ store }).open()).got()).toEqual([]);
    });

    it("as the connection dies of it, and takes along nothing else (DUR-11)", async () => {
      const store = memoryStore();
      const session = new Session({ store, tries: 3 });
      for (const n of ["good", "poison", "behind"]) await session.socket.durable.emit("n", n);
      const delivered: unknown[] = [];
      for (let i = 0; i < 20 && session.settled.length < 3; i++) {
        await session.open();
        for (let got = session.got(); got.length; got = session.got()) {
          const at = got.findIndex(({ args }) => args[1] === "poison");
          for (const one of at < 0 ? got : got.slice(0, at)) {
            delivered.push(one.args[1]);
            await session.ack(one, "ok");
          }
          if (at >= 0) break;
        }
        if (session.settled.length < 3) await session.die();
      }
      expect(delivered).toEqual(["good", "behind"]);
      expect(session.settled.map(({ status, code, args }) => [status, code, args[0]])).toEqual([
        ["delivered", undefined, "good"],
        ["refused", "undeliverable", "poison"],
        ["delivered", undefined, "behind"],
      ]);
    });

    it("is not given up for connections that this side ends (DUR-56)", async () => {
      const session = new Session({ store: memoryStore(), tries: 2 });
      await session.socket.durable.emit("n", 1);
      for (let i = 0; i < 5; i++) {
        await session.open();
        expect(session.got()).toHaveLength(1);
        await session.die("forced close");
      }
      expect(session.settled).toEqual([]);
    });

    it("as nobody can read it, and what is behind it goes on (DUR-42)", async () => {
      const store = memoryStore();
      const writing = new Session({ store });
      await writing.socket.durable.emit("n", 1);
      const [stored] = await store('tautline ["app","1","/"]').read(0, 1);
      await store('tautline ["app","1","/"]').update({ ...(stored as any), data: "nonsense" });
      await writing.socket.durable.emit("n", 2);
      for (let i = 0; i < 3; i++) {
        const session = await new Session({ store, tries: 3 }).open();
        expect(numbers(session.got())).toEqual([2]);
        expect(session.settled).toMatchObject(
          i < 2 ? [] : [{ status: "refused", code: "parse-error", args: [] }],
        );
      }
    });
  });

  it("is encrypted where it is stored (DUR-12)", async () => {
    const store = memoryStore();
    const cipherOf = (key: number): Cipher => ({
      encrypt: async (bytes) => Uint8Array.from([key, ...bytes.map((byte) => byte ^ key)]),
      decrypt: async (bytes) => {
        if (bytes[0] !== key) throw new Error("another key");
        return bytes.slice(1).map((byte) => byte ^ key);
      },
    });
    const first = new Session({ store, cipher: cipherOf(7) });
    await first.socket.durable.emit("secret", "word", Uint8Array.of(1, 2));
    const [record] = await store('tautline ["app","1","/"]').read(0, 1);
    expect(JSON.stringify(record)).not.toMatch(/secret|word/);
    expect((await new Session({ store, cipher: cipherOf(8) }).open()).got()).toEqual([]);
    const second = await new Session({ store, cipher: cipherOf(7) }).open();
    expect(await second.socket.durable.list()).toMatchObject([
      { event: "secret", args: ["word", Uint8Array.of(1, 2)], tries: 1 },
    ]);
    expect(second.line.sent.at(-1)).toMatchObject({ 1: Uint8Array.of(1, 2) });
  });

  it.each<[string, Partial<Cipher>, unknown]>([
    ["a cipher fails", { encrypt: () => Promise.reject(new Error("no key")) }, "word"],
    ["a Blob can't be read", {}, { arrayBuffer: () => Promise.reject(new Error("gone")) }],
  ])("is not sent when %s (DUR-54)", async (_name, broken, arg) => {
    const cipher = {
      encrypt: async (bytes: Uint8Array<ArrayBuffer>) => bytes,
      decrypt: async (bytes: Uint8Array<ArrayBuffer>) => bytes,
      ...broken,
    };
    const blob = Object.assign(new Blob(["a"]), typeof arg === "object" ? arg : {});
    const session = await new Session({ store: memoryStore(), cipher }).open();
    await expect(
      session.socket.durable.emit("n", typeof arg === "object" ? blob : arg),
    ).rejects.toMatchObject({ code: "unserializable", delivery: "not-sent" });
    expect(session.got()).toEqual([]);
    await session.socket.durable.emit("n", 2).catch(() => {});
    expect(numbers(session.got())).toEqual(typeof arg === "object" ? [2] : []);
  });

  it("is dropped by clear(), and not by another identity's (DUR-13)", async () => {
    const store = memoryStore();
    const [one, two] = [new Session({ store }), new Session({ store, identity: 2 })];
    await one.socket.durable.emit("n", 1);
    await two.socket.durable.emit("n", 2);
    expect(await one.socket.durable.clear()).toBe(1);
    expect(await one.socket.durable.list()).toEqual([]);
    expect(await two.socket.durable.list()).toMatchObject([{ args: [2] }]);
    await one.open();
    await two.open();
    expect([one, two].map((session) => numbers(session.got()))).toEqual([[], [2]]);
    expect(one.settled).toEqual([]);
    await two.socket.durable.clear();
    await two.die();
    await two.open();
    expect(two.got()).toEqual([]);
  });

  it("of more streams than the server is asked about at a time, still goes out in order (DUR-14)", async () => {
    const store = memoryStore();
    for (let n = 0; n < 200; n++) await new Session({ store }).socket.durable.emit("n", n);
    const session = new Session({ store });
    session.socket.emit("plain", "newer");
    await session.open();
    const all: unknown[] = [];
    for (let got = session.got(); got.length; got = session.got()) {
      all.push(...numbers(got));
      for (const one of got) if (one.id !== undefined) await session.ack(one);
      await session.answer();
    }
    expect(all).toEqual([...Array.from({ length: 200 }, (_, n) => n), "newer"]);
  });

  it.each([
    ["a function", ["n", () => {}], "unserializable"],
    ["a cycle", ["n", Object.assign([] as unknown[], { 0: 1n })], "unserializable"],
    ["a reserved name", ["connect"], "reserved-event"],
    ["no name", [{}], "invalid-event"],
  ])("rejects %s at the call, and stores nothing (DUR-15)", async (_name, args, code) => {
    const session = new Session({ store: memoryStore() });
    await expect(session.socket.durable.emit(...(args as [string]))).rejects.toMatchObject({
      code,
    });
    expect(await session.socket.durable.list()).toEqual([]);
  });
});
