import { TautlineError } from "../errors.js";

/** Whether a packet can have reached the server; undefined where no packet is meant. */
export type DeliveryHint = "not-sent" | "maybe-sent" | undefined;

/** The socket was disconnected, or its connection lost, before the answer came. */
export function disconnectedError(delivery?: DeliveryHint, cause?: unknown): TautlineError {
  return outcome("disconnected", "socket has been disconnected", delivery, cause);
}

/** The time was over. */
export function timeoutError(delivery?: DeliveryHint): TautlineError {
  return outcome("ack-timeout", "operation has timed out", delivery);
}

/** An aborted operation, with the signal's reason as its cause. */
export function abortError(
  signal: AbortSignal | undefined,
  delivery?: DeliveryHint,
): TautlineError {
  return outcome("aborted", "the operation was aborted", delivery, signal?.reason);
}

/** How a packet ended, as its ack gets it. */
export function outcome(
  code: TautlineError["code"],
  message: string,
  delivery?: DeliveryHint,
  cause?: unknown,
): TautlineError {
  return new TautlineError(code, message, {
    ...(cause !== undefined && { cause }),
    ...(delivery && { delivery }),
  });
}
