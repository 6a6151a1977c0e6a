import type { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";

/** Events that the library emits on a socket. */
export interface SocketReservedEvents {
  connect(): void;
  /** The connection could not be made, or the server refused the namespace (then `data` is the middleware's). */
  connect_error(error: TautlineError): void;
  disconnect(reason: CloseReason, details?: CloseDetails): void;
}
