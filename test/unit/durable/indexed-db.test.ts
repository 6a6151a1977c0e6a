import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { indexedDb, type NewPacket } from "../../../src/durable/index.js";
import { indexedDbStore } from "../../../src/durable/indexed-db.js";
import { Session } from "./harness.js";

let factory: IDBFactory;
beforeEach(() => {
  factory = new IDBFactory();
  vi.stubGlobal("indexedDB", factory);
  vi.stubGlobal("IDBKeyRange", IDBKeyRange);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const packet: NewPacket = { data: "2[]", stream: "s", number: 1, at: 1, tries: 0 };

function opened(name: string, version?: number, upgrade?: (db: IDBDatabase) => void) {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const request = factory.open(name, version) as IDBOpenDBRequest;
    request.onupgradeneeded = () => upgrade?.(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as Error);
  });
}

describe("The store of indexedDb()", () => {
  it("leaves a database of a newer version alone (DUR-21)", async () => {
    (await opened("s", 2, (db) => db.createObjectStore("other"))).close();
    const store = indexedDbStore()("s");
    await expect(store.add([packet])).rejects.toMatchObject({ name: "VersionError" });
    const database = await opened("s");
    expect([database.version, [...database.objectStoreNames]]).toEqual([2, ["other"]]);
  });

  it("makes room for a newer version, and says then that there is one (DUR-45)", async () => {
    const store = indexedDbStore()("s");
    await store.add([packet]);
    // another tab, with a newer version of the app
    const newer = await opened("s", 2);
    expect(newer.version).toBe(2);
    await expect(store.add([packet])).rejects.toMatchObject({ name: "VersionError" });
    await expect(store.read(0, 1)).rejects.toMatchObject({ name: "VersionError" });
  });

  it("lets the database be deleted, and makes a new one (DUR-26)", async () => {
    const store = indexedDbStore()("s");
    await store.add([packet]);
    await new Promise<void>((resolve, reject) => {
      const request = factory.deleteDatabase("s");
      request.onsuccess = () => resolve();
      request.onblocked = () => reject(new Error("blocked"));
    });
    await store.add([packet]);
    expect(await store.count()).toBe(1);
  });

  it("opens a database anew that the host has closed (DUR-70)", async () => {
    const open = vi.spyOn(factory, "open");
    const store = indexedDbStore()("s");
    await store.add([packet]);
    const [{ value: request }] = open.mock.results as any;
    request.result.onclose();
    await store.add([packet]);
    expect(await store.count()).toBe(2);
    expect(open).toHaveBeenCalledTimes(2);
  });

  it.each(["InvalidStateError", "UnknownError"])(
    "opens a connection anew, once, that is lost without a word (%s) (DUR-22)",
    async (name) => {
      const open = vi.spyOn(factory, "open");
      const store = indexedDbStore()("s");
      await store.add([packet]);
      const lose = (): void => {
        const { result } = open.mock.results.at(-1)?.value as IDBOpenDBRequest;
        result.transaction = () => {
          throw new DOMException("Connection to Indexed Database server lost", name);
        };
      };
      lose();
      await store.add([packet]);
      expect(await store.count()).toBe(2);
      const real = IDBFactory.prototype.open.bind(factory);
      lose();
      open.mockImplementation((...args) => {
        const request = real(...args);
        request.addEventListener("success", () => {
          request.result.transaction = () => {
            throw new DOMException("lost again", name);
          };
        });
        return request;
      });
      await expect(store.count()).rejects.toMatchObject({ name });
    },
  );

  it("is blocked while another tab holds an older version open, and goes on when it is closed (DUR-23)", async () => {
    const store = indexedDbStore()("s");
    vi.spyOn(factory, "open").mockImplementationOnce(() => {
      const request: any = {};
      queueMicrotask(() => request.onblocked());
      return request;
    });
    await expect(store.add([packet])).rejects.toMatchObject({ name: "TimeoutError" });
    await store.add([packet]);
    expect(await store.count()).toBe(1);
  });

  it("fails where there is no IndexedDB, or looking at it throws (DUR-24)", async () => {
    vi.stubGlobal("indexedDB", undefined);
    const session = await new Session({ store: indexedDbStore() }).open();
    await expect(session.socket.durable.emit("n", 1)).rejects.toMatchObject({
      code: "storage-failed",
    });
    expect(session.got()).toHaveLength(1);
    vi.unstubAllGlobals();
    Object.defineProperty(globalThis, "indexedDB", {
      configurable: true,
      get: () => {
        throw new DOMException("sandboxed", "SecurityError");
      },
    });
    await expect(session.socket.durable.emit("n", 2)).rejects.toMatchObject({
      code: "storage-failed",
    });
    delete (globalThis as { indexedDB?: unknown }).indexedDB;
  });

  it.each([
    ["in a row", [1, 2, 3], [0, 4, 5]],
    ["in another order", [3, 1, 2], [0, 4, 5]],
    ["with gaps", [0, 2, 5], [1, 3, 4]],
    ["twice", [1, 1, 2], [0, 3, 4, 5]],
    ["one", [5], [0, 1, 2, 3, 4]],
    ["none", [], [0, 1, 2, 3, 4, 5]],
  ])("removes those that are named, %s", async (_name, places, left) => {
    const store = indexedDbStore()("s");
    const ids = await store.add(Array.from({ length: 6 }, (_, number) => ({ ...packet, number })));
    await store.remove(places.map((at) => ids[at] as number));
    expect((await store.read(0, 10)).map(({ number }) => number)).toEqual(left);
  });

  it("keeps all packets of a tick in one transaction, or none (DUR-25)", async () => {
    const store = indexedDbStore()("s");
    await store.add([packet]);
    const bad = { ...packet, data: [() => {}] as never };
    await expect(store.add([packet, bad])).rejects.toMatchObject({ name: "DataCloneError" });
    expect(await store.count()).toBe(1);
  });
});

describe("indexedDb()", () => {
  it.each([
    [{}],
    [{ name: "app" }],
    [{ name: "app", identity: "" }],
    [{ name: "app", identity: undefined }],
    [{ name: "app", identity: null }],
    [{ name: "", identity: 1 }],
    [{ name: "app", identity: NaN }],
    [{ name: "app", identity: 1, ttl: -1 }],
    [{ name: "app", identity: 1, ttl: "1" }],
    [{ name: "app", identity: 1, maxPackets: NaN }],
    [{ name: "app", identity: 1, tries: "3" }],
    [{ name: "app", identity: 1, ackTimeout: -1 }],
    [{ name: "app", identity: 1, storeTimeout: {} }],
    [{ name: "app", identity: 1, isRefused: true }],
    [{ name: "app", identity: 1, cipher: {} }],
    [{ name: "app", identity: 1, cipher: { encrypt: () => {} } }],
    [{ name: "app", identity: 1, durability: "lax" }],
    [undefined],
  ])("takes no %j (DUR-63)", (options) => {
    expect(() => indexedDb(options as never)).toThrow(
      expect.objectContaining({ name: "TautlineError", code: "invalid-option" }),
    );
  });

  it.each<[string, object]>([
    ["symbol for an identity", { identity: Symbol("me") }],
    ["object for an identity", { identity: { id: 1 } }],
    ["BigInt for an identity", { identity: 1n }],
    ["Infinity for an identity", { identity: Infinity }],
    ["symbol for a name", { name: Symbol("app") }],
    ["symbol for the durability", { durability: Symbol("strict") }],
    ["list for the durability", { durability: ["strict"] }],
    ["BigInt for the time to live", { ttl: 1n }],
  ])("takes no %s (DUR-63)", (_name, options) => {
    expect(() => indexedDb({ name: "app", identity: 1, ...options } as never)).toThrow(
      expect.objectContaining({ name: "TautlineError", code: "invalid-option" }),
    );
  });

  it.each(["\ud800", 'a/b"]', "\0", "-", "x".repeat(5000)])(
    "keeps apart what is stored under odd names (%#) (DUR-64)",
    async (name) => {
      const open = (one: string, identity: string): Session =>
        new Session({ store: indexedDbStore(), name: one, identity });
      await open(name, "1").socket.durable.emit("n", 1);
      await open("app", name).socket.durable.emit("n", 2);
      const listOf = async (session: Session): Promise<unknown[]> =>
        (await session.socket.durable.list()).map(({ args }) => args[0]);
      expect(await listOf(open(name, "1"))).toEqual([1]);
      expect(await listOf(open("app", name))).toEqual([2]);
      expect(await listOf(open("app", "1"))).toEqual([]);
    },
  );

  it("is another value for another identity, for what compares options", () => {
    const keyOf = (identity: number): string =>
      JSON.stringify(indexedDb({ name: "app", identity }));
    expect(keyOf(1)).toBe(keyOf(1));
    expect(keyOf(1)).not.toBe(keyOf(2));
  });
});
