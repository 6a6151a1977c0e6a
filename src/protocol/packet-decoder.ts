import { TautlineError, quote } from "../errors.js";
import { reattach } from "./attachments.js";
import type { Decoder } from "./codec.js";
import type { BinaryData } from "./engine-packet.js";
import { MAX_ATTACHMENTS } from "./packet-encoder.js";
import { PacketType, isReservedEvent, type SocketPacket } from "./socket-packet.js";

const COMMA = 44;
const DASH = 45;
const SLASH = 47;
const ZERO = 48;
const NINE = 57;

/** Frames -> packets. Stateful only while the attachments of a packet are still coming. */
export class PacketDecoder implements Decoder {
  private readonly _maxAttachments: number;
  private _pending:
    { packet: SocketPacket; missing: number; attachments: BinaryData[] } | undefined;

  constructor(maxAttachments = MAX_ATTACHMENTS) {
    this._maxAttachments = maxAttachments;
  }

  /**
   * A text frame, from `start` on. Undefined while attachments are missing.
   *
   * @throws TautlineError `parse-error`, quoting what was wrong
   */
  text(frame: string, start = 0): SocketPacket | undefined {
    if (this._pending) throw parseError(frame, "an attachment was due");
    let at = start;
    const type = (frame.charCodeAt(at++) - ZERO) as PacketType;
    if (!(type >= PacketType.CONNECT && type <= PacketType.BINARY_ACK))
      throw parseError(frame, "unknown packet type");
    let missing = 0;
    if (type >= PacketType.BINARY_EVENT) {
      for (; isDigit(frame.charCodeAt(at)); at++)
        missing = missing * 10 + frame.charCodeAt(at) - ZERO;
      if (frame.charCodeAt(at++) !== DASH || !(missing > 0 && missing <= this._maxAttachments))
        throw parseError(frame, "illegal number of attachments");
    }
    let nsp = "/";
    if (frame.charCodeAt(at) === SLASH) {
      const end = frame.indexOf(",", at);
      nsp = end < 0 ? frame.slice(at) : frame.slice(at, end);
      at = end < 0 ? frame.length : end + 1;
    } else if (frame.charCodeAt(at) === COMMA) at++;
    let id: number | undefined;
    for (; isDigit(frame.charCodeAt(at)); at++) id = (id ?? 0) * 10 + frame.charCodeAt(at) - ZERO;
    const packet = { type, nsp, id, data: at < frame.length ? parse(frame, at) : undefined };
    if (!isValid(packet)) throw parseError(frame, "illegal payload");
    if (!missing) return packet;
    packet.type = type === PacketType.BINARY_EVENT ? PacketType.EVENT : PacketType.ACK;
    this._pending = { packet, missing, attachments: [] };
    return undefined;
  }

  /**
   * A binary frame. Undefined while more attachments are missing.
   *
   * @throws TautlineError `parse-error`
   */
  binary(data: BinaryData): SocketPacket | undefined {
    const pending = this._pending;
    if (!pending) throw parseError("(binary)", "no attachment was due");
    pending.attachments.push(data);
    if (pending.attachments.length < pending.missing) return undefined;
    this._pending = undefined;
    try {
      reattach(pending.packet.data, pending.attachments);
    } catch {
      throw parseError("(binary)", "illegal attachments");
    }
    return pending.packet;
  }

  /** Forgets a packet whose attachments will not come any more. */
  destroy(): void {
    this._pending = undefined;
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function parse(frame: string, at: number): unknown {
  try {
    return JSON.parse(frame.slice(at));
  } catch {
    throw parseError(frame, "illegal JSON");
  }
}

/** Whether the data fits the type. Packets of custom parsers are checked too. */
export function isValid({ type, data }: SocketPacket): boolean {
  switch (type) {
    case PacketType.CONNECT:
      return data === undefined || isObject(data);
    case PacketType.DISCONNECT:
      return data === undefined;
    case PacketType.CONNECT_ERROR:
      return typeof data === "string" || isObject(data);
    case PacketType.EVENT:
    case PacketType.BINARY_EVENT:
      return (
        Array.isArray(data) &&
        (typeof data[0] === "number" || (typeof data[0] === "string" && !isReservedEvent(data[0])))
      );
    case PacketType.ACK:
    case PacketType.BINARY_ACK:
      return Array.isArray(data);
    default:
      return false;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseError(frame: string, problem: string, cause?: unknown): TautlineError {
  return new TautlineError("parse-error", `the server sent ${quote(frame)}: ${problem}`, { cause });
}
