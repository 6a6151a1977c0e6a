import { TautlineError } from "../errors.js";
import { atEndOfTick } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import { holdsBlob, readBlobs } from "../protocol/blobs.js";
import type { Encoded } from "../protocol/socket-packet.js";
import { outcome } from "../pipeline/outcomes.js";
import { type Cipher, seal } from "./cipher.js";
import type { Entry } from "./entry.js";
import { guarded } from "./guard.js";
import type { OutboxStore } from "./store.js";

export interface WriterOwner {
  readonly timers: Timers;
  readonly store: OutboxStore;
  readonly storeTimeout: number;
  readonly maxPackets: number;
  readonly cipher: Cipher | undefined;
  /** They are stored, and have their ids. */
  stored(entries: readonly Entry[]): Promise<void>;
  /** They are in memory only. */
  unstorable(entries: readonly Entry[]): void;
  /** They were stored after all, after the store had failed. */
  storedLate(entries: readonly Entry[]): void;
}

interface Write {
  readonly entry: Entry;
  readonly encoded: Encoded;
  readonly resolve: (id: number) => void;
  readonly reject: (error: unknown) => void;
}

/** Stores packets: those of a tick, or of the time that the store needs for others, in one call. */
export class Writer {
  private readonly _owner: WriterOwner;
  private _waiting: Write[] = [];
  private _running: Promise<void> | undefined;
  /** How many packets the store has, or more. */
  private _count = Infinity;

  constructor(owner: WriterOwner) {
    this._owner = owner;
  }

  /** Fulfilled when everything that was to be stored until now is stored, or has failed. */
  get idle(): Promise<void> {
    return this._running ?? Promise.resolve();
  }

  /** Resolves with its id when it is stored. Rejects when it is in memory only. */
  write(entry: Entry, encoded: Encoded): Promise<number> {
    return new Promise((resolve, reject) => {
      this._waiting.push({ entry, encoded, resolve, reject });
      this._running ??= new Promise((done) => {
        atEndOfTick(() => void this._run().then(done));
      });
    });
  }

  private async _run(): Promise<void> {
    while (this._waiting.length) {
      const writes = await this._prepare(this._waiting.splice(0));
      try {
        await this._add(writes);
      } catch (error) {
        this._owner.unstorable(writes.map(({ entry }) => entry));
        for (const { reject } of writes) reject(error);
      }
    }
    this._running = undefined;
  }

  /** Those that can be stored, as they are stored. */
  private async _prepare(writes: Write[]): Promise<Write[]> {
    const { cipher } = this._owner;
    const ready: Write[] = [];
    for (const write of writes) {
      const { entry, reject } = write;
      let { encoded } = write;
      try {
        if (typeof encoded !== "string" && holdsBlob(encoded)) encoded = await readBlobs(encoded);
        const sealed = cipher ? await seal(encoded, cipher) : { data: encoded };
        entry.record = { ...entry.record, ...(sealed as object) };
        ready.push(write);
      } catch (cause) {
        const details = { cause, delivery: "not-sent" } as const;
        reject(new TautlineError("unserializable", "it can't be read or encrypted", details));
      }
    }
    return ready;
  }

  private async _add(writes: Write[]): Promise<void> {
    const { _owner: owner } = this;
    const { timers, store, storeTimeout, maxPackets } = owner;
    const guard = <T>(call: () => Promise<T>): Promise<T> => guarded(timers, storeTimeout, call);
    // others add and remove too: what is kept here is never too low
    if (this._count + writes.length > maxPackets) this._count = await guard(() => store.count());
    for (const { reject } of writes.splice(Math.max(maxPackets - this._count, 0)))
      reject(outcome("overflow", "not-sent"));
    if (!writes.length) return;
    const entries = writes.map(({ entry }) => entry);
    const identify = (ids: readonly number[]): void =>
      entries.forEach((entry, at) => {
        entry.record = { ...entry.record, id: ids[at] as number };
      });
    // not in an async function: what it throws at once rejects too
    const adding = Promise.resolve().then(() => store.add(entries.map(({ record }) => record)));
    try {
      identify(await guard(() => adding));
    } catch (error) {
      void adding.then(identify).then(
        () => owner.storedLate(entries),
        () => {},
      );
      throw error;
    }
    this._count += entries.length;
    await owner.stored(entries);
    for (const { entry, resolve } of writes) resolve(entry.record.id as number);
  }
}
