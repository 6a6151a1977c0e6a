import { encodedBytes, type Packet } from "./packet.js";

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
   * "drop-newest": the new one is dropped. Each packet dropped fires the manager's "drop" and fails its ack.
   *
   * @default "reject"
   */
  overflow?: "reject" | "drop-oldest" | "drop-newest";
}

/** {@link BufferOptions} with nothing left open. */
export type Bounds = Readonly<Required<BufferOptions>>;

const DEFAULTS: Bounds = /* @__PURE__ */ boundsOf({});

/** An option that is undefined counts as not given. */
export function boundsOf(options: BufferOptions | undefined): Bounds {
  if (!options) return DEFAULTS;
  const {
    maxPackets = 100_000,
    maxBytes = 64 * 1024 * 1024,
    ttl = Infinity,
    overflow = "reject",
  } = options;
  return { maxPackets, maxBytes, ttl, overflow };
}

/** Packets that wait for the connection, oldest first. It takes next to nothing while it is empty. */
export class Outbox {
  bytes = 0;
  /** Grows when the order of what waits has changed. */
  version = 0;
  /** Without the places in the order that are no packets. */
  packets = 0;
  private readonly _bounds: Bounds;
  private _waiting: Set<Packet> | undefined;
  private _byAck: Map<number, Packet> | undefined;
  private _byKey: Map<string, Packet> | undefined;

  constructor(bounds: Bounds) {
    this._bounds = bounds;
  }

  get size(): number {
    return this._waiting?.size ?? 0;
  }

  [Symbol.iterator](): Iterator<Packet> {
    return (this._waiting ?? []).values();
  }

  /** The waiting packet with this ack id. */
  withAck(id: number): Packet | undefined {
    return this._byAck?.get(id);
  }

  /** The waiting packet of this key. */
  withKey(key: string | undefined): Packet | undefined {
    return key === undefined ? undefined : this._byKey?.get(key);
  }

  /**
   * Which packets would have to go for this one to fit: the older one of its key, and with "drop-oldest" the oldest.
   *
   * @param mayEvict - false: only the older one of its key may go
   * @returns undefined when it doesn't fit
   */
  roomFor(packet: Packet, mayEvict = true): Packet[] | undefined {
    const { maxPackets, maxBytes, overflow } = this._bounds;
    const older = this.withKey(packet.options.key);
    const gone = older ? [older] : [];
    let packets = this.packets + 1 - gone.length;
    packet.bytes ||= encodedBytes(packet.encoded);
    let bytes = this.bytes + packet.bytes - (older?.bytes ?? 0);
    const isOver = (): boolean => packets > maxPackets || bytes > maxBytes;
    if (!isOver()) return gone;
    const isPointless = maxPackets < 1 || packet.bytes > maxBytes;
    if (overflow !== "drop-oldest" || isPointless || !mayEvict) return undefined;
    for (const one of this) {
      if (one.pass || one === older) continue;
      gone.push(one);
      packets--;
      bytes -= one.bytes;
      if (!isOver()) break;
    }
    return gone;
  }

  /** Puts it behind everything else, whether there is room or not. */
  add(packet: Packet): void {
    (this._waiting ??= new Set()).add(packet);
    this._index(packet);
  }

  /** Puts packets in front of everything else. Whoever goes through the packets begins anew. */
  addFirst(packets: readonly Packet[]): void {
    this.version++;
    const waiting = this._waiting ?? [];
    this._waiting = new Set(packets);
    for (const packet of packets) this._index(packet);
    for (const packet of waiting) this._waiting.add(packet);
  }

  /** False when it wasn't there any more. */
  remove(packet: Packet): boolean {
    if (!this._waiting?.delete(packet)) return false;
    const { id, options } = packet;
    const { key } = options;
    this.bytes -= packet.bytes;
    if (!packet.pass) this.packets--;
    if (id !== undefined) this._byAck?.delete(id);
    if (key !== undefined && this.withKey(key) === packet) this._byKey?.delete(key);
    return true;
  }

  private _index(packet: Packet): void {
    const { id, options } = packet;
    const { key } = options;
    packet.bytes ||= encodedBytes(packet.encoded);
    this.bytes += packet.bytes;
    if (!packet.pass) this.packets++;
    if (id !== undefined) (this._byAck ??= new Map<number, Packet>()).set(id, packet);
    if (key !== undefined) (this._byKey ??= new Map<string, Packet>()).set(key, packet);
  }
}
