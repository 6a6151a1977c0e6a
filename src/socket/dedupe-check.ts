import { TautlineError } from "../errors.js";
import { PacketType } from "../protocol/socket-packet.js";
import type { Acks } from "./acks.js";
import type { Link } from "./link.js";
import { type Stream, TAG } from "./stream.js";

/**
 * Asks the server whether it drops what it has seen. A server without `tautline/server` answers the probe behind the
 * question, but not the question.
 *
 * @param outcome - called once; with the error `dedupe-missing` when it doesn't; never when the connection is lost
 */
export function askForDedupe(
  link: Link,
  nsp: string,
  acks: Acks,
  stream: Stream,
  outcome: (error?: TautlineError) => void,
): void {
  const id = acks.nextId;
  acks.addPlain(() => outcome());
  link.queue(link.encode(PacketType.EVENT, nsp, [TAG, stream.id], id), true);
  // socket.io answers a probe at once, but an event a tick later: only the second answer is surely behind it
  let rounds = 2;
  const ask = (): void => link.queue(link.probe(answered), true);
  const answered = (error?: TautlineError): void => {
    if (error || !acks.has(id)) return;
    if (--rounds) return ask();
    const missing = new TautlineError(
      "dedupe-missing",
      "the server doesn't drop packets that it has seen: exactly-once delivery needs dedupe() of tautline/server there",
    );
    acks.settle(id, missing);
    outcome(missing);
  };
  ask();
}
