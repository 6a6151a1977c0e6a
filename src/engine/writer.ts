import type { EngineFrame } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import { sendable } from "../protocol/attachments.js";
import type { Encoded } from "../protocol/socket-packet.js";

/** How a session writes to its transport. An upgrade puts another one in its place. */
export interface Writer {
  /** Frames that wait for the transport. */
  readonly frames: readonly EngineFrame[];
  /** Bytes of them. */
  readonly bytes: number;
  /** There is room for another packet. */
  readonly hasRoom: boolean;
  /** Nothing waits, and nothing is on its way that a close would cut off. */
  readonly isIdle: boolean;
  /**
   * Takes one Socket.IO packet, all of its frames or none.
   *
   * @param isUrgent - whatever waits already
   * @param owner - whose packet it is: see {@link discard}
   * @throws TautlineError `unserializable` when one of its buffers has become unreadable: nothing was taken
   */
  transmit(encoded: Encoded, isUrgent: boolean, owner: unknown): boolean;
  /** Takes back what waits of an owner: the server does not know its namespace any more. */
  discard(owner: unknown): void;
  /** Takes one engine packet, no matter how much waits already. False when the transport is down. */
  write(frame: EngineFrame): boolean;
  /** Hands over what waits, if the transport takes it now. */
  flush(): void;
}

/** The frames of a Socket.IO packet, whose Blobs are read, each a whole engine packet. All are checked before one of them is written. */
export function framesOf(encoded: Encoded): EngineFrame[] {
  if (typeof encoded === "string") return [EnginePacketType.message + encoded];
  return encoded.map((frame) =>
    typeof frame === "string"
      ? EnginePacketType.message + frame
      : (sendable(frame) as Exclude<EngineFrame, string>),
  );
}
