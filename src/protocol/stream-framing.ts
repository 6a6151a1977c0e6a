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
  const isLong = length > 0xffff;
  const header = new DataView(new ArrayBuffer(isLong ? 9 : 3));
  header.setUint8(0, flag | (isLong ? U64 : U16));
  if (isLong) header.setBigUint64(1, BigInt(length));
  else header.setUint16(1, length);
  return new Uint8Array(header.buffer);
}

/** Bytes of a stream, cut anywhere -> engine packets. */
export class StreamDecoder {
  /** What came and isn't a complete frame yet. */
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** As many bytes make the next header or frame complete. */
  #needed = 1;

  /**
   * Calls `frame` for each packet that is complete with this chunk.
   *
   * @throws TautlineError `parse-error` for an absurd length
   */
  add(chunk: Uint8Array, frame: (body: Uint8Array, binary: boolean) => void): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#needed) {
      const bytes = this.#join();
      const first = bytes[0] as number;
      const short = first & ~BINARY;
      const header = short < U16 ? 1 : short === U16 ? 3 : 9;
      this.#needed = header;
      if (this.#size < header) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const length =
        header === 1 ? short : header === 3 ? view.getUint16(1) : Number(view.getBigUint64(1));
      if (length > MAX_FRAME)
        throw new TautlineError("parse-error", `the server announced a frame of ${length} bytes`);
      const end = (this.#needed = header + length);
      if (this.#size < end) return;
      this.#chunks = [bytes.subarray(end)];
      this.#size -= end;
      this.#needed = 1;
      frame(bytes.subarray(header, end), first >= BINARY);
    }
  }

  /** All chunks as one. */
  #join(): Uint8Array {
    if (this.#chunks.length > 1) {
      const all = new Uint8Array(this.#size);
      let at = 0;
      for (const chunk of this.#chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      this.#chunks = [all];
    }
    return this.#chunks[0] as Uint8Array;
  }
}
