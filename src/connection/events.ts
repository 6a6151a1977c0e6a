import type { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { SocketPacket } from "../protocol/socket-packet.js";

/** "offline": waits for the network rather than for a delay. "failed": gave up. */
export type ConnectionState = "closed" | "opening" | "open" | "waiting" | "offline" | "failed";

/** What a tab is to the connection that it shares: see docs/shared.md. */
export interface SharedState {
  /** "host": the connection is in this tab. "alone": this host can't share, or this tab was not let. */
  readonly role: "host" | "guest" | "alone";
  /** How many tabs share it, as far as is known. */
  readonly tabs: number;
}

/** `socket.shared`: as it is when it is read. */
export interface Shared extends SharedState {
  /** For a user who logs out: disconnects every socket of this key, in all tabs. */
  disconnectAll(): void;
}

/** The events of a manager: those of socket.io-client, `state`, `drop` and `shared`. */
export interface ConnectionEvents {
  open(): void;
  error(error: TautlineError): void;
  /** The server's heartbeat. */
  ping(): void;
  /** A Socket.IO packet arrived, of whatever namespace. */
  packet(packet: SocketPacket): void;
  close(reason: CloseReason, details?: CloseDetails): void;
  /** @param attempt - from 1 */
  reconnect_attempt(attempt: number): void;
  reconnect_error(error: TautlineError): void;
  /** It has given up: `reconnectionAttempts` is used up, or the options allow no connect. */
  reconnect_failed(): void;
  reconnect(attempt: number): void;
  /**
   * The state of the connection changed.
   *
   * @param why - a close reason, an error code, or what was called: "connect", "wake", "delayElapsed"..
   * @param attempt - in "waiting" and "opening": the number of the reconnect, from 1
   * @param delay - in "waiting": milliseconds until it
   */
  state(
    state: ConnectionState,
    old: ConnectionState,
    why: string,
    attempt?: number,
    delay?: number,
  ): void;
  /**
   * A packet that a socket emitted was dropped, and no ack of the app's can say so alone.
   *
   * @param error - its `code` says why: `overflow`, `expired`, `too-large`, `undeliverable`, `ack-timeout`
   * @param packet - with its namespace, and the event's name and arguments in `data`
   */
  drop(error: TautlineError, packet: SocketPacket): void;
  /** With the `share` option: the role of this tab, or the number of tabs, is another one now. */
  shared(state: SharedState): void;
}

/** Tells the listeners of the manager. */
export type Tell = <K extends keyof ConnectionEvents>(
  event: K,
  ...args: Parameters<ConnectionEvents[K]>
) => void;
