import type { TautlineError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import type { Encoded } from "../protocol/socket-packet.js";

/**
 * Called when the server has received everything that was sent before a probe, or with an error if that cannot be
 * known.
 */
export type ProbeAnswer = (error?: TautlineError) => void;

/** Who waits for room on a line. */
export interface LineUser {
  /** What was not taken may be taken now. */
  drained(): void;
}

/** What a pipeline needs of the connection below it. */
export interface Line {
  readonly timers: Timers;
  readonly codec: Codec;
  /** Bytes that were handed over and haven't left yet. */
  readonly bufferedAmount: number;
  /** Bytes of the largest frame that the server takes; 0 while unknown. */
  readonly maxPayload: number;
  /**
   * Hands over one packet: all of its frames, or nothing.
   *
   * @param user - whose packet it is
   * @param isUrgent - take it whatever waits already: packets of the protocol, never of the app
   * @returns false when it wasn't taken: {@link wait} for room
   */
  transmit(encoded: Encoded, compress: boolean, user: LineUser, isUrgent?: boolean): boolean;
  /** `user.drained()` is called once when there is room again. */
  wait(user: LineUser): void;
  /** The server is known to have received everything that was handed over. */
  readonly isConfirmed: boolean;
  /** Sends a packet that the server answers once it has received everything that was sent before it. */
  probe(answered: ProbeAnswer): void;
}
