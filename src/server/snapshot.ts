/**
 * A copy of an answer's arguments, as JSON would carry them, with binary data copied as Buffers; and about how many bytes
 * it takes. Undefined when they can't be read.
 */
export function snapshot(args: unknown[]): { args: unknown[]; bytes: number } | undefined {
  let bytes = 0;
  const copy = (value: unknown): unknown => {
    bytes += 16;
    if (typeof value === "string") bytes += value.length;
    if (typeof value !== "object" || value === null) return value;
    const view = value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    if (ArrayBuffer.isView(view)) {
      bytes += view.byteLength;
      return Buffer.from(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    }
    if (Array.isArray(value)) return value.map(copy);
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return copy(toJSON.call(value));
    const entries = Object.entries(value).map(([key, one]) => {
      bytes += key.length;
      return [key, copy(one)] as const;
    });
    return Object.fromEntries(entries);
  };
  try {
    return { args: args.map(copy), bytes };
  } catch {
    return undefined;
  }
}
