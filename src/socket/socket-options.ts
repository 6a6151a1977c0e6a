import type { ChannelOptions } from "../connection/channel-options.js";
import type { Delivery, OutboxPart } from "../pipeline/policy.js";

/** Options of a socket. */
export interface SocketOptions extends ChannelOptions {
  /** How often a packet is sent again until it is acknowledged; one is under way at a time. @default off */
  retries?: number;
  /**
   * The guarantee for packets when the connection breaks: `atLeastOnce()` or `exactlyOnce()` of `tautline/delivery`.
   *
   * @default at most once
   */
  delivery?: Delivery;
  /** Keeps what `socket.durable.emit()` is given: `indexedDb()` or `durable()` of `tautline/durable`. @default none */
  outbox?: OutboxPart;
}
