/** Reads and writes Socket.IO packets as a server does, as strictly as socket.io-parser 4.2. */

/** The frames that are sent together. */
export type Frame = string | Uint8Array;

export enum Type {
  CONNECT,
  DISCONNECT,
  EVENT,
  ACK,
  CONNECT_ERROR,
  BINARY_EVENT,
  BINARY_ACK,
}

export interface WirePacket {
  type: Type;
  nsp: string;
  id: number | undefined;
  data: unknown;
}

/** Names of events that apps must not emit. */
export const RESERVED: readonly string[] = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];
const HEAD = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*)(?:,|$))?(\d*)(.*)$/su;

/** The frames of a packet, without the "4" of a message. */
export function encode(type: Type, nsp: string, data?: unknown, id?: number): Frame[] {
  const attachments: Uint8Array[] = [];
  const json = JSON.stringify(data, function (this: Record<string, unknown>, key, given: unknown) {
    // a Buffer has already become its JSON
    const bytes = bytesIn(this[key]) ?? bytesIn(given);
    return bytes ? { _placeholder: true, num: attachments.push(bytes) - 1 } : given;
  });
  const isBinary = attachments.length > 0;
  const head = isBinary ? `${type + 3}${attachments.length}-` : String(type);
  return [`${head}${nsp === "/" ? "" : nsp + ","}${id ?? ""}${json ?? ""}`, ...attachments];
}

function bytesIn(value: unknown): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (!ArrayBuffer.isView(value)) return undefined;
  return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).slice();
}

export class Decoder {
  private _waiting: { packet: WirePacket; missing: number; got: Uint8Array[] } | undefined;

  /** Undefined while attachments are missing. @throws when the client broke the protocol */
  add(frame: Frame): WirePacket | undefined {
    return typeof frame === "string" ? this._text(frame) : this._binary(frame);
  }

  private _text(frame: string): WirePacket | undefined {
    if (this._waiting) throw new Error("got plaintext data when reconstructing a packet");
    const parts = HEAD.exec(frame);
    if (!parts) throw new Error("unknown packet type");
    const [, digit, count, nsp = "/", id, json] = parts;
    const wireType = Number(digit) as Type;
    const isBinary = wireType >= Type.BINARY_EVENT;
    const missing = Number(count);
    if (isBinary && !(missing >= 1 && missing <= 10)) throw new Error("Illegal attachments");
    const type = isBinary ? wireType - 3 : wireType;
    const data = json ? (JSON.parse(json) as unknown) : undefined;
    if (!isValid(type, data, !!json)) throw new Error("invalid payload");
    const packet = { type, nsp, id: id ? Number(id) : undefined, data };
    if (!isBinary) return packet;
    this._waiting = { packet, missing, got: [] };
    return undefined;
  }

  private _binary(frame: Uint8Array): WirePacket | undefined {
    const waiting = this._waiting;
    if (!waiting) throw new Error("got binary data when not reconstructing a packet");
    waiting.got.push(frame);
    if (waiting.got.length < waiting.missing) return undefined;
    this._waiting = undefined;
    const { packet, got } = waiting;
    return { ...packet, data: JSON.parse(JSON.stringify(packet.data), fill(got)) };
  }
}

const fill =
  (got: Uint8Array[]) =>
  (_key: string, value: unknown): unknown => {
    const { _placeholder, num } = (value ?? {}) as { _placeholder?: boolean; num?: number };
    if (_placeholder !== true) return value;
    const found = got[num as number];
    if (!found) throw new Error("illegal attachments");
    return found;
  };

function isValid(type: Type, data: unknown, hasData: boolean): boolean {
  if (!hasData) return true;
  switch (type) {
    case Type.CONNECT:
      return typeof data === "object" && data !== null && !Array.isArray(data);
    case Type.DISCONNECT:
      return false;
    case Type.CONNECT_ERROR:
      return typeof data === "string" || (typeof data === "object" && data !== null);
    case Type.ACK:
      return Array.isArray(data);
    default: {
      const name: unknown = Array.isArray(data) ? data[0] : undefined;
      return typeof name === "number" || (typeof name === "string" && !RESERVED.includes(name));
    }
  }
}
