import type { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { BinaryData, EnginePacket } from "../protocol/engine-packet.js";
import type { Handshake } from "../protocol/handshake.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { Transport } from "../transports/transport.js";

/** The events of `manager.engine`, as in socket.io-client. */
export interface SessionEvents {
  open(): void;
  handshake(data: Handshake): void;
  /** An engine packet arrived. */
  packet(packet: EnginePacket): void;
  /** An engine packet was handed over. */
  packetCreate(packet: EnginePacket): void;
  data(data: string | BinaryData): void;
  message(data: string | BinaryData): void;
  /** Everything was handed to the transport. */
  drain(): void;
  flush(): void;
  heartbeat(): void;
  ping(): void;
  pong(): void;
  error(error: TautlineError): void;
  /** A better transport has answered the probe. */
  upgrading(transport: Transport): void;
  upgrade(transport: Transport): void;
  upgradeError(error: TautlineError): void;
  close(reason: CloseReason, details?: CloseDetails): void;
}

/** What a session needs of its owner, the connection. Each call names the session, as an older one may still be closing. */
export interface SessionOwner<S = unknown> {
  opened(session: S): void;
  packet(session: S, packet: SocketPacket): void;
  /** There is room for more. */
  drained(session: S): void;
  pinged(session: S): void;
  /** The server's ping is overdue, but the clock or the timers are not to be trusted. */
  doubt(session: S): void;
  /** It never opened. */
  failed(session: S, error: TautlineError): void;
  /** It was open. */
  lost(session: S, reason: CloseReason, details: CloseDetails): void;
}
