import { host } from "../platform/browser.js";
import type { Memory, MemoryPart, Note } from "./parts.js";

/** In localStorage: notes by place and by name. */
type Kept = { [place: string]: { [name: string]: Partial<Note> | null } | null };

/** Notes count for this many milliseconds. */
const LIFETIME = 30 * 60_000;
/** How many places are kept in localStorage; the newest stay. */
const MAX_PLACES = 20;
const STORE_KEY = "tautline";

/** Notes by the name of the transport. */
type Notes = Map<string, Note>;

const places = new Map<string, Notes>();
/** Those places that are kept in localStorage too. */
const stored = new Set<string>();

/** Notes on the transports of one place; all sessions of the page share them. */
export class TransportMemory implements Memory {
  private readonly _place: string;
  private readonly _notes: Notes;

  constructor(place: string, isPersistent = false) {
    let notes = places.get(place);
    if (!notes) places.set(place, (notes = isPersistent ? load(place) : new Map<string, Note>()));
    this._place = place;
    this._notes = notes;
    if (isPersistent) stored.add(place);
  }

  recall(name: string): Note | undefined {
    const note = this._notes.get(name);
    return note && isFresh(note.at) ? note : undefined;
  }

  note(name: string, worked: boolean, isSlow = false): void {
    const before = this.recall(name)?.fails ?? 0;
    this._set(name, worked, worked || isSlow ? before : before + 1);
  }

  prove(name: string): void {
    this._set(name, true, 0);
  }

  forgetAllBut(name: string): void {
    for (const other of this._notes.keys()) if (other !== name) this._notes.delete(other);
  }

  private _set(name: string, worked: boolean, fails: number): void {
    this._notes.set(name, { worked, at: Date.now(), fails });
    save(this._place, this._notes);
  }
}

/** The part that an entry hands in. */
export const memory: MemoryPart = {
  open: (place, isPersistent) => new TransportMemory(place, isPersistent),
  forgetFailures() {
    for (const [place, notes] of places) {
      for (const [name, note] of notes) if (!note.worked) notes.delete(name);
      save(place, notes);
    }
  },
};

function isFresh(at: number): boolean {
  return Math.abs(Date.now() - at) < LIFETIME;
}

/** The data in localStorage may be invalid, and access to it may throw. */
function read(): Kept {
  try {
    const kept: unknown = JSON.parse(host.localStorage?.getItem(STORE_KEY) ?? "{}");
    return Object(kept) === kept && !Array.isArray(kept) ? (kept as Kept) : {};
  } catch {
    return {};
  }
}

function load(place: string): Notes {
  const notes: Notes = new Map();
  for (const [name, note] of Object.entries(read()[place] ?? {}))
    if (typeof note?.at === "number" && typeof note.worked === "boolean")
      notes.set(name, { ...(note as Note), fails: Number(note.fails) || 0 });
  return notes;
}

/** When a place was last written to; old places, and what is no place, count as never. */
function ageRank(notes: unknown): number {
  const times = Object.values(Object(notes) as Kept[string] & object).map((note) =>
    Number(note?.at),
  );
  return Math.max(0, ...times.filter(isFresh));
}

function save(place: string, notes: Notes): void {
  if (!stored.has(place)) return;
  try {
    const others = Object.entries(read())
      .filter(([name, kept]) => name !== place && ageRank(kept))
      .sort(([, a], [, b]) => ageRank(b) - ageRank(a))
      .slice(0, MAX_PLACES - 1);
    const all = [[place, Object.fromEntries(notes)], ...others] as const;
    host.localStorage?.setItem(STORE_KEY, JSON.stringify(Object.fromEntries(all)));
  } catch {
    // localStorage is full or forbidden: the notes last as long as the page
  }
}
