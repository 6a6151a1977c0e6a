import type { EngineFrame } from "../protocol/engine-packet.js";
import { copyBinary, frameSize } from "../protocol/engine-payload.js";

/**
 * Frames for the next HTTP body. It takes no more than one body's worth: what doesn't fit stays with whoever
 * sent it, who can still take it back when the connection dies.
 */
export class WriteBuffer {
  /** What waits, in order. */
  frames: EngineFrame[] = [];
  /** Bytes that it makes in an HTTP body. */
  bytes = 0;

  /**
   * @param maxPackets - that one body may hold
   * @param maxPayload - bytes that it may have; 0: unknown
   */
  constructor(
    readonly maxPackets: number,
    readonly maxPayload: number,
  ) {}

  /** False when another packet should wait for the next body; one always has room. */
  get hasRoom(): boolean {
    const { frames, bytes, maxPackets, maxPayload } = this;
    return !frames.length || (frames.length < maxPackets && (!maxPayload || bytes < maxPayload));
  }

  push(frame: EngineFrame): void {
    this.frames.push(copyBinary(frame));
    this.bytes += frameSize(frame);
  }

  /** Takes what one body may hold, but always one packet. */
  takeBatch(): EngineFrame[] {
    const { maxPackets, maxPayload } = this;
    let count = 0;
    let bytes = 0;
    for (const frame of this.frames) {
      const size = frameSize(frame);
      if (count && (count >= maxPackets || (maxPayload && bytes + size > maxPayload))) break;
      count++;
      bytes += size;
    }
    this.bytes -= bytes;
    return this.frames.splice(0, count);
  }

  takeAll(): EngineFrame[] {
    this.bytes = 0;
    return this.frames.splice(0);
  }
}
