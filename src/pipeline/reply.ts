import { reportError } from "../errors.js";
import { holdsBlob, readBlobs } from "../protocol/blobs.js";
import { type Encoded, PacketType } from "../protocol/socket-packet.js";
import type { Line, LineUser } from "./line.js";
import { outcome } from "./outcomes.js";
import { isTooLarge } from "./packet.js";

/**
 * Makes the function that answers an event, once. The answer may not wait for a connection: another one knows nothing of the
 * question. It throws TautlineError `unserializable`, `too-many-attachments` or `too-large`.
 *
 * @param isDue - false when it comes too late: for the app, or because Blobs had to be read
 */
export function replyTo(
  id: number,
  line: Line,
  user: LineUser & { readonly nsp: string },
  isDue: () => boolean,
): (...args: unknown[]) => void {
  let isAnswered = false;
  return (...args) => {
    if (isAnswered) return;
    isAnswered = true;
    if (!isDue()) return;
    const encoded = line.codec.encode(PacketType.ACK, user.nsp, args, id);
    if (isTooLarge(encoded, line.maxPayload)) throw outcome("too-large", "not-sent");
    const push = (ready: Encoded): boolean => line.transmit(ready, true, user, true);
    if (typeof encoded === "string" || !holdsBlob(encoded)) push(encoded);
    else readBlobs(encoded).then((read) => isDue() && push(read), reportError);
  };
}
