import { TautlineError } from "../errors.js";
import { detach } from "./attachments.js";
import { type Encoded, PacketType } from "./socket-packet.js";

/** Socket.IO servers refuse packets with more attachments than this, unless their parser has another limit. */
export const MAX_ATTACHMENTS = 10;

/**
 * One Socket.IO packet as text, or as text followed by its attachments. Encoding copies the values: what
 * happens to the arguments afterwards changes nothing. Nothing is kept meanwhile, as a `toJSON` may encode another packet.
 *
 * @param nsp - the namespace; "/" isn't written
 * @param maxAttachments - what the server takes in one packet
 * @throws TautlineError `unserializable` for what JSON can't hold (a cycle, a BigInt), `too-many-attachments`
 */
export function encodePacket(
  type: PacketType,
  nsp: string,
  data?: unknown,
  id?: number,
  maxAttachments = MAX_ATTACHMENTS,
): Encoded {
  const header = (nsp === "/" ? "" : nsp + ",") + (id ?? "");
  if (data === undefined) return type + header;
  try {
    if (type !== PacketType.CONNECT) {
      const frames: Exclude<Encoded, string> = [""];
      const rest = detach(data as object, frames);
      const count = frames.length - 1;
      if (count > maxAttachments) throw tooMany(count, maxAttachments);
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
      { cause, delivery: "not-sent" },
    );
  }
}

function tooMany(count: number, max: number): TautlineError {
  return new TautlineError(
    "too-many-attachments",
    `${count} attachments in one packet: the server takes ${max}, see \`maxAttachments\``,
    { delivery: "not-sent" },
  );
}
