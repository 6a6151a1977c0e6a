import type { TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { Line, LineUser } from "../pipeline/line.js";
import type { ChannelState } from "./channel-table.js";
import type { Tap } from "./tap.js";

/** What a connection needs of a channel that it carries. */
export interface LineMember extends LineUser {
  readonly nsp: string;
  /** Of a namespace of the app's. */
  readonly state?: ChannelState;
  /** How many of its packets wait. */
  readonly pipeline: { readonly size: number };
  /** There is a connection. */
  lineOpened(): void;
  /** The connection is lost, or is not attempted any more. */
  lineLost(reason: CloseReason, details: CloseDetails): void;
  /** The connection could not be made. */
  lineFailed(error: TautlineError): void;
  /** A packet for this namespace. */
  receive(packet: SocketPacket): void;
}

/** What a channel needs of the connection that carries it. */
export interface ChannelLine extends Line {
  /** It has given up, or was closed: no events until the next `connect()`. */
  readonly isOver: boolean;
  /** How many packets came in on the present session. */
  readonly heard: number;
  /** Sees everything. */
  readonly tap?: Tap | undefined;
  /** Milliseconds to wait after so many attempts: as the connection itself does. */
  delayAfter(attempts: number): number;
  /** The channel needs a connection; `lineOpened` is called, at once if there is one. */
  join(member: LineMember): void;
  /** The channel needs none any more; the last one closes it. */
  leave(member: LineMember): void;
  /** Closes the connection if no other channel needs it: the next one is a new one. */
  renew(member: LineMember): void;
  /** Takes back packets of a channel that were not sent. */
  discard(member: LineMember): void;
  /** A packet was dropped; see `PipelineHost.dropped`. */
  dropped(error: TautlineError, packet: SocketPacket): void;
}
