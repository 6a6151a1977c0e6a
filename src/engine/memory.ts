import { host } from "../platform/browser.js";

/** What is remembered of one transport at one place. */
export interface Note {
  worked: boolean;
  /** How long the handshake or the failure took, in milliseconds. */
  ms: number;
  /** When, in milliseconds since the epoch. */
  at: number;
  /** How often it failed since it was last proven. */
  fails: number;
}

/** In localStorage: notes by place and by name. */
type Kept = { [place: string]: { [name: string]: Partial<Note> | null } | null } | null;

/** Notes count for this many milliseconds. */
const LIFETIME = 30 * 60_000;
const STORE_KEY = "tautline";

/** Notes by the name of the transport. */
type Notes = Map<string, Note>;

const places = new Map<string, Notes>();
/** Those that are kept in localStorage too, and of which place they are. */
const stored = new Map<Notes, string>();

/** What worked lately, and what did not, at one origin and path. */
export class TransportMemory {
  private readonly _notes: Notes;

  /**
   * @param place - origin and path
   * @param persistent - keep it in localStorage too, where there is one
   */
  constructor(place: string, persistent = false) {
    let notes = places.get(place);
    if (!notes) places.set(place, (notes = persistent ? load(place) : new Map<string, Note>()));
    this._notes = notes;
    if (persistent) stored.set(notes, place);
  }

  /** The note on a transport; undefined when there is none, or an old one. */
  recall(name: string): Note | undefined {
    const note = this._notes.get(name);
    return note && Math.abs(Date.now() - note.at) < LIFETIME ? note : undefined;
  }

  /** It shook hands, or failed. */
  note(name: string, worked: boolean, ms: number): void {
    const before = this.recall(name)?.fails ?? 0;
    this._set(name, worked, ms, worked ? before : before + 1);
  }

  /** It carried a connection for `ms`, which is long enough to trust it. */
  prove(name: string, ms: number): void {
    this._set(name, true, ms, 0);
  }

  /** Nothing is known of the others. */
  forgetAllBut(name: string): void {
    for (const other of this._notes.keys()) if (other !== name) this._notes.delete(other);
  }

  private _set(name: string, worked: boolean, ms: number, fails: number): void {
    this._notes.set(name, { worked, ms, at: Date.now(), fails });
    save(this._notes);
  }
}

/** The network is another one: what failed on the old one says nothing. */
export function forgetFailures(): void {
  for (const notes of places.values()) {
    for (const [name, note] of notes) if (!note.worked) notes.delete(name);
    save(notes);
  }
}

/** What is in the store may be garbage, and the store may refuse. */
function read(): Kept {
  try {
    return JSON.parse(host.localStorage?.getItem(STORE_KEY) ?? "null") as Kept;
  } catch {
    return null;
  }
}

function load(place: string): Notes {
  const notes: Notes = new Map();
  for (const [name, note] of Object.entries(read()?.[place] ?? {}))
    if (typeof note?.at === "number" && typeof note.worked === "boolean")
      notes.set(name, { ...(note as Note), fails: Number(note.fails) || 0 });
  return notes;
}

function save(notes: Notes): void {
  const place = stored.get(notes);
  if (place === undefined) return;
  try {
    host.localStorage?.setItem(
      STORE_KEY,
      JSON.stringify({ ...read(), [place]: Object.fromEntries(notes) }),
    );
  } catch {
    // a full or forbidden store: the memory of this page is enough
  }
}
