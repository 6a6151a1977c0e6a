import { TautlineError } from "../errors.js";
import { afterYield } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { copyBinary } from "../protocol/engine-payload.js";
import { type Encoded, PacketType, RESERVED_EVENTS } from "../protocol/socket-packet.js";
import { type AckCallback, Acks } from "./acks.js";
import { CatchAll } from "./catch-all.js";
import type { EmitOptions } from "./emit-options.js";
import type { Link, LinkMember } from "./link.js";
import { type BufferOptions, encodedBytes, Outbox, type Outgoing } from "./outbox.js";
import { RetryQueue } from "./retry-queue.js";

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
}

/** What a sender needs of its socket. */
export interface SenderHost extends LinkMember {
  readonly connected: boolean;
  /** A packet was dropped: "overflow" or "expired". */
  dropped(error: TautlineError, packet: Outgoing): void;
}

/** How emitted packets leave: straight through an open link, or by way of the outbox. */
export class Sender {
  readonly #link: Link;
  readonly #host: SenderHost;
  readonly #options: SenderOptions;
  readonly outgoing = new CatchAll();
  readonly acks: Acks;
  readonly outbox: Outbox;
  readonly #retries: RetryQueue | undefined;
  #pause: Cancel | undefined;

  constructor(link: Link, host: SenderHost, options: SenderOptions) {
    this.#link = link;
    this.#host = host;
    this.#options = options;
    this.acks = new Acks(link.timers, (id) => this.#timedOut(id));
    this.outbox = new Outbox(link.timers, (packet) =>
      this.#drop(packet, "expired", "the packet waited for longer than its time to live"),
    );
    if (options.retries)
      this.#retries = new RetryQueue(
        options.retries,
        () => host.connected,
        (args, how, done) => this.#send(args, how, done, true),
      );
  }

  /**
   * @throws TautlineError `reserved-event`, `unserializable`, `too-many-attachments`, `overflow`
   */
  emit(args: unknown[], options: EmitOptions): void {
    if (RESERVED_EVENTS.has(args[0]))
      throw new TautlineError("reserved-event", `"${String(args[0])}" is a reserved event name`);
    const last = args.length - 1;
    const ack = typeof args[last] === "function" ? (args.pop() as AckCallback) : undefined;
    if (this.#retries && !options.volatile) this.#retries.add(args, options, ack);
    else this.#send(args, options, ack, false);
  }

  /** Emits and settles with the answer. */
  request(args: unknown[], options: EmitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: AckCallback = (error, answer) =>
        error ? reject(error as TautlineError) : resolve(answer);
      if (RESERVED_EVENTS.has(args[0]) || (this.#retries && !options.volatile))
        this.emit([...args, done], options);
      else this.#send(args, options, done, true);
    });
  }

  /** Answers an event. Only what still belongs to this connection is answered. */
  reply(id: number, args: unknown[]): void {
    const link = this.#link;
    const host = this.#host;
    if (!host.connected) return;
    const encoded = link.encode(PacketType.ACK, host.nsp, args, id);
    if (this.outbox.size || !link.deliver(host, encoded, true)) link.queue(encoded, true);
  }

  /** Sends what waits, in slices; what is emitted meanwhile goes behind it. */
  flush(): void {
    this.#pause?.();
    this.#pause = undefined;
    if (!this.#host.connected) return;
    const start = Date.now();
    let count = 0;
    for (const packet of this.outbox) {
      if (++count % CLOCK_EVERY === 0 && Date.now() - start > SLICE) {
        this.#pause = afterYield(this.#link.timers, () => this.flush());
        return;
      }
      if (!this.#link.deliver(this.#host, packet.encoded, packet.compress)) return;
      this.outbox.remove(packet);
      if (packet.args) this.outgoing.notify(this.#host, packet.args);
    }
  }

  /** The namespace is entered: what waits goes first, then the queue of retries. */
  connected(): void {
    this.flush();
    this.#retries?.drain(true);
  }

  /** The connection is gone: acks of packets that were sent fail, plain ones are forgotten. */
  lost(): void {
    this.#pause?.();
    const error = disconnected("maybe-sent");
    for (const id of [...this.acks.ids]) if (!this.outbox.withAck(id)) this.acks.settle(id, error);
    this.acks.release();
  }

  /** Hands everything that waits to the link, before the namespace is left. */
  flushNow(): void {
    for (const packet of this.outbox) {
      this.#link.queue(packet.encoded, packet.compress);
      this.outbox.remove(packet);
    }
  }

  /** The app disconnects: what can be told so is told so. Packets without an ack go on waiting. */
  abandon(): void {
    this.lost();
    const error = disconnected("not-sent");
    for (const id of [...this.acks.ids])
      if (this.acks.canFail(id)) {
        const packet = this.outbox.withAck(id);
        if (packet) this.outbox.remove(packet);
        this.acks.settle(id, error);
      }
    this.#retries?.clear((done, tried) => done(tried ? disconnected("maybe-sent") : error));
    this.acks.release();
  }

  #send(
    args: unknown[],
    options: EmitOptions,
    ack: AckCallback | undefined,
    errorFirst: boolean,
  ): void {
    const link = this.#link;
    const host = this.#host;
    const acks = this.acks;
    const { signal, compress = true } = options;
    const id = ack && acks.nextId;
    const encoded = link.encode(PacketType.EVENT, host.nsp, args, id, compress);
    if (ack) {
      const timeout = options.timeout ?? this.#options.ackTimeout;
      if (errorFirst || timeout !== undefined) acks.addErrorFirst(ack, timeout);
      else acks.addPlain(ack);
    }
    if (signal || options.volatile) {
      if (this.#isPointless(options, id)) return;
    }
    if (host.connected && !this.outbox.size && link.deliver(host, encoded, compress)) {
      if (this.outgoing.listeners.length) this.outgoing.notify(host, args);
      if (signal && id !== undefined) this.#watch(signal, id, undefined);
    } else this.#keep(encoded, args, options, id);
  }

  /** True when the packet is not to be sent at all. */
  #isPointless({ signal, volatile }: EmitOptions, id: number | undefined): boolean {
    const link = this.#link;
    const host = this.#host;
    const outbox = this.outbox;
    let error: TautlineError | undefined;
    if (signal?.aborted) error = aborted(signal, "not-sent");
    else if (volatile && !(host.connected && link.bufferedAmount + outbox.bytes < VOLATILE_LIMIT))
      error = new TautlineError("overflow", "a volatile packet was dropped: the line is not free", {
        delivery: "not-sent",
      });
    if (error && id !== undefined) this.acks.settle(id, error);
    return error !== undefined;
  }

  #keep(
    encoded: Encoded,
    args: unknown[],
    { compress = true, signal, key, ttl }: EmitOptions,
    id: number | undefined,
  ): void {
    const { buffer = {} } = this.#options;
    const life = ttl ?? buffer.ttl ?? Infinity;
    const packet: Outgoing = {
      encoded: typeof encoded === "string" ? encoded : encoded.map(copyBinary),
      compress,
      bytes: encodedBytes(encoded),
      id,
      expiresAt: life < Infinity ? Date.now() + life : Infinity,
      key,
      args: this.outgoing.listeners.length ? args : undefined,
    };
    const older = key === undefined ? undefined : this.outbox.withKey(key);
    if (older && this.outbox.remove(older))
      this.#settle(older, "evicted", "a newer packet of the same key took its place");
    if (!this.#makeRoom(packet, buffer)) return;
    this.outbox.add(packet);
    if (signal) this.#watch(signal, id, packet);
  }

  #makeRoom(packet: Outgoing, buffer: BufferOptions): boolean {
    const { maxPackets = 100_000, maxBytes = 64 * 1024 * 1024, overflow = "reject" } = buffer;
    const { outbox } = this;
    const isFull = (): boolean =>
      outbox.size >= maxPackets || outbox.bytes + packet.bytes > maxBytes;
    while (isFull()) {
      const { oldest } = outbox;
      if (overflow !== "drop-oldest" || !oldest) {
        const error = this.#drop(packet, "overflow", "the buffer of the socket is full");
        if (overflow === "reject" && packet.id === undefined) throw error;
        return false;
      }
      outbox.remove(oldest);
      this.#drop(
        oldest,
        "overflow",
        "the buffer of the socket is full: newer packets took its place",
      );
    }
    return true;
  }

  /** Aborting takes back a packet that waits, and gives up the ack of one that doesn't. */
  #watch(signal: AbortSignal, id: number | undefined, packet: Outgoing | undefined): void {
    signal.addEventListener(
      "abort",
      () => {
        const waits = packet !== undefined && this.outbox.remove(packet);
        if (id !== undefined)
          this.acks.settle(id, aborted(signal, waits ? "not-sent" : "maybe-sent"));
      },
      { once: true },
    );
  }

  #timedOut(id: number): void {
    const packet = this.outbox.withAck(id);
    if (packet) this.outbox.remove(packet);
    this.acks.settle(
      id,
      new TautlineError("ack-timeout", "operation has timed out", {
        delivery: packet ? "not-sent" : "maybe-sent",
      }),
    );
  }

  #drop(packet: Outgoing, code: "overflow" | "expired", message: string): TautlineError {
    const error = this.#settle(packet, code, message);
    this.#host.dropped(error, packet);
    return error;
  }

  #settle(
    { id }: Outgoing,
    code: "overflow" | "expired" | "evicted",
    message: string,
  ): TautlineError {
    const error = new TautlineError(code, message, { delivery: "not-sent" });
    if (id !== undefined) this.acks.settle(id, error);
    return error;
  }
}

function disconnected(delivery: "not-sent" | "maybe-sent"): TautlineError {
  return new TautlineError("disconnected", "socket has been disconnected", { delivery });
}

function aborted(signal: AbortSignal, delivery: "not-sent" | "maybe-sent"): TautlineError {
  return new TautlineError("aborted", "the emit was aborted", {
    cause: signal.reason as unknown,
    delivery,
  });
}
