import type { TautlineError } from "../errors.js";
import type { OwnerHost } from "../pipeline/policy.js";
import { readBack } from "../pipeline/reading-packets.js";
import { atEndOfTick } from "../platform/browser.js";
import { type Cipher, unseal } from "./cipher.js";
import { arePackets, guarded, isCount } from "./guard.js";
import { type OutboxStore, PAGE, type StoredPacket } from "./store.js";

/** Milliseconds between two removals: each one delays the packets that are stored meanwhile. */
const REST = 50;

export interface RecordsOwner {
  readonly host: OwnerHost;
  readonly nsp: string;
  readonly store: OutboxStore;
  /** Milliseconds that the store has for an answer. */
  readonly storeTimeout: number;
  readonly cipher: Cipher | undefined;
  /** Pending while the app has not been told of all ended packets. */
  readonly told: Promise<void> | undefined;
  /** The packets that have ended so far are removed. */
  removing(): void;
  report(cause: unknown): void;
}

/** The stored packets, without those that have ended. */
export class Records {
  /** Ids of packets that must be removed from the store. */
  private readonly _ended = new Set<number>();
  private _isRemoving = false;
  private _hurry: (() => void) | undefined;

  constructor(private readonly _owner: RecordsOwner) {}

  /** The packets after `after`, or the first ones; including those that have ended. */
  read(after: number): Promise<StoredPacket[]> {
    const isRight = (records: unknown): boolean => arePackets(records, after);
    return this._ask((store) => store.read(after, PAGE), isRight);
  }

  async each(visit: (record: StoredPacket) => void): Promise<void> {
    let records: StoredPacket[];
    let last = 0;
    do {
      records = await this.read(last);
      for (const record of records) {
        last = record.id;
        if (!this.isEnded(record)) visit(record);
      }
    } while (records.length === PAGE);
  }

  /**
   * The event's name and its arguments. Empty when they cannot be read.
   *
   * @throws TautlineError `storage-blocked` when the cipher does not answer
   */
  async decode(record: StoredPacket): Promise<unknown[]> {
    const { host, nsp, cipher } = this._owner;
    const { stream, number } = record;
    try {
      const encoded = await this._ask(() => unseal(record, cipher));
      const { data } = readBack(host.line.codec, encoded, nsp);
      const isRight = Array.isArray(data) && typeof stream === "string" && isCount(number);
      return isRight ? data : [];
    } catch (error) {
      if ((error as TautlineError).code === "storage-blocked") throw error;
      return [];
    }
  }

  update(record: StoredPacket): void {
    // the packet in memory is complete
    void this._ask((store) => store.update(record)).catch(() => {});
  }

  remove(ids: readonly number[]): Promise<unknown> {
    return this._ask((store) => store.remove(ids));
  }

  isEnded({ id }: StoredPacket): boolean {
    return this._ended.has(id);
  }

  /** Removes it, soon, and after the app has been told. */
  end(id: number): void {
    this._ended.add(id);
    if (this._isRemoving) return;
    this._isRemoving = true;
    atEndOfTick(() => void this._removeEnded());
  }

  /** Removes the ended packets now, because the page may be about to close. */
  hurry(): void {
    // while this tab still has its channel
    this._owner.removing();
    this._hurry?.();
  }

  /** Calls the store one at a time. Packets that cannot be removed now are tried again with the next removal. */
  private async _removeEnded(): Promise<void> {
    try {
      do {
        // if the page is closed before, the next one reports it
        while (this._owner.told) await this._owner.told;
        const ids = [...this._ended];
        this._owner.removing();
        await this.remove(ids);
        for (const id of ids) this._ended.delete(id);
        await new Promise<void>((resolve) => {
          this._hurry = resolve;
          this._owner.host.timers.after(REST, resolve);
        });
      } while (this._ended.size);
    } catch (error) {
      this._owner.report(error);
    }
    this._isRemoving = false;
  }

  private _ask<T>(
    call: (store: OutboxStore) => Promise<T>,
    isRight?: (answer: T) => boolean,
  ): Promise<T> {
    const { host, store, storeTimeout } = this._owner;
    return guarded(host.timers, storeTimeout, () => call(store), isRight);
  }
}
