/**
 * What the field tests use of the public API besides `io`: all of it behind one file, so that they name each part in
 * one way. To extend: add a name, and no test imports the part itself.
 */
import type { Socket, SocketPacket, TautlineError } from "../../src/index.js";
import type { ClientOptions } from "./harness.js";

export { atLeastOnce, drained, exactlyOnce, flush } from "../../src/delivery/index.js";
export { events, next as nextEvent } from "../../src/reading/index.js";
export { rtt, stats } from "../../src/stats/index.js";

/** Sends each packet again until it is acknowledged. */
export function retrying(retries: number, ackTimeout: number): ClientOptions {
  return { retries, ackTimeout };
}

/** How many attachments a packet may have, in both directions. */
export function attachments(most: number): ClientOptions {
  return { maxAttachments: most };
}

/** Calls the listener for each packet that is dropped. */
export function onDrop(
  socket: Socket,
  listener: (error: TautlineError, packet: Pick<SocketPacket, "data">) => void,
): void {
  socket.io.on("drop", listener);
}
