import type { TautlineError } from "../errors.js";
import { atEndOfTick } from "../platform/browser.js";
import { decodeBase64 } from "../protocol/base64.js";
import type { Decoder } from "../protocol/codec.js";
import { type BinaryData, describeFrame, type EngineFrame } from "../protocol/engine-packet.js";
import { binaryLength } from "../protocol/engine-payload.js";
import { parseError } from "../protocol/packet-decoder.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { TransportFailure, TransportSink } from "../transports/transport.js";
import type { SessionEvents } from "./events.js";

/** What comes of the frames of a session. */
export interface FramesOwner extends Pick<TransportSink, "drained" | "closed"> {
  /** Calls the listeners of an engine event. */
  announce<K extends keyof SessionEvents>(
    event: K,
    ...args: SessionEvents[K] extends (...args: infer A) => void ? A : never
  ): void;
  /** A Socket.IO packet is complete. */
  packet(packet: SocketPacket): void;
  pinged(): void;
  /** The server closes the session. */
  left(): void;
  /** It cannot be decoded. */
  failed(error: TautlineError): void;
}

/** The events that tell of single frames, or of what has left. */
export const FRAME_EVENTS = [
  "packet",
  "data",
  "message",
  "heartbeat",
  "packetCreate",
  "flush",
  "drain",
] as const;

const CLOSE = 49;
const PING = 50;
const PONG = 51;
const MESSAGE = 52;
const UPGRADE = 53;
const NOOP = 54;
/** "b" */
const BASE64 = 98;

/** The sink of one session: it reads its frames, with a decoder that no other session has, and tells who listens of them. */
export class Frames implements TransportSink {
  /** Engine packets that came in so far. */
  heard = 0;
  /** What they took: text counts a byte a character, as in all sizes here. */
  bytes = 0;
  /** Somebody listens to one of the {@link FRAME_EVENTS}. */
  isObserved = false;
  private readonly _decoder: Decoder;
  private readonly _owner: FramesOwner;
  private readonly _convert: ((data: BinaryData) => BinaryData) | undefined;
  private _isFlushQueued = false;

  /** @param convert - makes of binary data what apps get */
  constructor(decoder: Decoder, owner: FramesOwner, convert?: (data: BinaryData) => BinaryData) {
    this._decoder = decoder;
    this._owner = owner;
    this._convert = convert;
  }

  opened(): void {}

  drained(): void {
    this._owner.drained();
  }

  closed(failure: TransportFailure): void {
    this._owner.closed(failure);
  }

  /** Tells who listens that a frame came in. */
  tellReceived(frame: string | BinaryData): void {
    const packet = this.isObserved && describeFrame(frame);
    if (!packet) return;
    const { type, data = "" } = packet;
    const owner = this._owner;
    owner.announce("packet", packet);
    owner.announce("heartbeat");
    if (type !== "message") return;
    owner.announce("data", data);
    owner.announce("message", data);
  }

  text(packet: string): void {
    const owner = this._owner;
    const type = packet.charCodeAt(0);
    if (type === BASE64) return this._base64(packet);
    this._received(packet);
    switch (type) {
      case MESSAGE:
        return this.message(packet);
      case PING:
        return owner.pinged();
      case CLOSE:
        return owner.left();
      case PONG:
      case UPGRADE:
      case NOOP:
        return;
      default:
        owner.failed(parseError(packet, "not an engine packet"));
    }
  }

  binary(received: BinaryData): void {
    const data = this._convert ? this._convert(received) : received;
    this._received(data);
    this.message(data);
  }

  /** A message packet, or binary data. */
  message(frame: string | BinaryData): void {
    const decoder = this._decoder;
    let packet: SocketPacket | undefined;
    try {
      packet = typeof frame === "string" ? decoder.text(frame, 1) : decoder.binary(frame);
    } catch (error) {
      return this._owner.failed(error as TautlineError);
    }
    if (packet) this._owner.packet(packet);
  }

  /**
   * Frames were handed over.
   *
   * @param isStream - and have left with that, which is told at the end of the tick, once
   */
  sent(frames: readonly EngineFrame[], compress: boolean, isStream: boolean): void {
    for (const frame of frames) {
      const packet = describeFrame(frame);
      if (packet) this._owner.announce("packetCreate", { ...packet, options: { compress } });
    }
    if (!isStream || this._isFlushQueued) return;
    this._isFlushQueued = true;
    atEndOfTick(() => this.settle());
  }

  /** What a stream took has left: tells so, if that is not told yet. */
  settle(): void {
    if (!this._isFlushQueued) return;
    this._isFlushQueued = false;
    this._owner.announce("flush");
    this._owner.announce("drain");
  }

  private _received(frame: string | BinaryData): void {
    this.heard++;
    this.bytes += typeof frame === "string" ? frame.length : binaryLength(frame);
    this.tellReceived(frame);
  }

  private _base64(packet: string): void {
    let data: ArrayBuffer;
    try {
      data = decodeBase64(packet.slice(1));
    } catch (error) {
      return this._owner.failed(error as TautlineError);
    }
    this.binary(data);
  }
}
