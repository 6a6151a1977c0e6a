import type { PacketTap } from "../connection/tap.js";
import type { Session } from "../engine/session.js";
import { reportError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import { DefaultCodec } from "../protocol/default-codec.js";
import { binaryLength } from "../protocol/engine-payload.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { readBack } from "../pipeline/reading-packets.js";
import { type Head, headOf, nameOf, ownText, type TextHead } from "./head.js";
import type { Transport } from "../transports/transport.js";
import { type Name, Names } from "./names.js";

/** What is kept of a packet beside its head. */
export type Keep = (packet: SocketPacket, direction: "in" | "out") => unknown;

/** A value that changes seldom, and the packet from which on it holds. */
type Since<T> = [from: number, value: T];

/** What a ring needs of the connection that it records. */
export interface PacketSource {
  readonly timers: Timers;
  readonly codec: Codec;
}

/** 0..6: the types of Socket.IO packets. 7: a heartbeat. */
export const PING = 7;
/** Added to the type of a sent packet. */
const OUT = 8;
/** This many bits are type and direction; the number of the name is above them. */
const NAME_SHIFT = 4;
/** Numbers of a packet: time, ack id, bytes, and a number with type, direction and name. */
const WIDTH = 4;
/** How many bytes a packet counts for, beside its texts. */
const COST = 4 * WIDTH;
/** A higher ack id is not kept; clients count from 0. */
const MAX_ID = 2 ** 31 - 1;
const NO_ID = -1;
/**
 * Times are whole tenths of a millisecond since a stored base. After this many of them (29 hours) a new base is stored.
 */
const SPAN = 2 ** 30;
const PER_MS = 10;
/** How many characters are kept of the value that the app returns for a packet. */
const DATA = 1000;

/**
 * The heads of packets, as many as there is room for: plain numbers in one array, so that adding one creates no object.
 * The newest replaces the oldest.
 */
export class PacketRing implements PacketTap {
  /** How many were added so far. */
  count = 0;
  /** How many bytes of the session are counted so far. */
  private _heard = 0;
  private _session: Session | undefined = undefined;
  // of the last packet, because the next one probably has the same
  private _nsp = "";
  private _event = "";
  private _name = 0;
  /** The clock was read in this turn of the event loop. */
  private _isTimed = false;
  private readonly _untimed = (): void => {
    this._isTimed = false;
  };
  private _now = 0;
  /** When it began, on the clock of the timers. */
  readonly startedAt: number;
  private readonly _source: PacketSource;
  private readonly _keep: Keep | undefined;
  private readonly _isPlain: boolean;
  private readonly _size: number;
  private readonly _mask: number;
  /** How many characters may be kept in all. */
  private readonly _room: number;
  private readonly _numbers: Int32Array;
  private readonly _names = new Names();
  /** The values that the app returned, by place. */
  private readonly _data: string[] = [];
  private _dataLength = 0;
  /** Packets before it are not kept, although there would be a place for them. */
  private _from = 0;
  /** From which packet on which transport was used: few entries, and the first is older than any packet. */
  private readonly _transports: Since<string>[] = [[0, ""]];
  /** From which packet on times count from which base, in milliseconds since the beginning. */
  private readonly _bases: Since<number>[] = [[0, 0]];
  /**
   * The last event that was sent, from the start of the text to the end of its name, because the next one probably
   * begins with the same text.
   */
  private _prefix = "";
  private _prefixBits = 0;

  /** @param limit - bytes in all */
  constructor(source: PacketSource, limit: number, keep: Keep | undefined) {
    this._source = source;
    this._keep = keep;
    this._isPlain = source.codec instanceof DefaultCodec;
    this.startedAt = source.timers.now();
    // a power of two, so that a mask finds the place; the remaining bytes are for texts
    const size = 2 ** Math.floor(Math.log2((limit / COST) * (keep ? 0.25 : 0.75)));
    this._size = size;
    this._mask = size - 1;
    this._room = limit - size * COST;
    this._numbers = new Int32Array(size * WIDTH);
  }

  /** The first packet that is still kept. */
  get first(): number {
    return Math.max(this._from, this.count - this._size);
  }

  /** From now on packets belong to this session. */
  follow(session: Session): void {
    this._session = session;
    this._heard = session.bytesHeard;
    // undefined before the first try
    this.over((session.transport as Transport | undefined)?.name ?? "");
  }

  /** From now on packets use this transport. */
  over(transport: string): void {
    this._since(this._transports, transport);
  }

  // -- writing

  received(packet: SocketPacket): void {
    // in one function without helpers, because each call costs time here
    const { type, nsp, id, data } = packet;
    const event = type === PacketType.EVENT ? (data as string[])[0] : "";
    if (nsp !== this._nsp || event !== this._event) this._enter(packet);
    if (!this._isTimed) this._time();
    const { bytesHeard } = this._session as Session;
    const at = (this.count++ & this._mask) * WIDTH;
    const numbers = this._numbers;
    numbers[at] = this._now;
    numbers[at + 1] = id === undefined || id > MAX_ID ? NO_ID : id;
    numbers[at + 2] = bytesHeard - this._heard;
    numbers[at + 3] = (this._name << NAME_SHIFT) | type;
    this._heard = bytesHeard;
    if (this._keep) this._kept(packet, "in");
  }

  sent(encoded: Encoded): void {
    const isText = typeof encoded === "string";
    if (isText && this._prefix && encoded.startsWith(this._prefix))
      return this._put(this._prefixBits, NO_ID, encoded.length + 1);
    const keep = this._keep;
    const text = isText ? encoded : encoded[0];
    const bytes = isText ? encoded.length + 1 : lengthOf(encoded);
    const isPlain = this._isPlain && typeof text === "string";
    const packet = isPlain && !keep ? undefined : readBack(this._source.codec, encoded, "/");
    const head = isPlain ? headOf(text) : headFrom(packet as SocketPacket);
    const { type, nsp, id, event } = head;
    const bits = (this._number(nsp, event) << NAME_SHIFT) | type | OUT;
    this._put(bits, id > MAX_ID ? NO_ID : id, bytes);
    if (packet && keep) this._kept(packet, "out");
    else if (isText && type === PacketType.EVENT && id < 0) {
      this._prefix = ownText(encoded.slice(0, (head as TextHead).end));
      this._prefixBits = bits;
    }
  }

  /** The server's heartbeat. */
  pinged(): void {
    const { bytesHeard = 0 } = this._session ?? {};
    const bits = (this._number("/", "") << NAME_SHIFT) | PING;
    this._put(bits, NO_ID, bytesHeard - this._heard);
    this._heard = bytesHeard;
  }

  private _put(bits: number, id: number, bytes: number): void {
    if (!this._isTimed) this._time();
    const at = (this.count++ & this._mask) * WIDTH;
    const numbers = this._numbers;
    numbers[at] = this._now;
    numbers[at + 1] = id;
    numbers[at + 2] = bytes;
    numbers[at + 3] = bits;
    if (this._keep) this._forget((this.count - 1) & this._mask);
  }

  /** A name that differs from the last packet's. */
  private _enter(packet: SocketPacket): void {
    const { type, nsp, data } = packet;
    const event = eventOf(packet);
    this._name = this._number(nsp, event);
    // names that are not text, or too long, are looked up each time
    const isPlain = type === PacketType.EVENT ? (data as unknown[])[0] === event : !event;
    this._nsp = isPlain ? this._names.name(this._name).nsp : "";
    this._event = event;
  }

  private _number(nsp: string, event: string): number {
    const names = this._names;
    const number = names.numberOf(nsp, event);
    const isFull = names.length + this._dataLength > this._room || names.count > 2 * this._size;
    if (!isFull) return number;
    this._compact();
    return names.numberOf(nsp, event);
  }

  /** Reads the clock, once in a turn of the event loop. */
  private _time(): void {
    this._isTimed = true;
    const now = this._source.timers.now() - this.startedAt;
    let base = valueAt(this._bases, this.count);
    if ((now - base) * PER_MS >= SPAN) this._since(this._bases, (base = now));
    this._now = Math.round((now - base) * PER_MS);
    // nothing in it can throw, so one promise is enough
    void Promise.resolve().then(this._untimed);
  }

  /** From now on the value is another one. */
  private _since<T>(list: Since<T>[], value: T): void {
    const { first } = this;
    while (list.length > 1 && (list[1] as Since<T>)[0] <= first) list.shift();
    list.push([this.count, value]);
  }

  // -- room

  /** Keeps the names that are in use. If that is not enough, the older half of the packets is dropped. */
  private _compact(): void {
    const { _names: names, _numbers: numbers, _mask: mask } = this;
    // the numbers of names change
    this._nsp = "";
    this._prefix = "";
    for (;;) {
      const old = names.clear();
      for (let index = this.first; index < this.count; index++) {
        const at = (index & mask) * WIDTH + 3;
        const rest = numbers[at] as number;
        const { nsp, event } = old[rest >> NAME_SHIFT] as Name;
        numbers[at] = (names.numberOf(nsp, event) << NAME_SHIFT) | (rest & (PING | OUT));
      }
      const kept = this.count - this.first;
      if (names.length + this._dataLength <= this._room / 2 || kept < 2) return;
      const from = this.first + (kept >> 1);
      for (let index = this.first; index < from; index++) this._forget(index & mask);
      this._from = from;
    }
  }

  /** Asks the app what to keep of the newest packet. */
  private _kept(packet: SocketPacket, direction: "in" | "out"): void {
    const place = (this.count - 1) & this._mask;
    this._forget(place);
    try {
      const text = JSON.stringify(this._keep?.(packet, direction)) as string | undefined;
      if (text === undefined) return;
      this._data[place] = ownText(text, DATA);
      this._dataLength += (this._data[place] as string).length;
    } catch (error) {
      reportError(error);
    }
    if (this._names.length + this._dataLength > this._room) this._compact();
  }

  private _forget(place: number): void {
    this._dataLength -= this._data[place]?.length ?? 0;
    this._data[place] = "";
  }

  // -- reading

  /** Milliseconds since it began. */
  timeOf(index: number): number {
    return this._read(index, 0) / PER_MS + valueAt(this._bases, index);
  }
  /** Below 0 without one. */
  id(index: number): number {
    return this._read(index, 1);
  }
  bytes(index: number): number {
    return this._read(index, 2);
  }
  type(index: number): number {
    return this._read(index, 3) & PING;
  }
  isOut(index: number): boolean {
    return (this._read(index, 3) & OUT) > 0;
  }
  name(index: number): Name {
    return this._names.name(this._read(index, 3) >> NAME_SHIFT);
  }
  /** "" when nothing is kept of it. */
  data(index: number): string {
    return this._data[index & this._mask] ?? "";
  }
  transport(index: number): string {
    return valueAt(this._transports, index);
  }

  private _read(index: number, field: number): number {
    return this._numbers[(index & this._mask) * WIDTH + field] as number;
  }
}

/** The value that holds for a packet. */
function valueAt<T>(list: readonly Since<T>[], index: number): T {
  let at = list.length - 1;
  while (at > 0 && (list[at] as Since<T>)[0] > index) at--;
  return (list[at] as Since<T>)[1];
}

function lengthOf(frames: Exclude<Encoded, string>): number {
  return frames.reduce<number>(
    (sum, frame) => sum + (typeof frame === "string" ? frame.length + 1 : binaryLength(frame)),
    0,
  );
}

function headFrom(packet: SocketPacket): Head {
  const { type, nsp, id = -1 } = packet;
  return { type, nsp, id, event: eventOf(packet) };
}

function eventOf({ type, data }: SocketPacket): string {
  const isEvent = type === PacketType.EVENT || type === PacketType.BINARY_EVENT;
  return isEvent ? nameOf((data as unknown[])[0]) : "";
}
