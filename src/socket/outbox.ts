import type { TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { binaryLength, utf8Length } from "../protocol/engine-payload.js";
import type { Encoded } from "../protocol/socket-packet.js";

/** How much a socket keeps while it can't send. */
export interface BufferOptions {
  /** @default 100000 */
  maxPackets?: number;
  /** Bytes of the encoded packets. @default 67108864 (64 MiB) */
  maxBytes?: number;
  /** Milliseconds that a packet may wait. @default Infinity */
  ttl?: number;
  /**
   * What happens to a packet for which there is no room, or for whose sake.
   * "reject": `emit` throws, or its ack gets the error. "drop-oldest": the oldest waiting ones make room.
   * "drop-newest": the new one is dropped. Each packet dropped fires "overflow" on the socket and fails its ack.
   *
   * @default "reject"
   */
  overflow?: "reject" | "drop-oldest" | "drop-newest";
}

/** An emitted packet on its way. */
export interface Outgoing {
  encoded: Encoded;
  compress: boolean;
  bytes: number;
  /** Of its ack, when it wants one. */
  id: number | undefined;
  /** Milliseconds since the epoch, after which it isn't sent any more. */
  expiresAt: number | undefined;
  key: string | undefined;
  /** Kept only when somebody listens to outgoing packets. */
  args: readonly unknown[] | undefined;
  /** Not a packet, but the place of a delivery barrier: who is told of its answer. */
  barrier?: (error?: TautlineError) => void;
  /** It went out once, and may have arrived. */
  sent?: boolean;
  /** It isn't sent again. */
  volatile?: boolean;
  /** The ledger has it: it may come back. */
  uncovered?: boolean;
  /** Called when it neither waits nor can come back. */
  left?: () => void;
}

/** Packets waiting for a connection, oldest first. */
export class Outbox {
  readonly #timers: Timers;
  readonly #expired: (packet: Outgoing) => void;
  bytes = 0;
  /** Without the barriers. */
  packets = 0;
  #waiting = new Set<Outgoing>();
  readonly #byAck = new Map<number, Outgoing>();
  readonly #byKey = new Map<string, Outgoing>();
  #timer: Cancel | undefined;
  #timerAt = Infinity;

  /** @param expired - packets whose time is over; they have been removed */
  constructor(timers: Timers, expired: (packet: Outgoing) => void) {
    this.#timers = timers;
    this.#expired = expired;
  }

  get size(): number {
    return this.#waiting.size;
  }

  [Symbol.iterator](): Iterator<Outgoing> {
    return this.#waiting.values();
  }

  /** The oldest packet; barriers make no room for others. */
  get oldest(): Outgoing | undefined {
    for (const packet of this.#waiting) if (!packet.barrier) return packet;
    return undefined;
  }

  /** The waiting packet with this ack id. */
  withAck(id: number): Outgoing | undefined {
    return this.#byAck.get(id);
  }

  withKey(key: string): Outgoing | undefined {
    return this.#byKey.get(key);
  }

  add(packet: Outgoing): void {
    this.#waiting.add(packet);
    this.#index(packet);
  }

  /** Puts packets that were sent before what waits back in front of it. */
  addFirst(packets: Iterable<Outgoing>): void {
    const waiting = this.#waiting;
    const first = new Set(packets);
    if (!first.size) return;
    this.#waiting = first;
    for (const packet of first) this.#index(packet);
    for (const packet of waiting) this.#waiting.add(packet);
  }

  /** False when it wasn't there any more. */
  remove(packet: Outgoing): boolean {
    if (!this.#waiting.delete(packet)) return false;
    this.bytes -= packet.bytes;
    if (!packet.barrier) this.packets--;
    if (!packet.uncovered) packet.left?.();
    if (packet.id !== undefined) this.#byAck.delete(packet.id);
    if (packet.key !== undefined && this.#byKey.get(packet.key) === packet)
      this.#byKey.delete(packet.key);
    if (!this.#waiting.size) this.#disarm();
    return true;
  }

  #index(packet: Outgoing): void {
    packet.bytes ||= encodedBytes(packet.encoded);
    this.bytes += packet.bytes;
    if (!packet.barrier) this.packets++;
    if (packet.id !== undefined) this.#byAck.set(packet.id, packet);
    if (packet.key !== undefined) this.#byKey.set(packet.key, packet);
    const { expiresAt = Infinity } = packet;
    if (expiresAt < this.#timerAt) this.#arm(expiresAt);
  }

  #arm(at: number): void {
    this.#disarm();
    this.#timerAt = at;
    this.#timer = this.#timers.after(Math.max(0, at - Date.now()), () => this.#expire());
  }

  #disarm(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }

  #expire(): void {
    this.#disarm();
    const now = Date.now();
    const over = [...this.#waiting].filter(({ expiresAt = Infinity }) => expiresAt <= now);
    for (const packet of over) if (this.remove(packet)) this.#expired(packet);
    let earliest = Infinity;
    for (const { expiresAt = Infinity } of this.#waiting) earliest = Math.min(earliest, expiresAt);
    if (earliest < this.#timerAt) this.#arm(earliest);
  }
}

/** Bytes that a packet makes on the wire. */
export function encodedBytes(encoded: Encoded): number {
  if (typeof encoded === "string") return utf8Length(encoded);
  let bytes = 0;
  for (const frame of encoded)
    bytes += typeof frame === "string" ? utf8Length(frame) : binaryLength(frame);
  return bytes;
}
