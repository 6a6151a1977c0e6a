import type { BinaryData } from "./engine-packet.js";
import type { Encoded, PacketType, SocketPacket } from "./socket-packet.js";

/** How Socket.IO packets are written. It keeps nothing from one packet to the next. */
export interface Codec {
  /**
   * One packet, whole or not at all.
   *
   * @throws TautlineError when the data can't be written
   */
  encode(type: PacketType, nsp: string, data?: unknown, id?: number, compress?: boolean): Encoded;
  /** Reads the frames of one session: each session gets its own. */
  decoder(): Decoder;
}

/** Frames -> packets. It keeps what was begun: it is never shared between sessions. */
export interface Decoder {
  /**
   * A text frame, from `start` on. Undefined while more frames are needed.
   *
   * @throws TautlineError `parse-error`
   */
  text(frame: string, start: number): SocketPacket | undefined;
  /** A binary frame. Undefined while more frames are needed. @throws TautlineError `parse-error` */
  binary(data: BinaryData): SocketPacket | undefined;
  /** The session has ended: no frame follows. */
  destroy(): void;
}
