import { TautlineError } from "../errors.js";

/** Whether a packet can have reached the server; undefined where no packet is meant. */
type Delivery = "not-sent" | "maybe-sent" | undefined;

/** The socket was disconnected, or its connection lost, before the answer came. */
export function disconnection(delivery?: Delivery): TautlineError {
  return outcome("disconnected", "socket has been disconnected", delivery);
}

/** The time was over. */
export function timedOut(delivery?: Delivery): TautlineError {
  return outcome("ack-timeout", "operation has timed out", delivery);
}

/** An aborted operation, with the signal's reason as its cause. */
export function abortion(signal: AbortSignal | undefined, delivery?: Delivery): TautlineError {
  return outcome("aborted", "the operation was aborted", delivery, {
    cause: signal?.reason as unknown,
  });
}

function outcome(
  code: "disconnected" | "ack-timeout" | "aborted",
  message: string,
  delivery: Delivery,
  details?: { cause: unknown },
): TautlineError {
  return new TautlineError(code, message, { ...details, ...(delivery && { delivery }) });
}
