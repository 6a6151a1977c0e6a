import { TautlineError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import { holdsBlob, readBlobs } from "../protocol/blobs.js";
import type { Encoded } from "../protocol/socket-packet.js";
import { outcome } from "../pipeline/outcomes.js";
import { type Cipher, seal } from "./cipher.js";
import type { Entry } from "./entry.js";
import { areIds, guarded, isCount } from "./guard.js";
import type { OutboxStore } from "./store.js";

export interface WriterOwner {
  readonly timers: Timers;
  readonly store: OutboxStore;
  readonly storeTimeout: number;
  readonly maxPackets: number;
  readonly cipher: Cipher | undefined;
  /** The store has been asked to store packets. */
  storing(): void;
  /** They are stored, and have their ids. */
  stored(entries: readonly Entry[]): Promise<void>;
  /** They are in memory only. */
  unstorable(entries: readonly Entry[]): void;
  /** They were stored later, after the store had failed. */
  storedLate(entries: readonly Entry[]): void;
}

interface Write {
  readonly entry: Entry;
  readonly encoded: Encoded;
  readonly resolve: (id: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores packets. Packets of one tick, or of the time in which the store is busy, share one call. */
export class Writer {
  private readonly _owner: WriterOwner;
  private _waiting: Write[] = [];
  /** How many packets are in the store, or an upper bound of it. */
  private _count = Infinity;
  /**
   * Pending while packets are being stored: until all of them are stored or have failed, and the app has been told. It
   * never rejects.
   */
  busy: Promise<void> | undefined;

  constructor(owner: WriterOwner) {
    this._owner = owner;
    // counts now, because a page that is being left has no time to count before it stores
    this._recount().catch(() => {});
  }

  /** Resolves with its id when it is stored. Rejects when it is in memory only. */
  write(entry: Entry, encoded: Encoded): Promise<number> {
    return new Promise((resolve, reject) => {
      // the others are stored with the first one that waits
      if (this._waiting.push({ entry, encoded, resolve, reject }) > 1) return;
      this.busy = Promise.resolve(this.busy).then(() => this._run());
    });
  }

  private async _run(): Promise<void> {
    const writes = await this._prepare(this._waiting.splice(0));
    let settle: () => void;
    try {
      const ids = await this._add(writes);
      settle = () => writes.forEach(({ resolve }, at) => resolve(ids[at] as number));
    } catch (error) {
      this._owner.unstorable(writes.map(({ entry }) => entry));
      settle = () => writes.forEach(({ reject }) => reject(error));
    }
    if (!this._waiting.length) this.busy = undefined;
    settle();
  }

  /** The packets that can be stored, in their stored form. A packet that is not ready in time is in memory only. */
  private async _prepare(writes: Write[]): Promise<Write[]> {
    const { timers, storeTimeout } = this._owner;
    const prepared = writes.map(async (write) => {
      const { entry, reject } = write;
      try {
        const sealed = await guarded(timers, storeTimeout, () => this._seal(write.encoded));
        entry.record = { ...entry.record, ...(sealed as object) };
        return [write];
      } catch (error) {
        const { code, cause } = error as TautlineError;
        if (code === "storage-blocked") {
          this._owner.unstorable([entry]);
          reject(error);
        } else {
          const details = { cause: cause ?? error, delivery: "not-sent" } as const;
          reject(new TautlineError("unserializable", "it can't be read or encrypted", details));
        }
        return [];
      }
    });
    return (await Promise.all(prepared)).flat();
  }

  private async _seal(encoded: Encoded): Promise<unknown> {
    const { cipher } = this._owner;
    const data =
      typeof encoded !== "string" && holdsBlob(encoded) ? await readBlobs(encoded) : encoded;
    return cipher ? seal(data, cipher) : { data };
  }

  /** Removes packets for which there is no room. Returns the ids of the others. */
  private async _add(writes: Write[]): Promise<number[]> {
    const { _owner: owner } = this;
    const { timers, store, storeTimeout, maxPackets } = owner;
    // other tabs add and remove too, so this count is an upper bound
    if (this._count + writes.length > maxPackets) await this._recount();
    for (const { reject } of writes.splice(Math.max(maxPackets - this._count, 0)))
      reject(outcome("overflow", "not-sent"));
    if (!writes.length) return [];
    const entries = writes.map(({ entry }) => entry);
    const isRight = (ids: unknown): boolean => areIds(ids, entries.length);
    const identify = (ids: readonly number[]): void =>
      entries.forEach((entry, at) => {
        entry.record = { ...entry.record, id: ids[at] as number };
      });
    // not in an async function: an error that it throws at once becomes a rejection too
    const adding = Promise.resolve().then(() => store.add(entries.map(({ record }) => record)));
    owner.storing();
    try {
      identify(await guarded(timers, storeTimeout, () => adding, isRight));
    } catch (error) {
      const late = (ids: readonly number[]): void => {
        if (!isRight(ids)) return;
        identify(ids);
        owner.storedLate(entries);
      };
      void adding.then(late).catch(() => {});
      throw error;
    }
    this._count += entries.length;
    const ids = entries.map(({ record }) => record.id as number);
    // they are stored: whatever delays them in the pipeline delays others for at most this time
    await guarded(timers, storeTimeout, () => owner.stored(entries)).catch(() => {});
    return ids;
  }

  private async _recount(): Promise<void> {
    const { timers, store, storeTimeout } = this._owner;
    this._count = await guarded(timers, storeTimeout, () => store.count(), isCount);
  }
}
