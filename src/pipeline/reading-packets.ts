import type { Codec } from "../protocol/codec.js";
import { readBlobs } from "../protocol/blobs.js";
import { copyBinary } from "../protocol/engine-payload.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import type { Packet } from "./packet.js";

/** An event, with its name and arguments. */
export interface EventPacket extends SocketPacket {
  data: unknown[];
}

/** An encoded event, read again. Without arguments where a custom parser can't read what it wrote. */
export function readBack(codec: Codec, encoded: Encoded, nsp: string): EventPacket {
  let packet: SocketPacket | undefined;
  try {
    const decoder = codec.decoder();
    for (const frame of typeof encoded === "string" ? [encoded] : encoded)
      packet = typeof frame === "string" ? decoder.text(frame, 0) : decoder.binary(frame);
  } catch {
    // told by the empty arguments
  }
  return { type: PacketType.EVENT, nsp, ...packet, data: (packet?.data ?? []) as unknown[] };
}

/** What the app does with its buffers from now on changes nothing. */
export function copyOf(encoded: Encoded): Encoded {
  return typeof encoded === "string" ? encoded : encoded.map(copyBinary);
}

/**
 * Reads the Blobs of a packet that waits; once, whoever asks.
 *
 * @param failed - one of them can't be read
 * @param done - called last
 */
export function readPacket(
  packet: Packet,
  failed: (cause: unknown) => void,
  done: () => void,
): void {
  if (packet.isReading) return;
  packet.isReading = true;
  readBlobs(packet.encoded as Exclude<Encoded, string>)
    .then((read) => {
      packet.encoded = read;
    }, failed)
    .finally(done);
}
