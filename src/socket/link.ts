import type { TautlineError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { Encoded, PacketType, SocketPacket } from "../protocol/socket-packet.js";

/** The port: what a socket needs of its connection. The manager implements it. */
export interface Link {
  readonly timers: Timers;
  /** A session is open: CONNECT can be sent. */
  readonly isOpen: boolean;
  /** Bytes that were handed over and haven't left yet. */
  readonly bufferedAmount: number;
  /** @throws TautlineError when the data can't be written */
  encode(type: PacketType, nsp: string, data?: unknown, id?: number, compress?: boolean): Encoded;
  /** What was encoded, read back. */
  decode(encoded: Encoded): SocketPacket | undefined;
  /**
   * Hands over one packet.
   *
   * @returns false when it wasn't taken; `linkDrained` will be called when it is worth another try
   */
  deliver(member: LinkMember, encoded: Encoded, compress: boolean): boolean;
  /** Hands over one packet whatever waits already. Only while the link is open. */
  queue(encoded: Encoded, compress: boolean): void;
  /** A packet that the server answers once it has received everything that was sent before it. */
  probe(answered: (error?: TautlineError) => void): Encoded;
  /** Milliseconds to wait after so many attempts: as the connection itself does. */
  delayAfter(attempts: number): number;
  /** This socket needs a connection; `linkOpened` is called, at once if there is one. */
  join(member: LinkMember): void;
  /**
   * This socket needs none any more.
   *
   * @param expectsAnswer - the server still has to answer its CONNECT, and the socket will want to hear it
   */
  leave(member: LinkMember, expectsAnswer: boolean): void;
}

/** What a link needs of a socket. */
export interface LinkMember {
  readonly nsp: string;
  /** Whom it stands for. */
  readonly socket: object;
  /** How many packets wait. */
  readonly buffered: number;
  linkOpened(): unknown;
  /** The connection is gone; the link tries to get another one. */
  linkLost(reason: CloseReason, details: CloseDetails): void;
  /** The connection could not be made. */
  linkFailed(error: TautlineError): void;
  /** What was not taken may be taken now. */
  linkDrained(): void;
  /** A packet for this namespace. */
  receive(packet: SocketPacket): void;
}
