import { host } from "../platform/browser.js";
import type { NewPacket, OpenStore, OutboxStore, StoredPacket } from "./store.js";

/** Raise it when older code cannot read what is stored. A database with a higher version is not touched. */
const VERSION = 1;
const PACKETS = "packets";

/**
 * The error of an aborted transaction, or of one that cannot begin, when the host has lost the database. Null: no
 * reason.
 */
const LOST = /^(InvalidState|Unknown|null)/;

/** One database for each scope, so identities are separate. */
class IndexedDbStore implements OutboxStore {
  private readonly _name: string;
  private readonly _durability: "relaxed" | "strict";
  private _database: Promise<IDBDatabase> | undefined;

  constructor(name: string, durability: "relaxed" | "strict") {
    this._name = name;
    this._durability = durability;
  }

  async add(packets: readonly NewPacket[]): Promise<number[]> {
    const requests = await this._transact("readwrite", (store) =>
      packets.map((packet) => store.add(packet)),
    );
    return requests.map(({ result }) => result as number);
  }

  async read(after: number, limit: number): Promise<StoredPacket[]> {
    const [request] = await this._transact("readonly", (store) => [
      store.getAll(host.IDBKeyRange?.lowerBound(after, true), limit),
    ]);
    return request?.result as StoredPacket[];
  }

  update(packet: StoredPacket): Promise<unknown> {
    return this._transact("readwrite", (store) => {
      const request = store.getKey(packet.id);
      request.onsuccess = () => request.result !== undefined && store.put(packet);
      return [];
    });
  }

  remove(ids: readonly number[]): Promise<unknown> {
    const [first = 0] = ids;
    const range = host.IDBKeyRange;
    // one request for all: packets that are stored meanwhile wait for it
    const isRow = range && ids.length > 1 && ids.every((id, at) => id === first + at);
    return this._transact("readwrite", (store) =>
      isRow
        ? [store.delete(range.bound(first, first + ids.length - 1))]
        : ids.map((id) => store.delete(id)),
    );
  }

  async count(): Promise<number> {
    const [request] = await this._transact("readonly", (store) => [store.count()]);
    return request?.result as number;
  }

  /**
   * One transaction, all or nothing. If the host has closed the database (Safari does this), it is opened again, once.
   */
  private async _transact<T extends readonly unknown[]>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => T,
    isAgain?: boolean,
  ): Promise<T> {
    const opening = (this._database ??= this._open());
    try {
      const database = await opening;
      return await new Promise<T>((resolve, reject) => {
        const transaction = database.transaction(PACKETS, mode, { durability: this._durability });
        transaction.onabort = () => reject(transaction.error as Error);
        try {
          const result = work(transaction.objectStore(PACKETS));
          transaction.oncomplete = () => resolve(result);
          // commits at once, also when the page is about to close. Work that returns no request adds more of them later
          if (result.length) transaction.commit?.();
        } catch (error) {
          reject(error as Error);
          transaction.abort();
        }
      });
    } catch (error) {
      const isLost = LOST.test(String(error && (error as Error).name));
      if (isLost && this._database === opening) this._forget();
      if (isLost && !isAgain) return this._transact(mode, work, true);
      throw error;
    }
  }

  private _open(): Promise<IDBDatabase> {
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      const request = (host.indexedDB as IDBFactory).open(this._name, VERSION);
      request.onupgradeneeded = () => {
        const options = { keyPath: "id", autoIncrement: true };
        const store = request.result.createObjectStore(PACKETS, options);
        // a database that replaces a deleted one must not reuse ids, because open pages may still remove those
        store.add({ id: Date.now() * 1000 });
        store.clear();
      };
      request.onblocked = () =>
        reject(Object.assign(new Error("another tab blocks it"), { name: "TimeoutError" }));
      request.onerror = () => reject(request.error as Error);
      request.onsuccess = () => {
        const { result } = request;
        // another tab wants to upgrade or delete it, or the host has closed it
        result.onversionchange = result.onclose = () => {
          result.close();
          if (this._database === opening) this._database = undefined;
        };
        resolve(result);
      };
    });
    opening.catch(() => this._database === opening && this._forget());
    return opening;
  }

  private _forget(): void {
    void this._database?.then((database) => database.close()).catch(() => {});
    this._database = undefined;
  }
}

/** @param durability - see docs/durable.md */
export function indexedDbStore(durability: "relaxed" | "strict" = "relaxed"): OpenStore {
  return (scope) => new IndexedDbStore(scope, durability);
}
