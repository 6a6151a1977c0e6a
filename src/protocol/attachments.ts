import { TautlineError } from "../errors.js";
import { bytesOf } from "./base64.js";
import type { BinaryData } from "./engine-packet.js";

/** Nesting that is surely a mistake, and safe for every host's stack. */
const MAX_DEPTH = 1000;

const { hasOwnProperty: hasOwn, toString: toTag } = Object.prototype;

/** True for ArrayBuffer, SharedArrayBuffer, their views (Node's Buffer too), Blob and File, from any realm. */
export function isBinary(value: object): value is BinaryData {
  return ArrayBuffer.isView(value) || value instanceof ArrayBuffer || isForeign(value);
}

/** Binary data that this realm's ArrayBuffer doesn't know. */
function isForeign(value: object): boolean {
  return (
    /^\[object (?:(?:Shared)?ArrayBuffer|Blob|File)]$/.test(toTag.call(value)) ||
    (typeof Blob === "function" && value instanceof Blob)
  );
}

/**
 * Binary data as every transport takes it: hosts refuse memory that is shared or may be resized, which is copied.
 *
 * @throws TautlineError `unserializable` when the buffer is detached (transferred)
 */
export function sendable(data: BinaryData): BinaryData {
  const buffer = (ArrayBuffer.isView(data) ? data.buffer : data) as ArrayBuffer;
  try {
    // a detached buffer has no bytes, and can't be looked into
    if ((data as ArrayBuffer).byteLength === 0) bytesOf(buffer);
    const isOdd =
      buffer instanceof ArrayBuffer
        ? (buffer as { resizable?: boolean }).resizable
        : /Shared/.test(toTag.call(buffer));
    if (isOdd) return bytesOf(data as ArrayBuffer).slice();
  } catch (cause) {
    throw new TautlineError("unserializable", "a buffer is detached", {
      cause,
      delivery: "not-sent",
    });
  }
  return data;
}

interface Placeholder {
  _placeholder: true;
  num: number;
}

/**
 * Takes binary data out of a value: what held some is copied with placeholders, what held none is left as it is. It looks
 * at each object once, and at primitives not at all.
 *
 * @param frames - the text of the packet, or its place; gets the binary data behind it, in order
 * @returns `value` itself when there was none in it
 * @throws TautlineError `unserializable` when the nesting never ends or is deeper than 1000
 */
export function detach(value: object, frames: (string | BinaryData)[], depth = 0): object {
  if (depth > MAX_DEPTH)
    throw new TautlineError("unserializable", "an argument is circular, or too deep", {
      delivery: "not-sent",
    });
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item !== "object" || item === null) continue;
      const rest = detach(item, frames, depth + 1);
      if (rest !== item) (copy ??= value.slice())[i] = rest;
    }
    return copy ?? (value as object);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (isBinary(value))
      return { _placeholder: true, num: frames.push(sendable(value)) - 2 } satisfies Placeholder;
    if (typeof (value as Convertible).toJSON === "function")
      return convert(value as Convertible, frames, depth);
  }
  const before = frames.length;
  let copy: Record<string, unknown> | undefined;
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === "object") {
      // JSON.stringify doesn't write inherited properties either
      if (item === null || !hasOwn.call(value, key)) continue;
      const rest = detach(item, frames, depth + 1);
      if (rest !== item) (copy ??= { ...value })[key] = rest;
    } else if (typeof item === "function" && key === "toJSON") {
      // the result of toJSON is sent instead: forget what was found in the object itself
      frames.length = before;
      return convert(value as Convertible, frames, depth);
    }
  }
  return copy ?? value;
}

interface Convertible {
  toJSON(): unknown;
}

function convert(value: Convertible, frames: (string | BinaryData)[], depth: number): object {
  const json = value.toJSON();
  if (typeof json !== "object" || json === null || json === value) return value;
  const rest = detach(json, frames, depth + 1);
  return rest === json ? value : rest;
}

/**
 * Puts attachments back where their placeholders are, in place.
 *
 * @throws RangeError when a placeholder names an attachment that isn't there.
 */
export function reattach(value: unknown, attachments: readonly BinaryData[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { _placeholder, num } = value as Partial<Placeholder>;
  if (_placeholder === true) {
    const attachment = typeof num === "number" ? attachments[num] : undefined;
    if (!attachment) throw new RangeError("a placeholder is out of range");
    return attachment;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++)
      if (typeof value[i] === "object") value[i] = reattach(value[i], attachments);
    return value;
  }
  const holder = value as Record<string, unknown>;
  // "__proto__" too, which is a property like any other here: JSON.parse made it
  for (const key in holder) {
    const item = holder[key];
    if (typeof item === "object" && hasOwn.call(holder, key))
      holder[key] = reattach(item, attachments);
  }
  return value;
}
