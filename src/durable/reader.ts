import { type Entry, keyOf } from "./entry.js";
import type { StayOwner } from "./stay-owner.js";
import { PAGE, type StoredPacket } from "./store.js";

/** Packets of so many streams are under way; a server remembers more of one connection: see server/streams.ts. */
const STREAMS = 64;

/** Reads what is stored, in parts, and knows how far that is. */
export class Reader {
  /** Ids of packets that are here already, and are not to be read. */
  readonly known = new Set<number>();
  /** The store has more: packets of more streams than a server remembers. */
  isPartial = false;
  /** The store is read from its beginning with the next call: it was deleted, and gives ids again. */
  isAnew = false;
  /** The highest id that was read. */
  last = 0;
  /** Those of what is under way, and the highest number that was read of each. */
  private readonly _streams = new Map<string, number>();

  constructor(private readonly _owner: Pick<StayOwner, "records" | "admit">) {}

  /** Packets were stored, of which this is the first. Whoever looks only behind what it has read may miss them. */
  notice({ id, stream, number }: Pick<StoredPacket, "id" | "stream" | "number">): void {
    const isRead = id > this.last || (this._streams.get(stream) ?? 0) >= number;
    if (!isRead) this.isAnew = true;
  }

  /** The server may forget the streams of what was read until now. */
  goOn(): void {
    this._streams.clear();
  }

  /** Nothing of what was read is here any more. */
  restart(): void {
    this.isPartial = false;
    this._streams.clear();
    this.known.clear();
    this.isAnew = true;
  }

  /**
   * Reads what was not read yet.
   *
   * @param entries - what is here already
   * @param isOver - whether nobody wants it any more
   * @param put - takes each packet that is to be sent
   */
  async read(
    entries: () => readonly Entry[],
    isOver: () => boolean,
    put: (entry: Entry) => void,
  ): Promise<void> {
    const { _owner: owner, _streams: streams } = this;
    let records: StoredPacket[];
    // what is here already, when the store is read from its beginning
    const here = new Map<string, Entry>();
    const found = new Set<string>();
    if (this.isAnew) {
      this.isAnew = false;
      this.last = 0;
      this.known.clear();
      for (const entry of entries()) here.set(keyOf(entry.record), entry);
    }
    do {
      if (isOver()) return;
      records = await owner.records.read(this.last);
      const batch: StoredPacket[] = [];
      for (const record of records) {
        if (!streams.has(record.stream) && streams.size >= STREAMS) break;
        streams.set(record.stream, Math.max(streams.get(record.stream) ?? 0, record.number));
        batch.push(record);
        if (here.size) found.add(keyOf(record));
      }
      // all at once: each may wait for a cipher that does not answer
      const isKnown = (record: StoredPacket): boolean =>
        this.known.has(record.id) || here.has(keyOf(record));
      const admitted = await Promise.all(
        batch.map((record) => (isKnown(record) ? undefined : owner.admit(record))),
      );
      if (isOver()) return;
      batch.forEach((record, at) => {
        const entry = admitted[at];
        this.last = record.id;
        if (entry && !isKnown(record)) put(entry);
      });
      this.isPartial = batch.length < records.length;
    } while (!this.isPartial && records.length === PAGE);
    for (const [key, entry] of here) if (!found.has(key)) disown(entry);
  }
}

/** The store has lost it, and may have given its id to another packet: its ack must not remove that. */
export function disown(entry: Entry): void {
  entry.record = { ...entry.record, id: undefined };
}
