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

/** Milliseconds that another tab has to report that it has stored what it announced. */
const STORING = 300;

/** The durable packets of one stay in the namespace: which tab sends them, and which were sent. */
export class Stay {
  /** A new object for each turn: packets that were read in an earlier turn no longer belong to this tab. */
  reader: Reader;
  private readonly _owner: StayOwner;
  private readonly _ends: Cancel[] = [];
  private readonly _watch: Watch;
  private _turn: Turn | undefined;
  /** Whether the server deduplicates. Undefined until it has answered. */
  isDeduped: boolean | undefined;
  /** The stored packets are in the pipeline, or another tab sends them: newer packets may follow. */
  private _isReady = false;
  /** This tab sends the stored packets. */
  isSender = false;
  /** Waits for room in the window. */
  private readonly _queue = new Set<Entry>();
  private readonly _sending = new Map<Packet, Entry>();
  /** Those of them that are still in the outbox of the pipeline. */
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

  /** The server has accepted the namespace. */
  begin(): void {
    const { host, voice, turns, stream, storeTimeout } = this._owner;
    this._ends.push(
      voice.listen((message) => this._owner.heard(message)),
      // a store or a lock that does not answer delays others for at most this long
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
    // socket.io answers a probe at once, but an event a tick later, so only the second answer is certain to come after
    // it
    host.probe(() => host.probe((error) => error ?? answered(false)));
  }

  /** False while newer packets have to wait. Packets before them in the outbox may be sent. */
  get isOpen(): boolean {
    return this._isReady && ((!this._queue.size && !this.reader.isPartial) || this._unsent > 0);
  }

  /** The first packet that was passed to the connection and is not acked. */
  get first(): Entry | undefined {
    for (const entry of this._sending.values()) if (entry.sentAt !== undefined) return entry;
    return undefined;
  }

  /** Answers the tabs that wait for their turn. */
  tell(): void {
    if (this.isSender) this._owner.voice.say({ here: true });
  }

  /** Another tab has answered them. */
  told(): void {
    this._watch.heard();
  }

  /** It waits, or is in flight. */
  has(entry: Entry): boolean {
    return this._queue.has(entry) || !!entry.packet;
  }

  /** Another tab is storing a packet now, and may be closed before it can report that. */
  expectStored(): void {
    if (!this.isSender) return;
    this._expecting?.();
    this._expecting = this._owner.host.timers.after(STORING, () => void this.load());
  }

  /** Reads the stored packets that this stay does not have. */
  load(): Promise<unknown> {
    if (!this.isSender) return this._reading;
    const { reader } = this;
    const isOver = (): boolean => this._isOver || !this.isSender || this.reader !== reader;
    this._reads++;
    this._reading = this._reading
      .then(() => reader.read(isOver, (entry) => this._queue.add(entry)))
      .catch((cause) => {
        // packets that the store cannot read do not delay others
        reader.isPartial = false;
        this._owner.report(cause);
      })
      .then(() => {
        this._reads--;
        this._fill();
      });
    return this._reading;
  }

  /** Packets were just stored, or could not be. Fulfilled when those of this tab are in the pipeline. */
  async take(entries: readonly Entry[]): Promise<void> {
    const next = entries[0]?.record.id;
    this._watch.hurry();
    const isNext = this.isSender && !this._reads && next === this.reader.last + 1;
    if (next !== undefined && !isNext) {
      await this.load();
      return;
    }
    // packets that are in memory only are added when this stay opens, after older ones
    if (next === undefined && !this._isReady) return;
    for (const entry of entries) {
      this.reader.last = entry.record.id ?? this.reader.last;
      this._queue.add(entry);
    }
    this._fill();
  }

  /** Returns false when the packet is not one of these. */
  sent(packet: Packet): boolean {
    const entry = this._sending.get(packet);
    if (!entry) return false;
    const { host, ackTimeout } = this._owner;
    entry.sentAt = host.timers.now();
    this._unsent--;
    this._alarm ??= host.timers.after(ackTimeout, () => this._expire());
    return true;
  }

  /** Returns false when the packet is not one of these. */
  ended(packet: Packet, code: OutcomeCode): boolean {
    const entry = this._sending.get(packet);
    if (!entry) return false;
    this._leave(entry);
    // a packet that the app, or a full buffer, removes from the buffer stays stored
    const isKept = entry.record.id !== undefined && (code === "evicted" || code === "overflow");
    if (isKept) move(entry, "kept");
    else this._owner.refuse(entry, code);
    return true;
  }

  /** Removes packets from the pipeline. */
  clear(): void {
    for (const [packet, entry] of [...this._sending]) {
      this._withdraw(packet, entry);
      this._queue.add(entry);
    }
    for (const entry of this._queue) move(entry, "cleared");
    this._queue.clear();
    this._owner.host.flush();
  }

  /** The connection is lost. Removes all packets from the pipeline, and lets another tab send. */
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

  /** This tab hung, and another one sends the stored packets. */
  private _robbed(): void {
    this.isSender = false;
    this.reader = new Reader(this._owner);
    for (const [packet, entry] of [...this._sending])
      if (entry.record.id !== undefined) this._withdraw(packet, entry);
    for (const entry of this._queue) if (entry.record.id !== undefined) this._queue.delete(entry);
    this._watch.begin();
    this._owner.host.flush();
    // packets stored since then, as if it were still this tab's turn
    this._owner.voice.say({ stored: true });
  }

  private _open(): void {
    if (this._isOver) return;
    this._isReady = true;
    for (const entry of this._owner.unstored)
      if (entry.state === "unstored") this._queue.add(entry);
    this._fill();
  }

  /** Every packet that was read has been acked: the server may forget their streams. */
  private _goOn(): void {
    if (!this.reader.isPartial || this._queue.size || this._sending.size || this._reads) return;
    this.reader.goOn();
    void this.load();
  }

  /** Puts waiting packets into the pipeline, up to the window. */
  private _fill(): void {
    const { host, window } = this._owner;
    if (!this._isReady || this._isOver) return;
    const packets: Packet[] = [];
    // whether they get tags is known after the server has answered
    if (this.isDeduped !== undefined)
      for (const entry of this._queue) {
        // an app that is told of a refused packet may end the connection
        if (this._isOver || this._sending.size >= window) break;
        this._queue.delete(entry);
        const packet = this._enter(entry);
        if (packet) packets.push(packet);
      }
    if (packets.length && !this._isOver) {
      // before newer packets, and after older ones that were not sent
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
    // keeps the original order of these packets
    again.push(...this._queue);
    this._queue.clear();
    for (const entry of again) this._queue.add(entry);
    this._fill();
  }

  /** Removes a packet from the pipeline, as if it had never been there. */
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
