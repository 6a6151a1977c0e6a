import type { TautlineError } from "../errors.js";
import { Alarm } from "../platform/alarm.js";
import type { Timers } from "../platform/platform.js";
import { binaryLength, utf8Length } from "../protocol/engine-payload.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { EmitOptions } from "./emit-options.js";

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
  bytes: number;
  /** Of its ack, when it wants one. */
  id: number | undefined;
  /** How it was emitted. */
  options: EmitOptions;
  /**
   * "new": it was never handed to a connection. "sent": it was, and may have arrived. "uncovered": the same, and the
   * ledger has it: it may come back.
   */
  stage: "new" | "sent" | "uncovered";
  /** Milliseconds since the epoch, after which it isn't sent any more. */
  expiresAt?: number;
  /** Kept only when somebody listens to outgoing packets. */
  args?: readonly unknown[];
  /** Not a packet, but the place of a delivery barrier: who is told of its answer. */
  barrier?: (error?: TautlineError) => void;
  /** Called when it neither waits nor can come back. */
  left?: () => void;
}

/** Who is told of packets whose time is over; they have been removed. */
export interface OutboxOwner {
  expired(packet: Outgoing): void;
}

/** Packets waiting for a connection, oldest first. It takes next to nothing while it is empty: most are, always. */
export class Outbox {
  readonly #timers: Timers;
  readonly #owner: OutboxOwner;
  bytes = 0;
  /** Without the barriers. */
  packets = 0;
  #waiting: Set<Outgoing> | undefined;
  #byAck: Map<number, Outgoing> | undefined;
  #byKey: Map<string, Outgoing> | undefined;
  #alarm: Alarm | undefined;

  constructor(timers: Timers, owner: OutboxOwner) {
    this.#timers = timers;
    this.#owner = owner;
  }

  get size(): number {
    return this.#waiting?.size ?? 0;
  }

  [Symbol.iterator](): Iterator<Outgoing> {
    return (this.#waiting ?? []).values();
  }

  /** The oldest packet; barriers make no room for others. */
  get oldest(): Outgoing | undefined {
    for (const packet of this) if (!packet.barrier) return packet;
    return undefined;
  }

  /** The waiting packet with this ack id. */
  withAck(id: number): Outgoing | undefined {
    return this.#byAck?.get(id);
  }

  withKey(key: string): Outgoing | undefined {
    return this.#byKey?.get(key);
  }

  add(packet: Outgoing): void {
    (this.#waiting ??= new Set()).add(packet);
    this.#index(packet);
  }

  /** Puts packets that were sent before what waits back in front of it. */
  addFirst(packets: readonly Outgoing[]): void {
    if (!packets.length) return;
    const waiting = [...this];
    this.#waiting = new Set(packets);
    for (const packet of this.#waiting) this.#index(packet);
    for (const packet of waiting) this.#waiting.add(packet);
  }

  /** False when it wasn't there any more. */
  remove(packet: Outgoing): boolean {
    if (!this.#waiting?.delete(packet)) return false;
    const { id, options } = packet;
    const { key } = options;
    this.bytes -= packet.bytes;
    if (!packet.barrier) this.packets--;
    if (packet.stage !== "uncovered") packet.left?.();
    if (id !== undefined) this.#byAck?.delete(id);
    if (key !== undefined && this.withKey(key) === packet) this.#byKey?.delete(key);
    if (!this.#waiting.size) this.#alarm?.clear();
    return true;
  }

  #index(packet: Outgoing): void {
    const { id, options, expiresAt } = packet;
    const { key } = options;
    packet.bytes ||= encodedBytes(packet.encoded);
    this.bytes += packet.bytes;
    if (!packet.barrier) this.packets++;
    if (id !== undefined) (this.#byAck ??= new Map()).set(id, packet);
    if (key !== undefined) (this.#byKey ??= new Map()).set(key, packet);
    if (expiresAt !== undefined) this.#wakeAt(expiresAt);
  }

  #wakeAt(time: number): void {
    this.#alarm ??= new Alarm(this.#timers, () => this.#expire());
    this.#alarm.set(time);
  }

  #expire(): void {
    const now = Date.now();
    for (const packet of [...this]) {
      const { expiresAt } = packet;
      if (expiresAt === undefined) continue;
      if (expiresAt > now) this.#wakeAt(expiresAt);
      else if (this.remove(packet)) this.#owner.expired(packet);
    }
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
