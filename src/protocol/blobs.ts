import { decodeBase64 } from "./base64.js";
import { isBlob } from "./engine-payload.js";
import type { Encoded } from "./socket-packet.js";

/** True when it holds a Blob or File, which takes time to read, and may fail to be. */
export function holdsBlob(encoded: Encoded): boolean {
  return typeof encoded !== "string" && encoded.some(isBlob);
}

/** The same packet with what its Blobs hold. Rejects when one of them can't be read. */
export function readBlobs(encoded: Exclude<Encoded, string>): Promise<Exclude<Encoded, string>> {
  return Promise.all(encoded.map((frame) => (isBlob(frame) ? readBlob(frame) : frame)));
}

/** What a Blob holds; React Native's has no arrayBuffer() and can only be read as base64. */
export async function readBlob(blob: Blob): Promise<ArrayBuffer> {
  if (typeof blob.arrayBuffer === "function") return blob.arrayBuffer();
  const dataUrl = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error as Error);
    reader.readAsDataURL(blob);
  });
  // Android can't fetch it
  return decodeBase64(dataUrl.slice(dataUrl.indexOf(",") + 1));
}
