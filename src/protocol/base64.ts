import { TautlineError, quote } from "../errors.js";

/** Strings are put together from pieces of this many bytes (a multiple of 3). */
const PIECE = 24576;

/** The bytes of a buffer or view: the same, not a copy. */
export function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** The bytes of a buffer or view as base64 with padding (RFC 4648, section 4). */
export function encodeBase64(data: ArrayBuffer | ArrayBufferView): string {
  const bytes = bytesOf(data);
  let text = "";
  for (let start = 0; start < bytes.length; start += PIECE)
    text += btoa(String.fromCharCode.apply(null, bytes.subarray(start, start + PIECE) as never));
  return text;
}

/**
 * Base64 text as bytes.
 *
 * @throws TautlineError `parse-error` when it is not base64.
 */
export function decodeBase64(text: string): ArrayBuffer {
  let binary: string;
  try {
    binary = atob(text);
  } catch (cause) {
    throw new TautlineError("parse-error", `${quote(text)} is not base64`, { cause });
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}
