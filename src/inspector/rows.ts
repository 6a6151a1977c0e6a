import type { NoteEntry } from "../connection/report.js";
import type { Matches } from "./matches.js";
import type { Source } from "./source.js";
import type { Rows } from "./virtual-list.js";
import { noteCells, packetCells } from "./words.js";

const BAD = new Set(["failure", "close", "drop", "refused"]);

/** The packets that match a filter, as rows. */
export function packetRows(source: Source, matches: Matches): Rows {
  return {
    get count() {
      return matches.count;
    },
    rowAt: (place) => matches.rowAt(place),
    placeOf: (key) => matches.placeOf(key),
    // a packet that was just overwritten is drawn again with the next frame
    cells: (key) => cellsOf(source.packet(key), packetCells),
    kind: (key) => source.packet(key)?.kind ?? "",
  };
}

/** Entries that are not packets, as rows, identified by their number. */
export function noteRows(source: Source): Rows {
  const placeOf = (key: number): number => {
    const { notes } = source;
    let low = 0;
    let high = notes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((notes[middle] as NoteEntry).n < key) low = middle + 1;
      else high = middle;
    }
    return notes[low]?.n === key ? low : -1;
  };
  const find = (key: number): NoteEntry | undefined => source.notes[placeOf(key)];
  return {
    get count() {
      return source.notes.length;
    },
    rowAt: (place) => (source.notes[place] as NoteEntry).n,
    placeOf,
    cells: (key) => cellsOf(find(key), noteCells),
    kind: (key) => {
      const { kind = "" } = find(key) ?? {};
      return BAD.has(kind) ? "bad" : kind;
    },
  };
}

function cellsOf<T>(entry: T | undefined, cells: (entry: T) => string[]): readonly string[] {
  return entry ? cells(entry) : [];
}
