import type { TautlineError } from "../errors.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { LineUser } from "./line.js";
import type { BufferOptions } from "./outbox.js";

/** Socket options that govern what is emitted. */
export interface PipelineOptions {
  /** Milliseconds for every ack that has no timeout of its own. @default off */
  ackTimeout?: number;
  /** Bounds of what waits for a connection. */
  buffer?: BufferOptions;
}

/** What a pipeline needs of its channel. */
export interface PipelineHost extends LineUser {
  readonly nsp: string;
  /** Packets may be handed to the line. */
  readonly isReady: boolean;
  /** Nothing can come any more, until the app connects again. */
  readonly isOver: boolean;
  /** A packet was dropped. */
  dropped(error: TautlineError, packet: SocketPacket): void;
}
