import { copyBinary } from "../protocol/engine-payload.js";
import { bytesOf } from "../protocol/base64.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { NewPacket } from "./store.js";

/** `Uint8Array<ArrayBuffer>`, where TypeScript knows that it is generic. */
type Bytes = ReturnType<Uint8ArrayConstructor["from"]>;

/**
 * Encrypts what is stored. Names of events and arguments are in it; ids and times are not. What does not settle within
 * `storeTimeout` counts as `storage-blocked`.
 */
export interface Cipher {
  encrypt(bytes: Bytes): Promise<Bytes | ArrayBuffer>;
  /** Rejects for what it can't read: such a packet counts as sent in vain. */
  decrypt(bytes: Bytes): Promise<Bytes | ArrayBuffer>;
}

type Sealed = Pick<NewPacket, "data" | "kinds">;

/** Frames as they are stored. They hold no Blobs. */
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

/** Stored frames as they were. Rejects when they can't be read. */
export async function unseal({ data, kinds }: Sealed, cipher?: Cipher): Promise<Encoded> {
  if (!kinds || !cipher) return data as Encoded;
  const frames = await Promise.all(
    (data as Bytes[]).map((bytes) => cipher.decrypt(bytesOf(bytes) as Bytes)),
  );
  return frames.map((bytes, at) => (kinds[at] === "t" ? new TextDecoder().decode(bytes) : bytes));
}
