import { TautlineError } from "../errors.js";

/** Whether a packet can have reached the server; undefined where no packet is meant. */
export type DeliveryHint = "not-sent" | "maybe-sent" | undefined;

/** How a packet, or what waits for one, can end, in words. */
const OUTCOMES = {
  disconnected: "socket has been disconnected",
  "ack-timeout": "operation has timed out",
  aborted: "the operation was aborted",
  expired: "the packet waited for longer than its time to live",
  evicted: "the packet was taken out of the buffer, or a newer one of its key took its place",
  overflow: "there is no room for the packet",
  "too-large": "the packet is larger than the server takes: send it in parts",
  undeliverable: "the connection died again and again directly behind this packet",
  unserializable: "a Blob or File can't be read",
};

export type OutcomeCode = keyof typeof OUTCOMES;

/** How a packet ended, as its ack gets it. */
export function outcome(
  code: OutcomeCode,
  delivery?: DeliveryHint,
  cause?: unknown,
): TautlineError {
  return new TautlineError(code, OUTCOMES[code], {
    ...(cause !== undefined && { cause }),
    ...(delivery && { delivery }),
  });
}
