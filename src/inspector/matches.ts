import type { PacketEntry } from "../recorder/report.js";
import type { Source } from "./source.js";

/** Which packets are wanted. */
export interface Filter {
  /** Words: each has to be somewhere in the head. In any case. */
  readonly text: string;
  readonly direction: "both" | "in" | "out";
}

export const NO_FILTER: Filter = { text: "", direction: "both" };

/** Whether a packet is wanted. */
export function isMatch(packet: PacketEntry, { text, direction }: Filter): boolean {
  if (direction !== "both" && packet.kind !== direction) return false;
  const words = text.toLowerCase().split(/\s+/);
  const { type, nsp, event = "", id = "" } = packet;
  const head = `${type} ${nsp} ${event} #${id}`.toLowerCase();
  return words.every((word) => head.includes(word));
}

/** The packets of a source that a filter lets through: each is looked at once, and forgotten with its source. */
export class Matches {
  private readonly _source: Source;
  private readonly _filter: Filter;
  private readonly _isAll: boolean;
  /** Indices of packets. Those before `_start` are gone. */
  private _list: number[] = [];
  private _start = 0;
  private _next = 0;

  constructor(source: Source, filter: Filter) {
    this._source = source;
    this._filter = filter;
    this._isAll = !filter.text.trim() && filter.direction === "both";
  }

  get count(): number {
    return (this._isAll ? this._next : this._list.length) - this._start;
  }

  /** Looks at what has come and gone. Returns how many have gone from the front. */
  read(): number {
    const { first, count } = this._source.packets;
    if (this._isAll) {
      const gone = first - this._start;
      this._start = first;
      this._next = count;
      return gone;
    }
    for (let index = Math.max(this._next, first); index < count; index++) {
      const packet = this._source.packet(index);
      if (packet && isMatch(packet, this._filter)) this._list.push(index);
    }
    this._next = count;
    const before = this._start;
    while ((this._list[this._start] ?? Infinity) < first) this._start++;
    const gone = this._start - before;
    // taking the first of a list costs as much as the list is long
    if (this._start > 4096) this._list = this._list.slice(this._start);
    if (this._start > 4096) this._start = 0;
    return gone;
  }

  /** The packet at a place of the list. */
  rowAt(place: number): number {
    if (this._isAll) return this._start + place;
    return this._list[this._start + place] ?? -1;
  }

  /** The place of a packet; below 0 when it is not in the list. */
  placeOf(index: number): number {
    if (this._isAll) return index - this._start < this.count ? index - this._start : -1;
    let low = this._start;
    let high = this._list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this._list[middle] as number) < index) low = middle + 1;
      else high = middle;
    }
    return this._list[low] === index ? low - this._start : -1;
  }
}
