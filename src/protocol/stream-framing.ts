import { TautlineError } from "../errors.js";

/** Bit 7 of the first byte: the frame is binary. */
const BINARY = 0x80;
/** A first byte of 126: the length follows as u16; of 127: as u64. */
const U16 = 126;
const U64 = 127;
/** No honest frame is larger, in bytes. */
const MAX_FRAME = 2 ** 30;

/** The header of an engine packet on a WebTransport stream: its length and whether it is binary. */
export function frameHeader(length: number, binary: boolean): Uint8Array {
  const flag = binary ? BINARY : 0;
  if (length < U16) return Uint8Array.of(flag | length);
  const header = new Uint8Array(length < 65536 ? 3 : 9);
  const view = new DataView(header.buffer);
  header[0] = flag | (length < 65536 ? U16 : U64);
  if (length < 65536) view.setUint16(1, length);
  else {
    view.setUint32(1, Math.floor(length / 2 ** 32));
    view.setUint32(5, length >>> 0);
  }
  return header;
}

/** Bytes of a stream, cut anywhere -> engine packets. */
export class StreamDecoder {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /**
   * Calls `frame` for each packet that is complete with this chunk.
   *
   * @throws TautlineError `parse-error` for an absurd length
   */
  add(chunk: Uint8Array, frame: (body: Uint8Array, binary: boolean) => void): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      const head = this.#peek(9);
      const first = head[0];
      if (first === undefined) return;
      const short = first & ~BINARY;
      const header = short < U16 ? 1 : short === U16 ? 3 : 9;
      if (head.length < header) return;
      const view = new DataView(head.buffer, head.byteOffset, head.length);
      const length =
        header === 1
          ? short
          : header === 3
            ? view.getUint16(1)
            : view.getUint32(1) * 2 ** 32 + view.getUint32(5);
      if (length > MAX_FRAME)
        throw new TautlineError("parse-error", `the server announced a frame of ${length} bytes`);
      if (this.#size < header + length) return;
      const bytes = this.#take(header + length);
      frame(bytes.subarray(header), first >= BINARY);
    }
  }

  /** Up to `count` bytes, without taking them. */
  #peek(count: number): Uint8Array {
    const first = this.#chunks[0];
    if (!first || first.length >= count || this.#chunks.length === 1)
      return first ? first.subarray(0, count) : new Uint8Array();
    const all = this.#take(this.#size);
    this.#chunks = [all];
    this.#size = all.length;
    return all.subarray(0, count);
  }

  #take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    let filled = 0;
    let used = 0;
    while (filled < count) {
      const chunk = this.#chunks[used] as Uint8Array;
      const part = chunk.subarray(0, count - filled);
      taken.set(part, filled);
      filled += part.length;
      if (part.length === chunk.length) used++;
      else this.#chunks[used] = chunk.subarray(part.length);
    }
    this.#chunks.splice(0, used);
    this.#size -= count;
    return taken;
  }
}
