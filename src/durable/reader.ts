import type { Entry } from "./entry.js";
import type { StayOwner } from "./stay-owner.js";
import { PAGE, type StoredPacket } from "./store.js";

/**
 * Packets of at most this many streams are in flight; a server remembers more for one connection: see
 * server/streams.ts.
 */
const STREAMS = 64;

/** Reads the stored packets, in parts, and knows its position. */
export class Reader {
  /** Ids of packets that this session has already, and must not be read. */
  readonly known = new Set<number>();
  /** The store has more packets, of more streams than a server remembers. */
  isPartial = false;
  /** The highest id that was read. */
  last = 0;
  /** The streams of packets in flight. */
  private readonly _streams = new Set<string>();

  constructor(private readonly _owner: Pick<StayOwner, "records" | "admit">) {}

  /** The server may forget the streams of the packets that were read so far. */
  goOn(): void {
    this._streams.clear();
  }

  /**
   * Reads packets that were not read yet.
   *
   * @param isOver - whether nobody wants it any more
   * @param put - takes each packet that is to be sent
   */
  async read(isOver: () => boolean, put: (entry: Entry) => void): Promise<void> {
    const { _owner: owner, _streams: streams } = this;
    let records: StoredPacket[];
    do {
      if (isOver()) return;
      records = await owner.records.read(this.last);
      const batch: StoredPacket[] = [];
      for (const record of records) {
        if (!streams.has(record.stream) && streams.size >= STREAMS) break;
        streams.add(record.stream);
        batch.push(record);
      }
      // in parallel, because each may wait for a cipher that does not answer
      const admitted = await Promise.all(
        batch.map((record) => (this.known.has(record.id) ? undefined : owner.admit(record))),
      );
      if (isOver()) return;
      batch.forEach((record, at) => {
        const entry = admitted[at];
        this.last = record.id;
        if (entry && !this.known.has(record.id)) put(entry);
      });
      this.isPartial = batch.length < records.length;
    } while (!this.isPartial && records.length === PAGE);
  }
}
