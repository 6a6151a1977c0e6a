import { TautlineError } from "../errors.js";
import { readBlob } from "../protocol/blobs.js";
import { iterate } from "../stream/client.js";
import { countBytes, invalid } from "../stream/frames.js";
import type { Source } from "../stream/sender.js";

/** What can be uploaded. */
export type Uploadable =
  Blob | ArrayBuffer | ArrayBufferView | AsyncIterable<ArrayBuffer | ArrayBufferView>;

/** Its bytes in chunks, and how many there are, where that is known. */
export function chunksOf(file: Uploadable, chunkSize: number): Source & { size?: number } {
  const { size, byteLength } = file as Partial<Blob & ArrayBuffer>;
  // of what has neither, the chunks can only be had once
  if (size === undefined && byteLength === undefined) return cut(iterate(file as never), chunkSize);
  const all = size === undefined ? bytesOf(file) : (file as Blob);
  const total = (size ?? byteLength) as number;
  return {
    size: total,
    canSeek: true,
    async next(offset) {
      if (offset > total) throw invalid("offset");
      if (offset === total) return { done: true, value: undefined };
      const part = all.slice(offset, offset + chunkSize);
      return { done: false, value: size === undefined ? part : await readBlob(part as Blob) };
    },
  };
}

/** Chunks that are too large are cut. */
function cut(source: Source, chunkSize: number): Source {
  let rest = new Uint8Array();
  return {
    return: () => source.return?.(),
    async next(offset) {
      if (!rest.length) {
        const { done, value } = await source.next(offset);
        if (done) return { done, value: undefined };
        if (!(countBytes(value, offset) >= 0))
          throw new TautlineError("invalid-option", "a chunk has to be bytes");
        rest = bytesOf(value);
      }
      const value = rest.subarray(0, chunkSize);
      rest = rest.subarray(chunkSize);
      return { done: false, value };
    },
  };
}

function bytesOf(data: unknown): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = data as Uint8Array<ArrayBuffer>;
  return new Uint8Array(buffer ?? (data as ArrayBuffer), byteOffset, byteLength);
}
