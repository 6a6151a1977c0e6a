import { outcome, type OutcomeCode } from "../pipeline/outcomes.js";
import { advance, type Packet } from "../pipeline/packet.js";
import type { Cancel } from "../platform/platform.js";
import { PacketType } from "../protocol/socket-packet.js";
import { type Entry, move } from "./entry.js";
import { Reader } from "./reader.js";
import type { StayOwner } from "./stay-owner.js";
import type { Turn } from "./tabs.js";
import { Watch } from "./watch.js";

/** The name of the question, and the key of a packet's tag: see delivery/exactly-once.ts. */
export const TAG = "$tautline";

/** Milliseconds that another tab has to say that it has stored what it was about to store. */
const STORING = 300;

/** The durable packets of one stay of the namespace on the line: who sends them, which have been sent. */
export class Stay {
  /** Another one with each turn: whatever was read before is no more of this tab's. */
  reader: Reader;
  private readonly _owner: StayOwner;
  private readonly _ends: Cancel[] = [];
  private readonly _watch: Watch;
  private _turn: Turn | undefined;
  /** Whether the server drops what it has seen. Undefined until it has said so. */
  isDeduped: boolean | undefined;
  /** What was stored is in the pipeline, or is another tab's: newer packets may follow. */
  private _isReady = false;
  /** This tab sends what is stored. */
  isSender = false;
  /** Waits for room in the window. */
  private readonly _queue = new Set<Entry>();
  private readonly _sending = new Map<Packet, Entry>();
  /** Those of them that are still in the outbox. */
  private _unsent = 0;
  private _reads = 0;
  private _reading: Promise<unknown> = Promise.resolve();
  private _alarm: Cancel | undefined;
  private _expecting: Cancel | undefined;

  constructor(owner: StayOwner) {
    this._owner = owner;
    this.reader = new Reader(owner);
    this._watch = new Watch(owner.host.timers, owner.voice, () => this._turn?.steal());
  }

  /** The server has let the namespace in. */
  begin(): void {
    const { host, voice, turns, stream, storeTimeout } = this._owner;
    this._ends.push(
      voice.listen((message) => this._owner.heard(message)),
      // whoever does not answer (a store, a lock) holds nobody up for longer
      host.timers.after(storeTimeout, () => this._open()),
    );
    const answered = (isDeduped: boolean): void => {
      if (this._isOver || this.isDeduped !== undefined) return;
      this.isDeduped = isDeduped;
      const granted = (): void => {
        this.isSender = true;
        this._watch.end();
        this.tell();
        void this.load().then(() => this._open());
      };
      const taken = (): void => {
        this._watch.begin();
        this._open();
      };
      this._turn = turns.take(granted, taken, () => this._robbed());
    };
    host.ask([TAG, stream], () => answered(true));
    // socket.io answers a probe at once, but an event a tick later: only the second answer is surely behind it
    host.probe(() => host.probe((error) => error ?? answered(false)));
  }

  /** False while newer packets have to wait: those that stand in the outbox before them may be sent. */
  get isOpen(): boolean {
    return this._isReady && ((!this._queue.size && !this.reader.isPartial) || this._unsent > 0);
  }

  /** The first packet that was handed over and is not acked. */
  get first(): Entry | undefined {
    for (const entry of this._sending.values()) if (entry.sentAt !== undefined) return entry;
    return undefined;
  }

  /** Answers those who wait for their turn. */
  tell(): void {
    if (this.isSender) this._owner.voice.say({ here: true });
  }

  /** Another tab has answered them. */
  told(): void {
    this._watch.heard();
  }

  /** It waits, or is under way. */
  has(entry: Entry): boolean {
    return this._queue.has(entry) || !!entry.packet;
  }

  /** Another tab stores something just now. It may be gone before it can say that it has. */
  expectStored(): void {
    if (!this.isSender) return;
    this._expecting?.();
    this._expecting = this._owner.host.timers.after(STORING, () => void this.load());
  }

  /** Reads what the store has and this stay has not. */
  load(): Promise<unknown> {
    if (!this.isSender) return this._reading;
    const { reader } = this;
    const isOver = (): boolean => this._isOver || !this.isSender || this.reader !== reader;
    this._reads++;
    this._reading = this._reading
      .then(() => reader.read(isOver, (entry) => this._queue.add(entry)))
      .catch((cause) => {
        // what the store can't give holds up nobody
        reader.isPartial = false;
        this._owner.report(cause);
      })
      .then(() => {
        this._reads--;
        this._fill();
      });
    return this._reading;
  }

  /** Packets have been stored just now, or could not be. Fulfilled when those of this tab stand in the pipeline. */
  async take(entries: readonly Entry[]): Promise<void> {
    const next = entries[0]?.record.id;
    this._watch.hurry();
    const isNext = this.isSender && !this._reads && next === this.reader.last + 1;
    if (next !== undefined && !isNext) {
      await this.load();
      return;
    }
    // those that are in memory only are gathered when this stay opens: behind older ones
    if (next === undefined && !this._isReady) return;
    for (const entry of entries) {
      this.reader.last = entry.record.id ?? this.reader.last;
      this._queue.add(entry);
    }
    this._fill();
  }

  /** False when it is none of these packets. */
  sent(packet: Packet): boolean {
    const entry = this._sending.get(packet);
    if (!entry) return false;
    const { host, ackTimeout } = this._owner;
    entry.sentAt = host.timers.now();
    this._unsent--;
    this._alarm ??= host.timers.after(ackTimeout, () => this._expire());
    return true;
  }

  /** False when it is none of these packets. */
  ended(packet: Packet, code: OutcomeCode): boolean {
    const entry = this._sending.get(packet);
    if (!entry) return false;
    this._leave(entry);
    // what the app, or a full buffer, takes out of the buffer stays stored
    const isKept = entry.record.id !== undefined && (code === "evicted" || code === "overflow");
    if (isKept) move(entry, "kept");
    else this._owner.refuse(entry, code);
    return true;
  }

  /** Takes packets out of the pipeline. */
  clear(): void {
    for (const [packet, entry] of [...this._sending]) {
      this._withdraw(packet, entry);
      this._queue.add(entry);
    }
    for (const entry of this._queue) move(entry, "cleared");
    this._queue.clear();
    this._owner.host.flush();
  }

  /** The line is lost. Takes everything out of the pipeline, and lets another tab send. */
  end(): void {
    this._alarm?.();
    this._expecting?.();
    for (const end of this._ends) end();
    this._watch.end();
    this._turn?.end();
    for (const [packet, entry] of [...this._sending]) this._withdraw(packet, entry);
  }

  private get _isOver(): boolean {
    return this._owner.stay !== this;
  }

  /** This tab hung, and another one sends what is stored. */
  private _robbed(): void {
    this.isSender = false;
    this.reader = new Reader(this._owner);
    for (const [packet, entry] of [...this._sending])
      if (entry.record.id !== undefined) this._withdraw(packet, entry);
    for (const entry of this._queue) if (entry.record.id !== undefined) this._queue.delete(entry);
    this._watch.begin();
    this._owner.host.flush();
    // what was stored since then, as if it were still this tab's turn
    this._owner.voice.say({ stored: true });
  }

  private _open(): void {
    if (this._isOver) return;
    this._isReady = true;
    for (const entry of this._owner.unstored)
      if (entry.state === "unstored") this._queue.add(entry);
    this._fill();
  }

  /** Everything that was read has been acked: the server may forget the streams of that. */
  private _goOn(): void {
    if (!this.reader.isPartial || this._queue.size || this._sending.size || this._reads) return;
    this.reader.goOn();
    void this.load();
  }

  /** Puts what waits into the pipeline, as far as the window goes. */
  private _fill(): void {
    const { host, window } = this._owner;
    if (!this._isReady || this._isOver) return;
    const packets: Packet[] = [];
    // whether they are tagged is known when the server has said so
    if (this.isDeduped !== undefined)
      for (const entry of this._queue) {
        // an app that hears of a refused one may end the connection
        if (this._isOver || this._sending.size >= window) break;
        this._queue.delete(entry);
        const packet = this._enter(entry);
        if (packet) packets.push(packet);
      }
    if (packets.length && !this._isOver) {
      // before newer packets, and behind older ones that have not left
      const isAlone = this._unsent === packets.length;
      const before = [...(isAlone ? [] : this._sending.keys())].filter((one) =>
        host.outbox.remove(one),
      );
      host.outbox.addFirst([...before, ...packets]);
    }
    host.flush();
    this._goOn();
  }

  private _enter(entry: Entry): Packet | undefined {
    const { host, nsp } = this._owner;
    const { stream, number } = entry.record;
    const args = this.isDeduped ? [...entry.args, { [TAG]: [stream, number] }] : entry.args;
    const id = host.acks.nextId();
    // refused or cleared meanwhile
    if (!move(entry, "entered")) return undefined;
    try {
      const encoded = host.line.codec.encode(PacketType.EVENT, nsp, args, id);
      const packet: Packet = { state: "returned", encoded, bytes: 0, id, options: {} };
      entry.packet = packet;
      entry.sentAt = undefined;
      this._sending.set(packet, entry);
      this._unsent++;
      host.acks.add(id, (...answer) => this._answered(packet, answer), false, undefined);
      return packet;
    } catch {
      this._owner.refuse(entry, "unserializable");
      return undefined;
    }
  }

  private _answered(packet: Packet, answer: unknown[]): void {
    const entry = this._sending.get(packet);
    if (!entry) return;
    this._leave(entry);
    this._owner.acked(entry, answer);
    this._fill();
  }

  /** The server has not answered in time. */
  private _expire(): void {
    const { host, ackTimeout } = this._owner;
    this._alarm = undefined;
    const late = host.timers.now() - ackTimeout;
    const again: Entry[] = [];
    for (const [packet, entry] of [...this._sending]) {
      if (entry.sentAt === undefined) continue;
      if (entry.sentAt > late) {
        this._alarm ??= host.timers.after(entry.sentAt - late, () => this._expire());
        continue;
      }
      this._withdraw(packet, entry);
      this._owner.failed(entry, "ack-timeout");
      again.push(entry);
    }
    // they come before what they came before
    again.push(...this._queue);
    this._queue.clear();
    for (const entry of again) this._queue.add(entry);
    this._fill();
  }

  /** Takes a packet out of the pipeline, as if it had never been there. */
  private _withdraw(packet: Packet, entry: Entry): void {
    this._leave(entry);
    move(entry, entry.record.id === undefined ? "failed" : "kept");
    this._owner.host.outbox.remove(packet);
    advance(packet, "lost");
    this._owner.host.acks.fail(packet.id as number, outcome("disconnected"));
  }

  private _leave(entry: Entry): void {
    const { packet } = entry;
    if (!packet) return;
    this._sending.delete(packet);
    if (entry.sentAt === undefined) this._unsent--;
    delete entry.packet;
  }
}
