import type { TautlineError } from "../errors.js";
import { decodeBase64 } from "../protocol/base64.js";
import type { Decoder } from "../protocol/codec.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import { parseError } from "../protocol/packet-decoder.js";
import type { SocketPacket } from "../protocol/socket-packet.js";

/** What comes of the frames of a session. */
export interface ReaderOwner {
  /** An engine packet, whatever it is. */
  received(frame: string | BinaryData): void;
  /** A Socket.IO packet is complete. */
  packet(packet: SocketPacket): void;
  pinged(): void;
  /** The server says goodbye. */
  left(): void;
  /** Nothing can be made of it. */
  failed(error: TautlineError): void;
}

const CLOSE = 49;
const PING = 50;
const PONG = 51;
const MESSAGE = 52;
const UPGRADE = 53;
const NOOP = 54;
/** "b" */
const BASE64 = 98;

/** Reads the frames of one session, with a decoder that no other session has. */
export class FrameReader {
  /** Engine packets so far. */
  heard = 0;
  private readonly _decoder: Decoder;
  private readonly _owner: ReaderOwner;

  constructor(decoder: Decoder, owner: ReaderOwner) {
    this._decoder = decoder;
    this._owner = owner;
  }

  text(packet: string): void {
    const type = packet.charCodeAt(0);
    if (type === BASE64) return this._base64(packet);
    this.heard++;
    this._owner.received(packet);
    switch (type) {
      case MESSAGE:
        return this.message(packet);
      case PING:
        return this._owner.pinged();
      case CLOSE:
        return this._owner.left();
      case PONG:
      case UPGRADE:
      case NOOP:
        return;
      default:
        this._owner.failed(parseError(packet, "not an engine packet of an open session"));
    }
  }

  binary(data: BinaryData): void {
    this.heard++;
    this._owner.received(data);
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

  /** No frame follows. */
  destroy(): void {
    this._decoder.destroy();
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
