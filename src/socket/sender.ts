import { TautlineError } from "../errors.js";
import { afterYield, listenTo, monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { copyBinary } from "../protocol/engine-payload.js";
import {
  type Encoded,
  checkEventName,
  PacketType,
  type SocketPacket,
} from "../protocol/socket-packet.js";
import { type AckCallback, type AckOwner, Acks } from "./acks.js";
import type { CatchAll } from "./catch-all.js";
import { type DeliveryMode, Ledger } from "./delivery.js";
import type { EmitOptions } from "./emit-options.js";
import type { Link, LinkMember } from "./link.js";
import { abortion, disconnection, timedOut } from "./outcomes.js";
import {
  boundsOf,
  type BufferOptions,
  encodedBytes,
  Outbox,
  type OutboxOwner,
  type Outgoing,
} from "./outbox.js";
import { RetryQueue } from "./retry-queue.js";
import { isTag, Stream } from "./stream.js";
import { waitFor, type WaitOptions } from "./waiting.js";

/** A volatile packet is dropped when as many bytes, or more, wait already. */
export const VOLATILE_LIMIT = 64 * 1024;
/** A flush goes on for about so many milliseconds before it lets the page breathe. */
const SLICE = 12;
/** The clock is looked at once in so many packets. */
const CLOCK_EVERY = 64;

/** Socket options that govern what is emitted. */
export interface SenderOptions {
  /** How often a packet is sent again until it is acknowledged. @default off */
  retries?: number;
  /** Milliseconds for every ack that has no timeout of its own. @default off */
  ackTimeout?: number;
  /** Bounds of what waits for a connection. */
  buffer?: BufferOptions;
  /** What becomes of packets when the connection dies: see docs/delivery.md. @default "at-most-once" */
  delivery?: DeliveryMode;
}

/** What a sender needs of its socket. */
export interface SenderHost extends LinkMember {
  readonly connected: boolean;
  /** A packet was dropped: "overflow" or "expired". */
  dropped(error: TautlineError, packet: Outgoing): void;
}

/** How emitted packets leave: straight through an open link, or by way of the outbox. */
export class Sender implements AckOwner, OutboxOwner {
  /** Undefined until somebody listens to everything. */
  outgoing: CatchAll | undefined;
  /** Undefined until something is asked, or waits: of most sockets nothing is or does. */
  private _acks: Acks | undefined;
  private _outbox: Outbox | undefined;
  /** Only with `delivery: "exactly-once"`. */
  readonly stream: Stream | undefined;
  private readonly _ledger: Ledger | undefined;
  private readonly _retries: RetryQueue | undefined;
  private readonly _link: Link;
  private readonly _host: SenderHost;
  private readonly _options: SenderOptions;
  private _pause: Cancel | undefined;

  constructor(link: Link, host: SenderHost, options: SenderOptions) {
    this._link = link;
    this._host = host;
    this._options = options;
    const { delivery = "at-most-once", retries } = options;
    if (delivery !== "at-most-once")
      this._ledger = new Ledger(link, boundsOf(options.buffer), () => this.flush());
    if (delivery === "exactly-once") this.stream = new Stream();
    if (retries)
      this._retries = new RetryQueue(
        retries,
        () => host.connected,
        (args, how, done) => this._send(args, how, done, true),
      );
  }

  get acks(): Acks {
    return (this._acks ??= new Acks(this._link.timers, this));
  }

  private get _box(): Outbox {
    return (this._outbox ??= new Outbox(this._link.timers, this, boundsOf(this._options.buffer)));
  }

  /** What waits, oldest first: a copy. */
  get waiting(): Outgoing[] {
    return [...(this._outbox ?? [])];
  }

  /** How many packets wait. */
  get size(): number {
    return this._outbox?.size ?? 0;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this._outbox?.bytes ?? 0;
  }

  /**
   * @throws TautlineError `reserved-event`, `unserializable`, `too-many-attachments`, `overflow`
   */
  emit(args: unknown[], options: EmitOptions): void {
    checkEventName(args[0]);
    const last = args.length - 1;
    const ack = typeof args[last] === "function" ? (args.pop() as AckCallback) : undefined;
    this._take(args, options, ack, false);
  }

  /** Emits and settles with the answer. */
  request(args: unknown[], options: EmitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: AckCallback = (error, answer) =>
        error ? reject(error as TautlineError) : resolve(answer);
      checkEventName(args[0]);
      this._take(args, options, done, true);
    });
  }

  /** Answers an event. Only what still belongs to this connection is answered. */
  reply(id: number, args: unknown[]): void {
    if (!this._host.connected) return;
    const encoded = this._link.encode(PacketType.ACK, this._host.nsp, args, id);
    if (this.size || !this._link.deliver(this._host, encoded, true))
      this._link.queue(encoded, true);
  }

  /** The server answered an ack. */
  answered(id: number, args: unknown[]): void {
    this._ledger?.answered(id);
    this._acks?.answer(id, args);
  }

  /** Resolves once the server has received everything that was emitted before. */
  barrier(options: WaitOptions): Promise<void> {
    return waitFor(this._link.timers, options, (settle) => {
      const packet: Outgoing = {
        encoded: "",
        bytes: 0,
        id: undefined,
        options: {},
        stage: "new",
        barrier: settle,
      };
      this._box.add(packet);
      this.flush();
      return () => {
        this._box.remove(packet);
        this._ledger?.forget(packet);
      };
    });
  }

  /** Sends what waits, in slices; what is emitted meanwhile goes behind it. */
  flush(): void {
    this._pause?.();
    this._pause = undefined;
    if (!this._canSend) return;
    const start = monotonicNow();
    let count = 0;
    for (const packet of this._outbox ?? []) {
      if (++count % CLOCK_EVERY === 0 && monotonicNow() - start > SLICE) {
        this._pause = afterYield(this._link.timers, () => this.flush());
        return;
      }
      // a timer that was frozen with its page comes too late
      if (packet.expiresAt !== undefined && packet.expiresAt <= monotonicNow()) {
        this._outbox?.remove(packet);
        this.expired(packet);
        continue;
      }
      if (!this._deliver(packet)) return;
      this._outbox?.remove(packet);
      this._announce(packet.args);
    }
  }

  /** The namespace is entered: what waits goes first, then the queue of retries. */
  connected(): void {
    this.flush();
    this._retries?.drain(true);
  }

  /** The connection is gone: what may be lost is sent again, or its acks fail; plain acks are forgotten. */
  lost(): void {
    this._pause?.();
    const returned = this._ledger?.lost() ?? [];
    for (const old of returned.length ? this._box.addFirst(returned) : []) {
      old.left?.();
      this._evict(old);
    }
    const error = disconnection("maybe-sent");
    for (const packet of this.waiting)
      if (packet.options.volatile) {
        this._box.remove(packet);
        if (packet.id !== undefined) this.acks.settle(packet.id, disconnection("not-sent"));
      } else if (!this._ledger) {
        // what was sent before it is lost
        packet.barrier?.(error);
      }
    for (const id of [...(this._acks?.ids ?? [])])
      if (!this._outbox?.withAck(id)) this.acks.settle(id, error);
    this._acks?.release();
  }

  /** Hands everything that waits to the link, before the namespace is left. */
  flushNow(): void {
    for (const packet of this._outbox ?? [])
      if (!packet.barrier) {
        this._link.queue(packet.encoded, packet.options.compress ?? true);
        this._box.remove(packet);
        this._note(packet);
        this._announce(packet.args);
      }
  }

  /** The app disconnects: what can be told so is told so. Packets without an ack go on waiting. */
  abandon(): void {
    this.lost();
    for (const packet of this.waiting)
      if (packet.barrier) packet.barrier(disconnection());
      else if (packet.id !== undefined && this.acks.canFail(packet.id)) {
        this._box.remove(packet);
        this.acks.settle(packet.id, disconnection(deliveryOf(packet)));
      }
    this._retries?.clear((done, tried) => done(disconnection(tried ? "maybe-sent" : "not-sent")));
    this._acks?.release();
  }

  /** Its time is over. */
  timedOut(id: number): void {
    const waiting = this._box.withAck(id);
    const sent = this._ledger?.withAck(id);
    if (waiting) this._box.remove(waiting);
    // the app is told, and decides: it isn't sent again behind its back
    if (sent) this._ledger?.forget(sent);
    this.acks.settle(id, timedOut(waiting ? deliveryOf(waiting) : "maybe-sent"));
  }

  /** It waited for too long. */
  expired(packet: Outgoing): void {
    this._drop(packet, "expired", "the packet waited for longer than its time to live");
  }

  /** A packet that waits, as the app emitted it. */
  read({ encoded }: Outgoing): SocketPacket {
    const { nsp } = this._host;
    let packet: SocketPacket | undefined;
    try {
      packet = this._link.decode(encoded);
    } catch {
      // a custom parser that can't read what it wrote
    }
    const data = (packet?.data ?? []) as unknown[];
    if (isTag(data[data.length - 1])) data.pop();
    return { type: PacketType.EVENT, nsp, ...packet, data };
  }

  /** Drops what waits, or those for which `filter` says so. Returns how many. */
  clear(filter: (packet: Outgoing) => boolean): number {
    let count = 0;
    for (const packet of this.waiting)
      if (!packet.barrier && filter(packet) && this._box.remove(packet)) {
        this._settle(packet, "evicted", "the app cleared the buffer");
        count++;
      }
    return count;
  }

  private get _canSend(): boolean {
    return this._host.connected && !this._ledger?.isFull;
  }

  /** The arguments as they are now, for tries that come later. */
  private _snapshot(args: unknown[]): unknown[] {
    const encoded = this._link.encode(PacketType.EVENT, this._host.nsp, args);
    return this._link.decode(copyOf(encoded))?.data as unknown[];
  }

  /** To the queue of retries, where there is one, or on its way. */
  private _take(
    args: unknown[],
    options: EmitOptions,
    ack: AckCallback | undefined,
    errorFirst: boolean,
  ): void {
    if (this._retries && !options.volatile) this._retries.add(this._snapshot(args), options, ack);
    else this._send(args, options, ack, errorFirst);
  }

  private _send(
    args: unknown[],
    options: EmitOptions,
    ack: AckCallback | undefined,
    errorFirst: boolean,
  ): void {
    const { signal, volatile, compress = true } = options;
    const acks = ack && this.acks;
    const id = acks?.nextId;
    const wire = this.stream && !volatile ? this.stream.tag(args) : args;
    const encoded = this._link.encode(PacketType.EVENT, this._host.nsp, wire, id, compress);
    if (acks) {
      const timeout = options.timeout ?? this._options.ackTimeout;
      if (errorFirst || timeout !== undefined) acks.addErrorFirst(ack, timeout);
      else acks.addPlain(ack);
    }
    if ((signal || volatile) && this._isPointless(options, id)) return;
    const straight = !this.size && this._host.connected;
    if (straight && !this._ledger && this._link.deliver(this._host, encoded, compress)) {
      this._announce(args);
      if (signal && id !== undefined) this._watch(signal, id, undefined);
      return;
    }
    const packet = this._pack(encoded, args, options, id);
    if (straight && this._ledger && this._deliver(packet)) {
      this._announce(args);
      if (volatile && id === undefined) return;
    } else if (!this._keep(packet)) return;
    if (signal) this._watch(signal, id, packet);
  }

  private _deliver(packet: Outgoing): boolean {
    if (!this._canSend) return false;
    if (packet.barrier) {
      const { barrier } = packet;
      const encoded = this._link.probe((error) => {
        // with a ledger it is sent again, behind the packets that it stands for
        if (error && this._ledger) return;
        if (!error) this._ledger?.cover(packet);
        barrier(error);
      });
      this._link.queue(encoded, true);
    } else {
      const { encoded, options } = packet;
      if (!this._link.deliver(this._host, encoded, options.compress ?? true)) return false;
    }
    this._note(packet);
    return true;
  }

  private _note(packet: Outgoing): void {
    packet.stage = "sent";
    if (!packet.options.volatile) this._ledger?.sent(packet);
  }

  /** Tells those who listen to everything; not of a barrier, which has no arguments. */
  private _announce(args: readonly unknown[] | undefined): void {
    if (this.outgoing && args) this.outgoing.notify(this._host, args);
  }

  /** True when the packet is not to be sent at all. */
  private _isPointless({ signal, volatile }: EmitOptions, id: number | undefined): boolean {
    let error: TautlineError | undefined;
    if (signal?.aborted) error = abortion(signal, "not-sent");
    else if (
      volatile &&
      !(this._host.connected && this._link.bufferedAmount + this.bytes < VOLATILE_LIMIT)
    )
      error = new TautlineError("overflow", "a volatile packet was dropped: the line is not free", {
        delivery: "not-sent",
      });
    if (error && id !== undefined) this.acks.settle(id, error);
    return error !== undefined;
  }

  private _pack(
    encoded: Encoded,
    args: unknown[],
    options: EmitOptions,
    id: number | undefined,
  ): Outgoing {
    const packet: Outgoing = {
      encoded: copyOf(encoded),
      // of a text that is sent at once nobody asks
      bytes: typeof encoded === "string" ? 0 : encodedBytes(encoded),
      id,
      options,
      stage: "new",
    };
    const life = options.ttl ?? this._box.bounds.ttl;
    if (life < Infinity) packet.expiresAt = monotonicNow() + life;
    if (this.outgoing) packet.args = args;
    return packet;
  }

  /** False when there is no room for it. Who gave way is told afterwards: what it emits then belongs behind. */
  private _keep(packet: Outgoing): boolean {
    const { key } = packet.options;
    const gone = this._box.put(packet);
    for (const one of gone ?? [])
      if (key !== undefined && one.options.key === key) this._evict(one);
      else
        this._drop(
          one,
          "overflow",
          "the buffer of the socket is full: a newer packet took its place",
        );
    if (gone) return true;
    const error = this._drop(packet, "overflow", "the buffer of the socket is full");
    if (this._box.bounds.overflow === "reject" && packet.id === undefined) throw error;
    return false;
  }

  /** Aborting takes back a packet that waits, and gives up the ack of one that doesn't. */
  private _watch(signal: AbortSignal, id: number | undefined, packet: Outgoing | undefined): void {
    const abort = (): void => {
      const waits = packet !== undefined && this._box.remove(packet);
      if (!waits && packet) this._ledger?.forget(packet);
      if (id !== undefined)
        this.acks.settle(id, abortion(signal, waits ? deliveryOf(packet) : "maybe-sent"));
    };
    // by somebody who was told of what this packet did
    if (signal.aborted) return abort();
    const stop = listenTo(signal, "abort", abort);
    if (id !== undefined) this.acks.whenSettled(id, stop);
    else if (packet) packet.left = stop;
  }

  private _evict(packet: Outgoing): void {
    this._settle(packet, "evicted", "a newer packet of the same key took its place");
  }

  private _drop(packet: Outgoing, code: "overflow" | "expired", message: string): TautlineError {
    const error = this._settle(packet, code, message);
    this._host.dropped(error, packet);
    return error;
  }

  private _settle(
    packet: Outgoing,
    code: "overflow" | "expired" | "evicted",
    message: string,
  ): TautlineError {
    const { id } = packet;
    const error = new TautlineError(code, message, { delivery: deliveryOf(packet) });
    if (id !== undefined) this.acks.settle(id, error);
    return error;
  }
}

function deliveryOf({ stage }: Outgoing): "not-sent" | "maybe-sent" {
  return stage === "new" ? "not-sent" : "maybe-sent";
}

/** What the app does with its buffers from now on changes nothing. */
function copyOf(encoded: Encoded): Encoded {
  return typeof encoded === "string" ? encoded : encoded.map(copyBinary);
}
