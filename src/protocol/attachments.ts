import { TautlineError } from "../errors.js";
import type { BinaryData } from "./engine-packet.js";
import { MAX_ATTACHMENTS } from "./socket-packet.js";

/** Nesting that is surely a mistake, and safe for every host's stack. */
const MAX_DEPTH = 1000;

const toTag = Object.prototype.toString;

/** True for ArrayBuffer, its views (Node's Buffer too), Blob and File, from any realm. */
export function isBinary(value: object): value is BinaryData {
  if (ArrayBuffer.isView(value)) return true;
  const tag = toTag.call(value);
  return (
    tag === "[object ArrayBuffer]" ||
    tag === "[object Blob]" ||
    tag === "[object File]" ||
    (typeof Blob === "function" && value instanceof Blob)
  );
}

/**
 * True when there is binary data anywhere in `value`. It looks at each object once and at primitives not at all.
 *
 * @throws TautlineError `unserializable` when the nesting never ends or is deeper than 1000.
 */
export function hasBinary(value: object, depth = 0): boolean {
  if (depth > MAX_DEPTH)
    throw new TautlineError(
      "unserializable",
      "an argument refers to itself, or is nested deeper than 1000 levels",
    );
  if (Array.isArray(value)) {
    for (const item of value as unknown[])
      if (typeof item === "object" && item !== null && hasBinary(item, depth + 1)) return true;
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    if (isBinary(value)) return true;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return converts(value, depth);
  }
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (typeof item === "object") {
      if (item !== null && hasBinary(item, depth + 1)) return true;
    } else if (typeof item === "function" && key === "toJSON") return converts(value, depth);
  }
  return false;
}

function converts(value: object, depth: number): boolean {
  const json = (value as { toJSON(): unknown }).toJSON();
  return typeof json === "object" && json !== null && json !== value && hasBinary(json, depth + 1);
}

interface Placeholder {
  _placeholder: true;
  num: number;
}

/**
 * The arguments as JSON with placeholders, and the binary data they stand for, in order.
 *
 * @throws TautlineError `too-many-attachments` above {@link MAX_ATTACHMENTS}.
 */
export function detach(data: unknown): { json: string; attachments: BinaryData[] } {
  const attachments: BinaryData[] = [];
  const json = JSON.stringify(data, function (this: Record<string, unknown>, key, value: unknown) {
    // Buffer has a toJSON of its own: what was there before it ran decides
    for (const candidate of [this[key], value])
      if (typeof candidate === "object" && candidate !== null && isBinary(candidate))
        return { _placeholder: true, num: attachments.push(candidate) - 1 } satisfies Placeholder;
    return value;
  });
  if (attachments.length > MAX_ATTACHMENTS)
    throw new TautlineError(
      "too-many-attachments",
      `${attachments.length} binary values in one packet: Socket.IO servers drop packets with more than ${MAX_ATTACHMENTS}, send them in several`,
    );
  return { json, attachments };
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
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    const item = holder[key];
    const whole = reattach(item, attachments);
    if (whole !== item)
      // a plain assignment to an own "__proto__" would change the prototype
      Object.defineProperty(holder, key, {
        value: whole,
        configurable: true,
        enumerable: true,
        writable: true,
      });
  }
  return value;
}
