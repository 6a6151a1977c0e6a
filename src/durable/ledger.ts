import { reportError, TautlineError } from "../errors.js";
import { outcome } from "../pipeline/outcomes.js";
import { isTooLarge } from "../pipeline/packet.js";
import type { OwnerHost } from "../pipeline/policy.js";
import { copyOf, readBack } from "../pipeline/reading-packets.js";
import { afterYield, randomId } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import { checkEventName, PacketType } from "../protocol/socket-packet.js";
import type { Cipher } from "./cipher.js";
import { type Entry, move, type Status } from "./entry.js";
import type { DurableOptions, DurablePacket, Settled } from "./options.js";
import { Records, type RecordsOwner } from "./records.js";
import type { Stay } from "./stay.js";
import type { StayOwner } from "./stay-owner.js";
import type { OutboxStore, StoredPacket } from "./store.js";
import { storageError } from "./storage-errors.js";
import { Turns, Voice } from "./tabs.js";
import { Writer, type WriterOwner } from "./writer.js";

/** When this many packets arrive at a time, no packet is a suspect any more. */
const TRUSTED = 1024;

/** Messages between tabs. */
interface Message {
  /** The tab is about to store a packet, and may be closed before that is done; and it has stored it. */
  readonly storing?: boolean;
  readonly stored?: boolean;
  readonly cleared?: boolean;
  /** Asks whether the tab that sends the stored packets still runs; and the answer. */
  readonly asks?: boolean;
  readonly here?: boolean;
  readonly settled?: Settled;
}

type Code = NonNullable<Settled["code"]>;

/** Receives the events of a ledger. */
export interface LedgerOwner {
  tell(event: "settled" | "error", value: unknown): void;
}

/**
 * The durable packets of a socket: those that are stored, those that could not be stored, and how each of them ends.
 */
export class Ledger implements StayOwner, WriterOwner, RecordsOwner {
  readonly host: OwnerHost;
  readonly nsp: string;
  /** Packets that this session stores. */
  readonly stream = randomId();
  readonly turns: Turns;
  readonly voice: Voice;
  readonly store: OutboxStore;
  readonly records: Records;
  readonly cipher: Cipher | undefined;
  readonly ackTimeout: number;
  readonly storeTimeout: number;
  readonly maxPackets: number;
  /** In memory only. */
  readonly unstored = new Set<Entry>();
  window = Infinity;
  stay: Stay | undefined;
  owner: LedgerOwner | undefined;
  told: Promise<void> | undefined;
  private readonly _options: DurableOptions;
  private readonly _writer: Writer;
  private _number = 0;
  /** Packets that the other tabs do not know of yet. */
  private readonly _unsaid: Settled[] = [];
  /** Outcomes that fire once the app knows that the packet is stored. */
  private readonly _untold: Settled[] = [];

  constructor(host: OwnerHost, nsp: string, options: DurableOptions) {
    const { name, identity, store, cipher } = options;
    const { ackTimeout = 30_000, storeTimeout = 5000, maxPackets = 10_000 } = options;
    const scope = "tautline " + JSON.stringify([name, String(identity), nsp]);
    this.host = host;
    this.nsp = nsp;
    this.turns = new Turns(scope);
    this.voice = new Voice(scope, host.timers);
    this.store = store(scope);
    this.cipher = cipher;
    this.ackTimeout = ackTimeout;
    this.storeTimeout = storeTimeout;
    this.maxPackets = maxPackets;
    this._options = options;
    this.records = new Records(this);
    this._writer = new Writer(this);
  }

  get timers(): Timers {
    return this.host.timers;
  }

  // -- for the app

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
    await this._writer.busy;
    const records: StoredPacket[] = [];
    await this.records.each((record) => void (this._isExpired(record) || records.push(record)));
    const stored = await Promise.all(
      records.map(async (record) => ({ record, args: await this.records.decode(record) })),
    );
    return [...stored, ...this.unstored].map(({ record, args: [event, ...args] }) => {
      const { id, at, expires, tries }: Entry["record"] = record;
      return { id, event: event as string, args, at, expires, tries };
    });
  }

  async clear(): Promise<number> {
    await this._writer.busy;
    const ids: number[] = [];
    await this.records.each(({ id }) => void ids.push(id));
    const count = ids.length + this.unstored.size;
    this._drop();
    this.voice.say({ cleared: true } satisfies Message);
    await this.records.remove(ids);
    return count;
  }

  // -- from the writer

  storing(): void {
    // a page that is left cannot wait until the packet is stored
    this._announce({ storing: true });
  }

  stored(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) move(entry, "kept");
    this._announce({ stored: true });
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
      const { id } = entry.record as StoredPacket;
      if (this.stay?.has(entry)) this.stay.reader.known.add(id);
      if (!this.unstored.delete(entry)) this.records.end(id);
      // from now on the store provides it
      else if (entry.state === "unstored") move(entry, "kept");
    }
    void this.stay?.load();
  }

  // -- from the records

  removing(): void {
    for (const settled of this._unsaid.splice(0)) this.voice.say({ settled } satisfies Message);
  }

  // -- from a stay

  async admit(record: StoredPacket): Promise<Entry | undefined> {
    if (this.records.isEnded(record)) {
      // it could not be removed
      this.records.end(record.id);
      return undefined;
    }
    let args: unknown[];
    try {
      args = await this.records.decode(record);
    } catch (error) {
      // a cipher that does not answer is no evidence against the packet: it is tried again at the next connect
      this.report(error);
      return undefined;
    }
    const entry: Entry = { state: "stored", record, args };
    if (this._isExpired(record)) this._settle(entry, "expired", "expired");
    else if (args.length) return entry;
    else this.failed(entry, "parse-error");
    return undefined;
  }

  heard(message: unknown): void {
    const { storing, stored, cleared, asks, here, settled } = message as Message;
    if (asks) this.stay?.tell();
    if (here) this.stay?.told();
    // the tab that asks may be closed just after it has stored something
    if (stored || asks) void this.stay?.load();
    if (storing) this.stay?.expectStored();
    if (cleared) this._drop();
    if (settled) this._tell(settled);
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
    const tries = (Number(record.tries) || 0) + 1;
    entry.record = { ...record, tries };
    if (tries >= (this._options.tries ?? 10)) this._settle(entry, "refused", code);
    else if (record.id !== undefined) this.records.update(entry.record as StoredPacket);
  }

  /** The connection was lost just after this packet: packets are sent one by one until the cause is clear. */
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

  /** Lets the tab that sends read the store again. */
  private _announce(message: Message): void {
    if (!this.stay?.isSender) this.voice.say(message);
  }

  // -- how packets end

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
    this._unsaid.push(settled);
    if (record.id === undefined) this.removing();
    else this.records.end(record.id);
    this._tell(settled);
  }

  /** A packet may be read and acked before the store has confirmed it. `emit()` must resolve before `settled` fires. */
  private _tell(settled: Settled): void {
    const { busy } = this._writer;
    if (!busy && !this.told) return this.owner?.tell("settled", settled);
    this._untold.push(settled);
    this.told ??= new Promise((resolve) => {
      const tell = (): void => {
        this.told = undefined;
        for (const one of this._untold.splice(0)) this.owner?.tell("settled", one);
        resolve();
      };
      // not within this tick: the app may await a promise around that of emit()
      void busy?.then(() => afterYield(this.timers, tell));
    });
  }
}

/** Contracts answer with `$error`. */
function hasError(answer: unknown): boolean {
  return Object(answer) === answer && "$error" in (answer as object);
}
