import type { PacketEntry } from "../connection/report.js";
import type { Source } from "./source.js";

/** Which packets are shown. */
export interface Filter {
  /** Words that must all be in the head, in any letter case. */
  readonly text: string;
  readonly direction: "both" | "in" | "out";
}

export const NO_FILTER: Filter = { text: "", direction: "both" };

/** Whether a packet is shown. */
export function isMatch(packet: PacketEntry, { text, direction }: Filter): boolean {
  if (direction !== "both" && packet.kind !== direction) return false;
  const words = text.toLowerCase().split(/\s+/);
  const { type, nsp, event = "", id = "" } = packet;
  const head = `${type} ${nsp} ${event} #${id}`.toLowerCase();
  return words.every((word) => head.includes(word));
}

/** The packets of a source that match a filter. Each is checked once, and forgotten with its source. */
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

  /** Checks new packets, and drops those that are no longer kept. Returns how many were dropped at the front. */
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
    // shifting a list costs as much time as the list is long
    if (this._start > 4096) this._list = this._list.slice(this._start);
    if (this._start > 4096) this._start = 0;
    return gone;
  }

  /** The packet at a position of the list. */
  rowAt(place: number): number {
    if (this._isAll) return this._start + place;
    return this._list[this._start + place] ?? -1;
  }

  /** The position of a packet; below 0 when it is not in the list. */
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
