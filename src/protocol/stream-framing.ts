import { TautlineError } from "../errors.js";

/** Bit 7 of the first byte: the frame is binary. */
const BINARY = 0x80;
/** A first byte of 126: the length follows as u16; of 127: as u64. */
const U16 = 126;
const U64 = 127;
/** Larger frames are refused, in bytes. */
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
  private _chunks: Uint8Array[] = [];
  private _size = 0;
  /** As many bytes make the next header or frame complete. */
  private _needed = 1;

  /**
   * Calls `frame` for each packet that is complete with this chunk.
   *
   * @throws TautlineError `parse-error` for an absurd length
   */
  add(chunk: Uint8Array, frame: (body: Uint8Array, binary: boolean) => void): void {
    this._chunks.push(chunk);
    this._size += chunk.length;
    while (this._size >= this._needed) {
      const bytes = this._join();
      const first = bytes[0] as number;
      const short = first & ~BINARY;
      const header = short < U16 ? 1 : short === U16 ? 3 : 9;
      this._needed = header;
      if (this._size < header) return;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const length =
        header === 1 ? short : header === 3 ? view.getUint16(1) : Number(view.getBigUint64(1));
      if (length > MAX_FRAME)
        throw new TautlineError("parse-error", `the server announced a frame of ${length} bytes`);
      const end = (this._needed = header + length);
      if (this._size < end) return;
      this._chunks = [bytes.subarray(end)];
      this._size -= end;
      this._needed = 1;
      frame(bytes.subarray(header, end), first >= BINARY);
    }
  }

  /** All chunks as one. */
  private _join(): Uint8Array {
    if (this._chunks.length > 1) {
      const all = new Uint8Array(this._size);
      let at = 0;
      for (const chunk of this._chunks) {
        all.set(chunk, at);
        at += chunk.length;
      }
      this._chunks = [all];
    }
    return this._chunks[0] as Uint8Array;
  }
}
