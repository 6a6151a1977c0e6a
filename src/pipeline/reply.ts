import { reportError } from "../errors.js";
import { holdsBlob, readBlobs } from "../protocol/blobs.js";
import { type Encoded, PacketType } from "../protocol/socket-packet.js";
import type { Line, LineUser } from "./line.js";
import { outcome } from "./outcomes.js";
import { isTooLarge } from "./packet.js";

/**
 * Answers an event. The answer may not wait for a connection: another one knows nothing of the question.
 *
 * @param isDue - false when it comes too late, because Blobs had to be read
 * @throws TautlineError `unserializable`, `too-many-attachments`, `too-large`
 */
export function reply(
  line: Line,
  user: LineUser & { readonly nsp: string },
  id: number,
  args: unknown[],
  isDue: () => boolean,
): void {
  const encoded = line.codec.encode(PacketType.ACK, user.nsp, args, id);
  if (isTooLarge(encoded, line.maxPayload)) throw outcome("too-large", "not-sent");
  const push = (ready: Encoded): boolean => line.transmit(ready, true, user, true);
  if (typeof encoded === "string" || !holdsBlob(encoded)) push(encoded);
  else readBlobs(encoded).then((read) => isDue() && push(read), reportError);
}
