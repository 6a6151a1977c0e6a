import type { TautlineError } from "../errors.js";
import type { EmitOptions } from "./emit-options.js";
import type { Line } from "./line.js";
import { outcome } from "./outcomes.js";
import type { PipelineHost } from "./pipeline-host.js";

/** A volatile packet is dropped when as many bytes, or more, wait already. */
export const VOLATILE_LIMIT = 64 * 1024;

/**
 * Why a packet is not to be sent at all: it is aborted already, or it is volatile and the line is not free.
 *
 * @param bytes - that wait before it
 */
export function whyPointless(
  { signal, volatile }: EmitOptions,
  host: PipelineHost,
  line: Line,
  bytes: number,
): TautlineError | undefined {
  if (signal?.aborted) return outcome("aborted", "not-sent", signal.reason);
  const isFree = !volatile || (host.isReady && line.bufferedAmount + bytes < VOLATILE_LIMIT);
  return isFree ? undefined : outcome("overflow", "not-sent");
}
