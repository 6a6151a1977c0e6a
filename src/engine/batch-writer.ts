import { atEndOfTick } from "../platform/browser.js";
import type { EngineFrame } from "../protocol/engine-packet.js";
import { copyBinary, frameSize } from "../protocol/engine-payload.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { Transport } from "../transports/transport.js";
import { framesOf, type Writer } from "./writer.js";

/** python-engineio refuses an HTTP body with more packets than this. */
const MAX_PACKETS = 16;
/** How the reference server begins, which takes any number of packets; python-engineio has the two times in the other order. */
const REFERENCE_SERVER = /"pingInterval":\d+,"pingTimeout":\d+,"maxPayload"/;

/**
 * How many packets a server takes in one HTTP body.
 *
 * @param greeting - its handshake as it came
 */
export function packetsPerBody(greeting: string): number {
  return REFERENCE_SERVER.test(greeting) ? Infinity : MAX_PACKETS;
}

export interface BatchLimits {
  /** Frames that one body may hold. */
  maxPackets: number;
  /** Bytes that it may have; 0: unknown. */
  maxPayload: number;
}

/** What a batch writer asks of its session. */
export interface BatchOwner {
  /** The transport may be written to now. */
  mayFlush(): boolean;
  /** A batch was handed over. */
  flushed(): void;
}

/** Frames that wait together. */
interface Waiting {
  frames: EngineFrame[];
  /** Whose Socket.IO packet it is. */
  owner: unknown;
  /** Some of its frames have left already. */
  isBegun?: boolean;
}

/**
 * Collects what is written in one tick, and hands over one HTTP body at a time. It takes no more than one body's worth:
 * what doesn't fit stays with whoever sent it, who can still take it back when the connection dies.
 */
export class BatchWriter implements Writer {
  bytes = 0;
  private readonly _transport: Transport;
  private readonly _limits: BatchLimits;
  private readonly _owner: BatchOwner;
  private _waiting: Waiting[] = [];
  private _isFlushQueued = false;

  constructor(transport: Transport, limits: BatchLimits, owner: BatchOwner) {
    this._transport = transport;
    this._limits = limits;
    this._owner = owner;
  }

  get frames(): readonly EngineFrame[] {
    return this._waiting.flatMap(({ frames }) => frames);
  }

  /** One packet always has room. */
  get hasRoom(): boolean {
    const { maxPackets, maxPayload } = this._limits;
    return (
      !this._waiting.length ||
      (this._waiting.length < maxPackets && (!maxPayload || this.bytes < maxPayload))
    );
  }

  get isIdle(): boolean {
    return !this._waiting.length && this._transport.writable;
  }

  transmit(encoded: Encoded, isUrgent: boolean, owner: unknown): boolean {
    if (!isUrgent && !(this._transport.writable && this.hasRoom)) return false;
    this._push(framesOf(encoded).map(copyBinary), owner);
    return true;
  }

  write(frame: EngineFrame): boolean {
    this._push([copyBinary(frame)], undefined);
    return true;
  }

  flush(): void {
    if (!this._waiting.length || !this._transport.writable || !this._owner.mayFlush()) return;
    this._transport.write(this._takeBody());
    this._owner.flushed();
  }

  /** Everything that waits, for another writer. */
  takeAll(): EngineFrame[] {
    this.bytes = 0;
    return this._waiting.splice(0).flatMap(({ frames }) => frames);
  }

  discard(owner: unknown): void {
    this._waiting = this._waiting.filter((one) => {
      if (one.owner !== owner || one.isBegun) return true;
      for (const frame of one.frames) this.bytes -= frameSize(frame);
      return false;
    });
  }

  private _push(frames: EngineFrame[], owner: unknown): void {
    for (const frame of frames) this.bytes += frameSize(frame);
    this._waiting.push({ frames, owner });
    if (this._isFlushQueued) return;
    // at the end of the tick, so that what is emitted together travels together
    this._isFlushQueued = true;
    atEndOfTick(() => {
      this._isFlushQueued = false;
      this.flush();
    });
  }

  /** Takes what one body may hold, but always one frame. */
  private _takeBody(): EngineFrame[] {
    const { maxPackets, maxPayload } = this._limits;
    const body: EngineFrame[] = [];
    let bytes = 0;
    /** Packets of which all frames are in the body. */
    let taken = 0;
    for (const waiting of this._waiting) {
      const { frames } = waiting;
      for (let frame = frames[0]; frame !== undefined; frame = frames[0]) {
        const size = frameSize(frame);
        if (body.length && (body.length >= maxPackets || (maxPayload && bytes + size > maxPayload)))
          break;
        body.push(frame);
        bytes += size;
        frames.shift();
        waiting.isBegun = true;
      }
      // the body is full
      if (frames.length) break;
      taken++;
    }
    this._waiting.splice(0, taken);
    this.bytes -= bytes;
    return body;
  }
}
