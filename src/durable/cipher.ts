import { copyBinary } from "../protocol/engine-payload.js";
import { bytesOf } from "../protocol/base64.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { NewPacket } from "./store.js";

/** `Uint8Array<ArrayBuffer>`, where TypeScript knows that it is generic. */
type Bytes = ReturnType<Uint8ArrayConstructor["from"]>;

/**
 * Encrypts stored packets: names of events and arguments, but not ids and times. A call that does not settle within
 * `storeTimeout` counts as `storage-blocked`.
 */
export interface Cipher {
  encrypt(bytes: Bytes): Promise<Bytes | ArrayBuffer>;
  /** Rejects for data that it cannot decrypt; such a packet counts as sent without success. */
  decrypt(bytes: Bytes): Promise<Bytes | ArrayBuffer>;
}

type Sealed = Pick<NewPacket, "data" | "kinds">;

/** Frames in the form in which they are stored. They contain no Blobs. */
export async function seal(encoded: Encoded, cipher: Cipher): Promise<Sealed> {
  const frames = typeof encoded === "string" ? [encoded] : encoded;
  const data = frames.map((frame) =>
    cipher.encrypt(
      typeof frame === "string"
        ? new TextEncoder().encode(frame)
        : (copyBinary(bytesOf(frame as ArrayBuffer)) as Bytes),
    ),
  );
  const kinds = frames.map((frame) => (typeof frame === "string" ? "t" : "b")).join("");
  return { data: await Promise.all(data), kinds };
}

/** The original frames of stored ones. Rejects when they cannot be read. */
export async function unseal({ data, kinds }: Sealed, cipher?: Cipher): Promise<Encoded> {
  if (!kinds || !cipher) return data as Encoded;
  const frames = await Promise.all(
    (data as Bytes[]).map((bytes) => cipher.decrypt(bytesOf(bytes) as Bytes)),
  );
  return frames.map((bytes, at) => (kinds[at] === "t" ? new TextDecoder().decode(bytes) : bytes));
}
