import { readFileSync } from "node:fs";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checkStore, memoryStore, type OpenStore } from "../../../src/durable/index.js";
import { indexedDbStore } from "../../../src/durable/indexed-db.js";
import { AsyncStorageDouble } from "./async-storage.js";

/** The example of docs/durable.md. */
function asyncStorageStore(storage: AsyncStorageDouble): OpenStore {
  const text = readFileSync(new URL("../../../docs/durable.md", import.meta.url), "utf8");
  const code = text.split("```ts\n").find((one) => one.includes("asyncStorageStore =")) ?? "";
  const script = ts.transpile(code.split("```")[0] ?? "", { target: ts.ScriptTarget.ES2022 });
  const body = `${script.replace("export ", "")}\nreturn asyncStorageStore;`;
  return (new Function(body)() as (from: AsyncStorageDouble) => OpenStore)(storage);
}

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("IDBKeyRange", IDBKeyRange);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe.each<[string, () => OpenStore]>([
  ["memoryStore()", () => memoryStore()],
  ["the store of indexedDb()", () => indexedDbStore()],
  ["the store of indexedDb({ durability: strict })", () => indexedDbStore("strict")],
  ["the example over AsyncStorage", () => asyncStorageStore(new AsyncStorageDouble())],
])("%s", (_name, make) => {
  it("does what a store has to do (DUR-39)", async () => {
    await checkStore(make());
  });
});

describe("checkStore()", () => {
  type Store = ReturnType<OpenStore>;
  const wrong: Record<string, (store: Store) => Partial<Store>> = {
    "gives no id": (store) => ({ add: async (packets) => (await store.add(packets)).slice(1) }),
    "gives ids that fall": (store) => ({
      add: async (packets) => (await store.add(packets)).reverse(),
    }),
    "reads from the beginning": (store) => ({ read: (_after, limit) => store.read(0, limit) }),
    "reads too much": (store) => ({ read: (after) => store.read(after, 1000) }),
    "reads backwards": (store) => ({
      read: async (after, limit) => (await store.read(after, limit)).reverse(),
    }),
    "counts nothing": () => ({ count: async () => 0 }),
    "updates nothing": () => ({ update: async () => {} }),
    "removes nothing": () => ({ remove: async () => {} }),
    "loses binary data": (store) => ({
      add: (packets) => store.add(JSON.parse(JSON.stringify(packets))),
    }),
  };
  it.each(Object.keys(wrong))("finds a store that %s (DUR-29)", async (name) => {
    const good = memoryStore();
    const bad: OpenStore = (scope) => {
      const store = good(scope);
      return { ...store, ...wrong[name]?.(store) };
    };
    await expect(checkStore(bad)).rejects.toMatchObject({ code: "storage-failed" });
  });

  it("finds a store whose scopes share packets (DUR-29)", async () => {
    const good = memoryStore();
    await expect(checkStore(() => good("one"))).rejects.toMatchObject({ code: "storage-failed" });
  });

  it("finds a store that forgets when it is opened again (DUR-29)", async () => {
    await expect(checkStore((scope) => memoryStore()(scope))).rejects.toMatchObject({
      code: "storage-failed",
    });
  });

  it("finds a store that gives an id again (DUR-29)", async () => {
    const scopes = new Map<string, any[]>();
    const open: OpenStore = (scope) => {
      const packets = scopes.get(scope) ?? [];
      scopes.set(scope, packets);
      return {
        add: async (added) =>
          added.map((one) => {
            const id = Math.max(0, ...packets.map((known) => known.id)) + 1;
            packets.push({ ...structuredClone(one), id });
            return id;
          }),
        read: async (after, limit) => packets.filter(({ id }) => id > after).slice(0, limit),
        update: async (one) => {
          const at = packets.findIndex(({ id }) => id === one.id);
          if (at >= 0) packets[at] = one;
        },
        remove: async (ids) => {
          for (const id of ids) {
            const at = packets.findIndex((one) => one.id === id);
            if (at >= 0) packets.splice(at, 1);
          }
        },
        count: async () => packets.length,
      };
    };
    await expect(checkStore(open)).rejects.toThrow(/not given again/);
  });
});
