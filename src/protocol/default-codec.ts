import type { Codec, Decoder } from "./codec.js";
import { PacketDecoder } from "./packet-decoder.js";
import { encodePacket } from "./packet-encoder.js";
import type { Encoded, PacketType } from "./socket-packet.js";

/** The protocol's own codec: JSON with attachments. */
export class DefaultCodec implements Codec {
  private readonly _maxAttachments: number | undefined;

  /** @param maxAttachments - in one packet, both ways; Infinity: any number. 10 by default, as the reference server's */
  constructor(maxAttachments?: number) {
    this._maxAttachments = maxAttachments;
  }

  encode(type: PacketType, nsp: string, data?: unknown, id?: number): Encoded {
    return encodePacket(type, nsp, data, id, this._maxAttachments);
  }

  decoder(): Decoder {
    return new PacketDecoder(this._maxAttachments);
  }
}
