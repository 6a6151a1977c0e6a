import type { TautlineError } from "../errors.js";
import { Alarm } from "../platform/alarm.js";
import { monotonicNow } from "../platform/browser.js";
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

/** {@link BufferOptions} with nothing left open. */
export type Bounds = Readonly<Required<BufferOptions>>;

const DEFAULTS: Bounds = {
  maxPackets: 100_000,
  maxBytes: 64 * 1024 * 1024,
  ttl: Infinity,
  overflow: "reject",
};

export function boundsOf(options: BufferOptions | undefined): Bounds {
  if (!options) return DEFAULTS;
  const {
    maxPackets = DEFAULTS.maxPackets,
    maxBytes = DEFAULTS.maxBytes,
    ttl = DEFAULTS.ttl,
    overflow = DEFAULTS.overflow,
  } = options;
  return { maxPackets, maxBytes, ttl, overflow };
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
  private readonly _timers: Timers;
  private readonly _owner: OutboxOwner;
  readonly bounds: Bounds;
  bytes = 0;
  /** Without the barriers. */
  packets = 0;
  private _waiting: Set<Outgoing> | undefined;
  private _byAck: Map<number, Outgoing> | undefined;
  private _byKey: Map<string, Outgoing> | undefined;
  private _alarm: Alarm | undefined;

  constructor(timers: Timers, owner: OutboxOwner, bounds: Bounds) {
    this._timers = timers;
    this._owner = owner;
    this.bounds = bounds;
  }

  get size(): number {
    return this._waiting?.size ?? 0;
  }

  [Symbol.iterator](): Iterator<Outgoing> {
    return (this._waiting ?? []).values();
  }

  /** The waiting packet with this ack id. */
  withAck(id: number): Outgoing | undefined {
    return this._byAck?.get(id);
  }

  withKey(key: string): Outgoing | undefined {
    return this._byKey?.get(key);
  }

  /** Puts it behind everything else, whether there is room or not. */
  add(packet: Outgoing): void {
    (this._waiting ??= new Set()).add(packet);
    this._index(packet);
  }

  /**
   * Puts it behind everything else where there is room, or some can be made.
   *
   * @returns what gave way: the older packet of its key, and with "drop-oldest" the oldest. Undefined when it wasn't taken
   */
  put(packet: Outgoing): Outgoing[] | undefined {
    const { maxPackets, maxBytes, overflow } = this.bounds;
    const { key } = packet.options;
    const older = key === undefined ? undefined : this.withKey(key);
    const gone = older ? [older] : [];
    packet.bytes ||= encodedBytes(packet.encoded);
    let packets = this.packets + 1 - gone.length;
    let bytes = this.bytes + packet.bytes - (older?.bytes ?? 0);
    if (packets > maxPackets || bytes > maxBytes) {
      if (overflow !== "drop-oldest" || maxPackets < 1 || packet.bytes > maxBytes) return undefined;
      for (const one of this) {
        if (one.barrier || one === older) continue;
        gone.push(one);
        packets--;
        bytes -= one.bytes;
        if (packets <= maxPackets && bytes <= maxBytes) break;
      }
    }
    for (const one of gone) this.remove(one);
    this.add(packet);
    return gone;
  }

  /**
   * Puts packets that were sent before what waits back in front of it.
   *
   * @returns those of which a newer one of the same key waits: they aren't taken
   */
  addFirst(packets: readonly Outgoing[]): Outgoing[] {
    if (!packets.length) return [];
    const newest = new Map<string | undefined, Outgoing>();
    for (const packet of packets) newest.set(packet.options.key, packet);
    const isOld = (packet: Outgoing): boolean => {
      const { key } = packet.options;
      return key !== undefined && (this.withKey(key) ?? newest.get(key)) !== packet;
    };
    const old = packets.filter(isOld);
    const waiting = [...this];
    this._waiting = new Set(packets.filter((packet) => !isOld(packet)));
    for (const packet of this._waiting) this._index(packet);
    for (const packet of waiting) this._waiting.add(packet);
    return old;
  }

  /** False when it wasn't there any more. */
  remove(packet: Outgoing): boolean {
    if (!this._waiting?.delete(packet)) return false;
    const { id, options } = packet;
    const { key } = options;
    this.bytes -= packet.bytes;
    if (!packet.barrier) this.packets--;
    if (packet.stage !== "uncovered") packet.left?.();
    if (id !== undefined) this._byAck?.delete(id);
    if (key !== undefined && this.withKey(key) === packet) this._byKey?.delete(key);
    if (!this._waiting.size) this._alarm?.clear();
    return true;
  }

  private _index(packet: Outgoing): void {
    const { id, options, expiresAt } = packet;
    const { key } = options;
    packet.bytes ||= encodedBytes(packet.encoded);
    this.bytes += packet.bytes;
    if (!packet.barrier) this.packets++;
    if (id !== undefined) (this._byAck ??= new Map()).set(id, packet);
    if (key !== undefined) (this._byKey ??= new Map()).set(key, packet);
    if (expiresAt !== undefined) this._wakeAt(expiresAt);
  }

  private _wakeAt(time: number): void {
    this._alarm ??= new Alarm(this._timers, () => this._expire());
    this._alarm.set(time);
  }

  private _expire(): void {
    const now = monotonicNow();
    for (const packet of [...this]) {
      const { expiresAt } = packet;
      if (expiresAt === undefined) continue;
      if (expiresAt > now) this._wakeAt(expiresAt);
      else if (this.remove(packet)) this._owner.expired(packet);
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
