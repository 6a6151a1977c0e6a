import { reportError, TautlineError } from "../errors.js";
import { outcome } from "../pipeline/outcomes.js";
import { isTooLarge } from "../pipeline/packet.js";
import type { OwnerHost } from "../pipeline/policy.js";
import { copyOf, readBack } from "../pipeline/reading-packets.js";
import { atEndOfTick, randomId } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import { checkEventName, PacketType } from "../protocol/socket-packet.js";
import { type Cipher, unseal } from "./cipher.js";
import { type Entry, move, type Status } from "./entry.js";
import { guarded } from "./guard.js";
import type { DurableOptions, DurablePacket, Settled } from "./options.js";
import type { Stay, StayOwner } from "./stay.js";
import { type OutboxStore, PAGE, type StoredPacket } from "./store.js";
import { storageError } from "./storage-errors.js";
import { Turns, Voice } from "./tabs.js";
import { Writer, type WriterOwner } from "./writer.js";

/** Where so many arrive at a time, there is nothing to suspect any more. */
const TRUSTED = 1024;

/** What tabs tell each other. */
interface Message {
  readonly stored?: boolean;
  readonly cleared?: boolean;
  readonly settled?: Settled;
}

type Code = NonNullable<Settled["code"]>;

/** Who hears what becomes of packets. */
export interface LedgerOwner {
  tell(event: "settled" | "error", value: unknown): void;
}

/** The durable packets of a socket: what is stored, what could not be stored, and how each of them ends. */
export class Ledger implements StayOwner, WriterOwner {
  readonly host: OwnerHost;
  readonly nsp: string;
  /** Of the packets that this session stores. */
  readonly stream = randomId();
  readonly turns: Turns;
  readonly voice: Voice;
  readonly store: OutboxStore;
  readonly cipher: Cipher | undefined;
  readonly ackTimeout: number;
  readonly storeTimeout: number;
  readonly maxPackets: number;
  /** In memory only. */
  readonly unstored = new Set<Entry>();
  window = Infinity;
  stay: Stay | undefined;
  owner: LedgerOwner | undefined;
  private readonly _options: DurableOptions;
  private readonly _writer: Writer;
  private _number = 0;
  /** To be removed from the store. */
  private readonly _ended = new Set<number>();
  private _sweeping: Promise<void> | undefined;

  constructor(host: OwnerHost, nsp: string, options: DurableOptions) {
    const { name, identity, store, cipher } = options;
    const { ackTimeout = 30_000, storeTimeout = 5000, maxPackets = 10_000 } = options;
    const scope = "tautline " + JSON.stringify([name, String(identity), nsp]);
    this.host = host;
    this.nsp = nsp;
    this.turns = new Turns(scope);
    this.voice = new Voice(scope);
    this.store = store(scope);
    this.cipher = cipher;
    this.ackTimeout = ackTimeout;
    this.storeTimeout = storeTimeout;
    this.maxPackets = maxPackets;
    this._options = options;
    this._writer = new Writer(this);
  }

  get timers(): Timers {
    return this.host.timers;
  }

  // -- what the app asks

  /** @throws TautlineError as `emit()` does */
  add(args: unknown[]): Promise<number> {
    checkEventName(args[0]);
    const { line } = this.host;
    if (typeof args[args.length - 1] === "function")
      throw new TautlineError("unserializable", "durable.emit() takes no ack: listen to `settled`");
    const encoded = copyOf(line.codec.encode(PacketType.EVENT, this.nsp, args));
    if (isTooLarge(encoded, line.maxPayload)) throw outcome("too-large", "not-sent");
    if (this.unstored.size >= this.maxPackets) throw outcome("overflow", "not-sent");
    const { data } = readBack(line.codec, encoded, this.nsp);
    const at = Date.now();
    const { ttl = Infinity } = this._options;
    const record = {
      data: "",
      stream: this.stream,
      number: ++this._number,
      at,
      ...(ttl < Infinity && { expires: at + ttl }),
      tries: 0,
    };
    return this._writer.write({ state: "storing", record, args: data }, encoded);
  }

  async list(): Promise<DurablePacket[]> {
    await this._writer.idle;
    const list: DurablePacket[] = [];
    const put = ({ id, at, expires, tries }: Entry["record"], [event, ...args]: unknown[]): void =>
      void list.push({ id, event: event as string, args, at, expires, tries });
    await this._each(async (record) => {
      if (!this._isExpired(record)) put(record, await this._decode(record));
    });
    for (const { record, args } of this.unstored) put(record, args);
    return list;
  }

  async clear(): Promise<number> {
    await this._writer.idle;
    const ids: number[] = [];
    await this._each(({ id }) => void ids.push(id));
    const count = ids.length + this.unstored.size;
    this._drop();
    this.voice.say({ cleared: true } satisfies Message);
    await this._ask(() => this.store.remove(ids));
    return count;
  }

  // -- what the writer tells

  stored(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) move(entry, "kept");
    this.voice.say({ stored: true } satisfies Message);
    return this.stay?.take(entries) ?? Promise.resolve();
  }

  unstorable(entries: readonly Entry[]): void {
    for (const entry of entries) {
      move(entry, "failed");
      this.unstored.add(entry);
    }
    void this.stay?.take(entries);
  }

  storedLate(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.stay?.known.add(entry.record.id as number);
      if (!this.unstored.delete(entry)) this._remove(entry.record.id);
      else if (entry.state === "unstored") move(entry, "kept");
    }
  }

  // -- what a stay tells

  read(after: number): Promise<StoredPacket[]> {
    return this._ask(() => this.store.read(after, PAGE));
  }

  async admit(record: StoredPacket): Promise<Entry | undefined> {
    if (this._ended.has(record.id)) {
      // it could not be removed
      this._remove(record.id);
      return undefined;
    }
    const args = await this._decode(record);
    const entry: Entry = { state: "stored", record, args };
    if (this._isExpired(record)) this._settle(entry, "expired", "expired");
    else if (args.length) return entry;
    else this.failed(entry, "parse-error");
    return undefined;
  }

  heard(message: unknown): void {
    const { stored, cleared, settled } = message as Message;
    if (stored) void this.stay?.load();
    if (cleared) this._drop();
    if (settled) this.owner?.tell("settled", settled);
  }

  acked(entry: Entry, answer: unknown[]): void {
    this.window = this.window < TRUSTED ? this.window * 2 : Infinity;
    const { isRefused = hasError } = this._options;
    let status: Status = "delivered";
    try {
      if (isRefused(...answer)) status = "refused";
    } catch (error) {
      reportError(error);
    }
    this._settle(entry, status, undefined, answer);
  }

  failed(entry: Entry, code: Code): void {
    const { record } = entry;
    const tries = record.tries + 1;
    entry.record = { ...record, tries };
    if (tries >= (this._options.tries ?? 10)) this._settle(entry, "refused", code);
    else if (record.id !== undefined)
      void this._ask(() => this.store.update(entry.record as StoredPacket)).catch(() => {});
  }

  /** The connection died directly behind it: from now on packets go out one by one, until it is clear of which. */
  suspect(entry: Entry): void {
    if (this.window === 1) this.failed(entry, "undeliverable");
    this.window = 1;
  }

  refuse(entry: Entry, code: Code): void {
    this._settle(entry, "refused", code);
  }

  report(cause: unknown): void {
    this.owner?.tell("error", storageError(cause));
  }

  // -- the store

  private _drop(): void {
    this.stay?.clear();
    for (const entry of this.unstored) move(entry, "cleared");
    this.unstored.clear();
  }

  private _isExpired({ expires = Infinity }: Entry["record"]): boolean {
    return expires <= Date.now();
  }

  private _settle(entry: Entry, status: Status, code?: Code, answer?: unknown[]): void {
    if (!move(entry, status)) return;
    const { record, args } = entry;
    const [event, ...rest] = args;
    const settled: Settled = {
      id: record.id,
      status,
      event: event as string,
      args: rest,
      answer,
      code,
    };
    this.unstored.delete(entry);
    this._remove(record.id);
    this.owner?.tell("settled", settled);
    this.voice.say({ settled } satisfies Message);
  }

  private _remove(id: number | undefined): void {
    if (id === undefined) return;
    this._ended.add(id);
    this._sweeping ??= new Promise((done) => atEndOfTick(() => void this._sweep().then(done)));
  }

  /** One call of the store at a time. What can't be removed now is tried again with the next. */
  private async _sweep(): Promise<void> {
    let ids: number[];
    try {
      do {
        ids = [...this._ended];
        await this._ask(() => this.store.remove(ids));
        for (const id of ids) this._ended.delete(id);
      } while (this._ended.size);
    } catch (error) {
      this.report(error);
    }
    this._sweeping = undefined;
  }

  private async _decode(record: StoredPacket): Promise<unknown[]> {
    try {
      return readBack(this.host.line.codec, await unseal(record, this.cipher), this.nsp).data;
    } catch {
      return [];
    }
  }

  private async _each(visit: (record: StoredPacket) => unknown): Promise<void> {
    let records: StoredPacket[];
    let last = 0;
    do {
      records = await this.read(last);
      for (const record of records) {
        last = record.id;
        if (!this._ended.has(last)) await visit(record);
      }
    } while (records.length === PAGE);
  }

  private _ask<T>(call: () => Promise<T>): Promise<T> {
    return guarded(this.timers, this.storeTimeout, call);
  }
}

/** Contracts answer with `$error`. */
function hasError(answer: unknown): boolean {
  return Object(answer) === answer && "$error" in (answer as object);
}
