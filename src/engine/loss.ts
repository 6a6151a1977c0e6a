import { type ErrorCode, TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { Transport, TransportFailure } from "../transports/transport.js";
import type { Connector } from "./connector.js";
import { transportError } from "./failure.js";
import { inOrder } from "./opening.js";
import type { Hints, Memory } from "./parts.js";

/** How long a stream must carry a connection to be trusted, in milliseconds. */
const PROVEN = 5000;

/** Why a session ended. */
export interface Ending {
  reason: CloseReason;
  details?: CloseDetails;
}

/** What the loss of its transport is called, for the listeners of an open session. */
export function endingOf(
  code: ErrorCode | undefined,
  failure: TransportFailure,
  hints: Hints | undefined,
): Ending {
  const { kind, description, context, cause } = failure;
  if (cause instanceof TautlineError) return { reason: "parse error", details: cause };
  const isTelling = code === "session-unknown" || code === "too-large";
  const reason = kind === "close" ? "transport close" : "transport error";
  if (kind === "close" && !isTelling)
    return { reason, details: { description: description as string, context } };
  return { reason, details: transportError(isTelling ? code : "transport-error", failure, hints) };
}

/**
 * Remembers what the loss of an open session says about its transport.
 *
 * @param uptime - milliseconds for which the transport carried the session
 * @returns whether the next session will open with another one
 */
export function judgeLoss(
  code: ErrorCode | undefined,
  { name, streams }: Transport,
  uptime: number,
  memory: Memory,
  connector: Connector,
): boolean {
  // a packet that was too large is too large for every transport
  if (code === "too-large") return false;
  if (code === "session-unknown") {
    // without sticky sessions each request reaches another server, also that of an upgrade; one WebSocket reaches one server
    memory.forgetAllBut(name);
    memory.note(name, false);
  } else if (!streams) return false;
  else if (uptime < PROVEN) memory.note(name, false);
  else {
    memory.prove(name);
    return false;
  }
  return inOrder(connector, memory)[0]?.name !== name;
}
