import { TautlineError, quote } from "../errors.js";

/** Strings are put together from pieces of this many characters: each of them is an argument of a call. */
const PIECE = 32768;

/** The bytes of a buffer or view: the same, not a copy. */
export function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(data);
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/*
 * Without btoa() and atob(), which Hermes had not before React Native 0.74. Four characters hold three bytes: 6 bits at a
 * time, the highest first.
 */

/** The bytes of a buffer or view as base64 with padding (RFC 4648, section 4). */
export function encodeBase64(data: ArrayBuffer | ArrayBufferView): string {
  const bytes = bytesOf(data);
  const codes = new Uint8Array((bytes.length * 4 + 2) / 3);
  let bits = 0;
  for (let i = 0, at = 0; i < codes.length; i++) {
    // behind the last byte there are zeros
    if (i % 4 < 3) bits = (bits << 8) | (bytes[at++] as number);
    const value = (bits >> ((i * 2 + 2) % 8)) & 63;
    codes[i] =
      value < 26 ? value + 65 : value < 52 ? value + 71 : value < 62 ? value - 4 : value * 4 - 205;
  }
  let text = "";
  for (let start = 0; start < codes.length; start += PIECE)
    text += String.fromCharCode.apply(null, codes.subarray(start, start + PIECE) as never);
  return text + "==".slice((bytes.length + 2) % 3);
}

/**
 * Base64 text as bytes, with padding or without. Servers also break it into lines (RFC 2045), or write it for URLs (RFC 4648,
 * section 5): that is read too, as the hosts' own functions do.
 *
 * @throws TautlineError `parse-error` when it is not base64.
 */
export function decodeBase64(text: string): ArrayBuffer {
  const all = text.replace(/[\t\n\f\r ]/g, "").replace(/_/g, "/");
  const body = all.length % 4 ? all : all.replace(/==?$/, "");
  const { length } = body;
  if (length % 4 === 1 || /[^\w+/-]/.test(body))
    throw new TautlineError("parse-error", `${quote(text)} is not base64`);
  const bytes = new Uint8Array((length * 3) / 4);
  let bits = 0;
  for (let i = 0, at = 0; i < length; i++) {
    const code = body.charCodeAt(i);
    // the 62nd is "+" or "-": of a half, bit operations take nothing
    const value =
      code > 96 ? code - 71 : code > 64 ? code - 65 : code > 47 ? code + 4 : (code + 205) / 4;
    bits = (bits << 6) | value;
    if (i % 4) bytes[at++] = bits >> (6 - (i % 4) * 2);
  }
  return bytes.buffer;
}
