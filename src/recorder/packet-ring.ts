import type { PacketTap } from "../connection/tap.js";
import type { Session } from "../engine/session.js";
import { reportError } from "../errors.js";
import { tickNow } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import { DefaultCodec } from "../protocol/default-codec.js";
import { binaryLength } from "../protocol/engine-payload.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { readBack } from "../pipeline/reading-packets.js";
import { type Head, headOf, nameOf, ownText } from "./head.js";
import type { Transport } from "../transports/transport.js";
import { type Name, Names } from "./names.js";

/** What is to be kept of a packet beside its head. */
export type Keep = (packet: SocketPacket, direction: "in" | "out") => unknown;

/** What a ring needs of the connection whose packets it writes down. */
export interface PacketSource {
  readonly timers: Timers;
  readonly codec: Codec;
}

/** 0..6: the types of Socket.IO packets. 7: a heartbeat. */
export const PING = 7;
/** Beside a type: the packet was sent. */
const OUT = 8;
/** Type and direction are below it, the number of the name is above. */
const NAME_UNIT = 16;
/** Numbers of a packet: time, ack id, bytes, the rest. */
const WIDTH = 4;
/** Bytes that a packet is counted for, beside its texts. */
const COST = 8 * WIDTH;
/** So many characters of what an app keeps of a packet. */
const DATA = 1000;

/**
 * The heads of packets, the last that have room: plain numbers in one array, so that writing one makes no object. The newest takes the
 * place of the oldest.
 */
export class PacketRing implements PacketTap {
  /** How many were added so far. */
  count = 0;
  /** Bytes of the session that are accounted for. */
  private _heard = 0;
  private _session: Session | undefined = undefined;
  // of the last packet: the next one probably has the same
  private _nsp = "";
  private _event = "";
  private _name = 0;
  /** When it began, on the clock of the timers. */
  readonly startedAt: number;
  private readonly _source: PacketSource;
  private readonly _timers: Timers;
  private readonly _keep: Keep | undefined;
  private readonly _isPlain: boolean;
  private readonly _size: number;
  private readonly _mask: number;
  /** Characters that may be kept in all. */
  private readonly _room: number;
  private readonly _numbers: Float64Array;
  private readonly _names = new Names();
  /** What an app keeps, by place. */
  private readonly _data: string[] = [];
  private _dataLength = 0;
  /** Those before it are not kept, although they would have a place. */
  private _from = 0;
  /** From which packet on they went over which transport: few, and the first of them is older than any packet. */
  private readonly _transports: [from: number, name: string][] = [[0, ""]];

  /** @param limit - bytes in all */
  constructor(source: PacketSource, limit: number, keep: Keep | undefined) {
    this._source = source;
    this._timers = source.timers;
    this._keep = keep;
    this._isPlain = source.codec instanceof DefaultCodec;
    this.startedAt = source.timers.now();
    // a power of two, so that a mask finds the place: what is over is for texts
    const size = 2 ** Math.floor(Math.log2((limit / COST) * (keep ? 0.25 : 0.75)));
    this._size = size;
    this._mask = size - 1;
    this._room = limit - size * COST;
    this._numbers = new Float64Array(size * WIDTH);
  }

  /** The first that is still kept. */
  get first(): number {
    return Math.max(this._from, this.count - this._size);
  }

  /** What comes now belongs to this session. */
  follow(session: Session): void {
    this._session = session;
    this._heard = session.bytesHeard;
    // undefined before the first try
    this.over((session.transport as Transport | undefined)?.name ?? "");
  }

  /** What comes now comes over this one. */
  over(transport: string): void {
    const list = this._transports;
    const { first } = this;
    while (list.length > 1 && (list[1] as [number, string])[0] <= first) list.shift();
    list.push([this.count, transport]);
  }

  // -- writing

  received(packet: SocketPacket): void {
    // one piece, without helpers: each call counts here
    const { type, nsp, id, data } = packet;
    const event = type === PacketType.EVENT ? (data as string[])[0] : "";
    if (nsp !== this._nsp || event !== this._event) this._enter(packet);
    const { bytesHeard } = this._session as Session;
    const at = (this.count++ & this._mask) * WIDTH;
    const numbers = this._numbers;
    numbers[at] = tickNow(this._timers);
    numbers[at + 1] = id === undefined ? -1 : id;
    numbers[at + 2] = bytesHeard - this._heard;
    numbers[at + 3] = this._name * NAME_UNIT + type;
    this._heard = bytesHeard;
    if (this._keep) this._kept(packet, "in");
  }

  sent(encoded: Encoded): void {
    const keep = this._keep;
    const text = typeof encoded === "string" ? encoded : encoded[0];
    const bytes = typeof encoded === "string" ? encoded.length + 1 : lengthOf(encoded);
    const isPlain = this._isPlain && typeof text === "string";
    const packet = isPlain && !keep ? undefined : readBack(this._source.codec, encoded, "/");
    const { type, nsp, id, event } = isPlain ? headOf(text) : headFrom(packet as SocketPacket);
    this._write(type | OUT, nsp, event, id, bytes);
    if (packet && keep) this._kept(packet, "out");
  }

  /** The server's heartbeat. */
  pinged(): void {
    const { bytesHeard = 0 } = this._session ?? {};
    this._write(PING, "/", "", -1, bytesHeard - this._heard);
    this._heard = bytesHeard;
  }

  private _write(bits: number, nsp: string, event: string, id: number, bytes: number): void {
    const name = this._number(nsp, event);
    const at = (this.count++ & this._mask) * WIDTH;
    const numbers = this._numbers;
    numbers[at] = tickNow(this._timers);
    numbers[at + 1] = id;
    numbers[at + 2] = bytes;
    numbers[at + 3] = name * NAME_UNIT + bits;
    if (this._keep) this._forget((this.count - 1) & this._mask);
  }

  /** Another name than the last packet's. */
  private _enter(packet: SocketPacket): void {
    const { type, nsp, data } = packet;
    const event = eventOf(packet);
    this._name = this._number(nsp, event);
    // what is no text, or too long, is looked up each time
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

  // -- the room

  /** Keeps the names that are used. Where that is not enough, the older half of the packets goes. */
  private _compact(): void {
    const { _names: names, _numbers: numbers, _mask: mask } = this;
    // numbers change
    this._nsp = "";
    for (;;) {
      const old = names.clear();
      for (let index = this.first; index < this.count; index++) {
        const at = (index & mask) * WIDTH + 3;
        const rest = numbers[at] as number;
        const { nsp, event } = old[Math.floor(rest / NAME_UNIT)] as Name;
        numbers[at] = names.numberOf(nsp, event) * NAME_UNIT + (rest % NAME_UNIT);
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
    return this._read(index, 0) - this.startedAt;
  }
  /** Below 0 without one. */
  id(index: number): number {
    return this._read(index, 1);
  }
  bytes(index: number): number {
    return this._read(index, 2);
  }
  type(index: number): number {
    return this._read(index, 3) % OUT;
  }
  isOut(index: number): boolean {
    return this._read(index, 3) % NAME_UNIT >= OUT;
  }
  name(index: number): Name {
    return this._names.name(Math.floor(this._read(index, 3) / NAME_UNIT));
  }
  /** "" when nothing is kept of it. */
  data(index: number): string {
    return this._data[index & this._mask] ?? "";
  }
  transport(index: number): string {
    let transport = "";
    for (const [from, name] of this._transports) if (from <= index) transport = name;
    return transport;
  }

  private _read(index: number, field: number): number {
    return this._numbers[(index & this._mask) * WIDTH + field] as number;
  }
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
