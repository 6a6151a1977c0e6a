import { TautlineError } from "../errors.js";
import { detach, hasBinary } from "./attachments.js";
import { type Encoded, PacketType } from "./socket-packet.js";

/**
 * One Socket.IO packet as text, or as text followed by its attachments. Encoding copies the values: what
 * happens to the arguments afterwards changes nothing.
 *
 * @param nsp - the namespace; "/" isn't written
 * @throws TautlineError `unserializable` for what JSON can't hold (a cycle, a BigInt), `too-many-attachments`
 */
export function encodePacket(type: PacketType, nsp: string, data?: unknown, id?: number): Encoded {
  const header = (nsp === "/" ? "" : nsp + ",") + (id ?? "");
  if (data === undefined) return type + header;
  try {
    if (type !== PacketType.CONNECT && hasBinary(data as object)) {
      const { json, attachments } = detach(data);
      const count = attachments.length;
      if (count) {
        const binaryType =
          type === PacketType.EVENT ? PacketType.BINARY_EVENT : PacketType.BINARY_ACK;
        return [`${binaryType}${count}-${header}${json}`, ...attachments];
      }
    }
    return type + header + JSON.stringify(data);
  } catch (cause) {
    if (cause instanceof TautlineError) throw cause;
    throw new TautlineError(
      "unserializable",
      `an argument can't be written as JSON: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
