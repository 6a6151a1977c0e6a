import type { NoteEntry } from "../connection/report.js";

/** How many bytes a note counts for, and each attempt in it. */
const COST = 96;

/**
 * Entries that are not packets, as many as there is room for. They have a separate half, so that many packets do not
 * overwrite the states.
 */
export class NoteRing {
  /** Oldest first. */
  readonly notes: NoteEntry[] = [];
  /** How many were overwritten. */
  lost = 0;
  /** How many packets came before each of them. */
  private readonly _after: number[] = [];
  private readonly _limit: number;
  private _used = 0;

  constructor(limit: number) {
    this._limit = limit;
  }

  /** @param after - so many packets came before it */
  add(note: NoteEntry, after: number): void {
    this.notes.push(note);
    this._after.push(after);
    this._used += costOf(note);
    while (this._used > this._limit && this.notes.length > 1) {
      this._used -= costOf(this.notes.shift() as NoteEntry);
      this._after.shift();
      this.lost++;
    }
  }

  /** How many notes came before a packet, as far as it is known. */
  before(packet: number): number {
    const { _after: after } = this;
    let low = 0;
    let high = after.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((after[middle] as number) <= packet) low = middle + 1;
      else high = middle;
    }
    return this.lost + low;
  }

  /** How many notes there were in all. */
  get count(): number {
    return this.lost + this.notes.length;
  }
}

function costOf(note: NoteEntry): number {
  const { attempts = [] } = note as { attempts?: unknown[] };
  return COST * (1 + attempts.length);
}
