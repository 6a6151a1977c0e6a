import { TautlineError } from "../errors.js";
import { detach } from "./attachments.js";
import { type Encoded, MAX_ATTACHMENTS, PacketType } from "./socket-packet.js";

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
    if (type !== PacketType.CONNECT) {
      const frames: Exclude<Encoded, string> = [""];
      const rest = detach(data as object, frames);
      const count = frames.length - 1;
      if (count > MAX_ATTACHMENTS) throw tooMany(count);
      if (count) {
        const binaryType =
          type === PacketType.EVENT ? PacketType.BINARY_EVENT : PacketType.BINARY_ACK;
        frames[0] = `${binaryType}${count}-${header}${JSON.stringify(rest)}`;
        return frames;
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

function tooMany(count: number): TautlineError {
  return new TautlineError(
    "too-many-attachments",
    `${count} binary values in one packet: Socket.IO servers drop packets with more than ${MAX_ATTACHMENTS}, send them in several`,
  );
}
