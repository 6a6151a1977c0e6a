import { PacketType } from "../protocol/socket-packet.js";
import type { PacketRing } from "./packet-ring.js";

/**
 * Which packet is the ack of which: by their ids, in the order of the packets. This is computed when it is read, not
 * when packets arrive.
 */
export class Pairs {
  private readonly _ring: PacketRing;
  /** The next packet to look at. */
  private _next = 0;
  /** The oldest packet that is still in the maps. */
  private _first = 0;
  private readonly _asked = new Map<string, number>();
  /** For a packet, the index of the other one, both ways. */
  private readonly _others = new Map<number, number>();

  constructor(ring: PacketRing) {
    this._ring = ring;
  }

  /** The packet that this one answers, or that answers it, if both are still kept. */
  other(index: number): number | undefined {
    this._read();
    return this._others.get(index);
  }

  private _read(): void {
    const { _ring: ring, _asked: asked, _others: others } = this;
    for (; this._first < ring.first; this._first++) {
      const other = others.get(this._first);
      others.delete(this._first);
      if (other !== undefined) others.delete(other);
    }
    for (let index = Math.max(this._next, ring.first); index < ring.count; index++) {
      const id = ring.id(index);
      if (id < 0) continue;
      const type = ring.type(index);
      const isAnswer = type === PacketType.ACK || type === PacketType.BINARY_ACK;
      const key = `${ring.isOut(index) !== isAnswer} ${id} ${ring.name(index).nsp}`;
      if (!isAnswer) {
        // behind older ones
        asked.delete(key);
        asked.set(key, index);
        continue;
      }
      const question = asked.get(key);
      if (question === undefined) continue;
      asked.delete(key);
      if (question < ring.first) continue;
      others.set(index, question);
      others.set(question, index);
    }
    this._next = ring.count;
    // packets without an answer are forgotten when they are overwritten; the oldest come first
    for (const [key, index] of asked) {
      if (index >= ring.first) break;
      asked.delete(key);
    }
  }
}
