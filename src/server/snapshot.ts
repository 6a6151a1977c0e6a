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
    if (ArrayBuffer.isView(value)) {
      bytes += value.byteLength;
      return Buffer.from(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    }
    if (value instanceof ArrayBuffer) {
      bytes += value.byteLength;
      return Buffer.from(new Uint8Array(value));
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") return copy(toJSON.call(value));
    if (Array.isArray(value)) return value.map(copy);
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        bytes += key.length;
        return [key, copy(one)];
      }),
    );
  };
  try {
    return { args: args.map(copy), bytes };
  } catch {
    return undefined;
  }
}
