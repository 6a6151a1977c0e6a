import { bytesOf, encodeBase64 } from "./base64.js";
import type { BinaryData, EngineFrame } from "./engine-packet.js";

/** U+001E stands between the packets of one HTTP body. */
export const SEPARATOR = "\x1e";

/** A text packet as it is, binary data as "b" and base64. */
export function encodeFrame(frame: EngineFrame): string {
  return typeof frame === "string" ? frame : "b" + encodeBase64(frame);
}

/** What a frame adds to an HTTP body, in bytes of UTF-8 with its separator. */
export function frameSize(frame: EngineFrame): number {
  if (typeof frame === "string") return utf8Length(frame) + 2;
  return Math.ceil(binaryLength(frame) / 3) * 4 + 2;
}

/** Blobs are read before they are written as anything else. */
export function isBlob(frame: string | BinaryData): frame is Blob {
  return typeof frame !== "string" && (frame as Partial<ArrayBuffer>).byteLength === undefined;
}

/** Bytes of binary data. */
export function binaryLength(data: BinaryData): number {
  return (data as ArrayBuffer).byteLength ?? (data as Blob).size;
}

/** Bytes of a string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1;
    // a surrogate pair is four bytes
    if (unit >> 10 === 0x37 && text.charCodeAt(i - 1) >> 10 === 0x36) bytes -= 2;
  }
  return bytes;
}

/** The frame as it is now: the app may reuse its buffer while the frame waits. */
export function copyBinary<T extends string | BinaryData>(frame: T): T;
export function copyBinary(frame: string | BinaryData): string | BinaryData {
  if (typeof frame === "string" || isBlob(frame)) return frame;
  if (!ArrayBuffer.isView(frame)) return frame.slice(0);
  // Node's Buffer stays one; its own slice() would share the bytes
  if (frame instanceof Uint8Array) return Uint8Array.prototype.slice.call(frame);
  return bytesOf(frame).slice();
}
