import { hostError } from "./host-events.js";
import type { World } from "./world.js";

/** How many bytes hosts return in one call. */
const QUOTA = 65_536;

interface Integers extends ArrayBufferView {
  readonly length: number;
  [index: number]: unknown;
  readonly [Symbol.toStringTag]?: string;
}

/**
 * `crypto` of a host, from a seed.
 *
 * @param ids - a generator of its own: what is drawn for ids shifts nothing else
 */
export function seedCrypto(time: World, ids: () => number): void {
  const draw = (): number => ids() * 2 ** 32;
  const getRandomValues = (array: Integers): Integers => {
    const name = ArrayBuffer.isView(array) ? array[Symbol.toStringTag] : "";
    if (!/^(Big)?(Uint|Int)\d+(Clamped)?Array$/.test(String(name)))
      throw hostError("TypeMismatchError", "The argument is no array of whole numbers.");
    if (array.byteLength > QUOTA)
      throw hostError("QuotaExceededError", `More than ${QUOTA} bytes are asked for.`);
    const isBig = String(name).startsWith("Big");
    for (let at = 0; at < array.length; at++)
      array[at] = isBig
        ? (BigInt(Math.floor(draw())) << BigInt(32)) | BigInt(Math.floor(draw()))
        : name === "Uint8ClampedArray"
          ? draw() & 255
          : draw();
    return array;
  };
  const randomUUID = (): string => {
    const bytes = getRandomValues(new Uint8Array(16)) as Uint8Array;
    bytes[6] = ((bytes[6] as number) & 15) | 64;
    bytes[8] = ((bytes[8] as number) & 63) | 128;
    const hex = [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };
  if (typeof crypto !== "object")
    return time.replace(globalThis, "crypto", { getRandomValues, randomUUID });
  time.replace(crypto, "getRandomValues", getRandomValues);
  time.replace(crypto, "randomUUID", randomUUID);
}
