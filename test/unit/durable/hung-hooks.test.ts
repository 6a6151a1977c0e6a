import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Cipher, memoryStore } from "../../../src/durable/index.js";
import type { TautlineError } from "../../../src/errors.js";
import { never, Session, settle } from "./harness.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const plain: Cipher = { encrypt: async (bytes) => bytes, decrypt: async (bytes) => bytes };
const codeOf = (error: TautlineError): string => error.code;

describe("A hook that never settles", () => {
  it("encrypts nothing: its packet is in memory, and those behind it are stored (DUR-28)", async () => {
    let calls = 0;
    const cipher: Cipher = {
      ...plain,
      encrypt: (bytes) => (calls++ ? Promise.resolve(bytes) : never()),
    };
    const session = await new Session({ store: memoryStore(), cipher, storeTimeout: 300 }).open();
    const { durable } = session.socket;
    const emits = [1, 2].map((n) => durable.emit("n", n).catch(codeOf));
    await settle();
    emits.push(durable.emit("n", 3).catch(codeOf));
    const list = durable.list();
    await vi.advanceTimersByTimeAsync(300);
    expect(await Promise.all(emits)).toEqual(["storage-blocked", 1, 2]);
    expect((await list).map(({ args }) => args[0])).toEqual([2, 3, 1]);
    expect(session.got().map(({ args }) => args[1])).toEqual([1, 2, 3]);
    expect(await durable.clear()).toBe(3);
  });

  it("decrypts nothing: its packet stays stored without a try, and all else goes on (DUR-28)", async () => {
    const store = memoryStore();
    const writing = new Session({ store, cipher: plain });
    for (const n of [1, 2, 3]) await writing.socket.durable.emit("n", n);
    let calls = 0;
    const cipher: Cipher = {
      ...plain,
      decrypt: (bytes) => (calls++ ? Promise.resolve(bytes) : never()),
    };
    const session = await new Session({ store, cipher, storeTimeout: 300, tries: 1 }).open();
    session.socket.emit("plain");
    const emitted = session.socket.durable.emit("n", 4);
    await vi.advanceTimersByTimeAsync(300);
    expect(await emitted).toBe(4);
    await settle();
    expect(session.errors).toEqual(["storage-blocked"]);
    const sent = session.got().map(({ args }) => args[1]);
    expect(sent.filter(Boolean)).toEqual([2, 3, 4]);
    expect(session.settled).toEqual([]);
    expect((await session.socket.durable.list())[0]).toMatchObject({ args: [1], tries: 0 });
    await session.die("forced close");
    await session.open();
    expect(session.got().map(({ args }) => args[1])).toEqual([1, 2, 3, 4]);
  });

  it("decrypts nothing at all: no call waits longer than `storeTimeout` for each store and hook (DUR-52)", async () => {
    const store = memoryStore();
    const writing = new Session({ store, cipher: plain });
    for (let n = 0; n < 50; n++) await writing.socket.durable.emit("n", n);
    const cipher: Cipher = { ...plain, decrypt: never };
    const session = await new Session({ store, cipher, storeTimeout: 300 }).open();
    const { durable } = session.socket;
    const calls = [durable.list().catch(codeOf), durable.emit("n", 50), durable.clear()];
    await vi.advanceTimersByTimeAsync(600);
    expect(await Promise.all(calls)).toEqual(["storage-blocked", 51, 51]);
  });

  it("reads no Blob: its packet is in memory (DUR-53)", async () => {
    const blob = Object.assign(new Blob(["a"]), { arrayBuffer: never });
    const session = await new Session({ store: memoryStore() }).open();
    const emits = [blob, 2].map((arg) => session.socket.durable.emit("n", arg).catch(codeOf));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await Promise.all(emits)).toEqual(["storage-blocked", 1]);
  });
});
