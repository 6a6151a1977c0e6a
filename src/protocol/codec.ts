import { TautlineError, quote } from "../errors.js";
import { nodeBuffer } from "../platform/browser.js";
import type { BinaryData } from "./engine-packet.js";
import { isValid, PacketDecoder, parseError } from "./packet-decoder.js";
import { encodePacket } from "./packet-encoder.js";
import type { Encoded, PacketType, SocketPacket } from "./socket-packet.js";

/** How Socket.IO packets are written and read. */
export interface Codec {
  /** @throws TautlineError when the data can't be written */
  encode(type: PacketType, nsp: string, data?: unknown, id?: number, compress?: boolean): Encoded;
  /** A text frame, from `start` on. Undefined while more frames are needed. */
  text(frame: string, start: number): SocketPacket | undefined;
  binary(data: BinaryData): SocketPacket | undefined;
  /** Forgets what was begun. */
  reset(): void;
}

/** A parser as the `parser` option takes it, for example `socket.io-msgpack-parser`. */
export interface CustomParser {
  Encoder: new () => { encode(packet: never): unknown };
  Decoder: new () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- emitters are typed in many ways
    on(event: "decoded", listener: (...packet: any[]) => void): unknown;
    /** May emit "decoded" once. */
    add(frame: never): void;
    destroy?(): void;
  };
}

/** The protocol's own codec: JSON with attachments. */
export class DefaultCodec extends PacketDecoder implements Codec {
  encode(type: PacketType, nsp: string, data?: unknown, id?: number): Encoded {
    return encodePacket(type, nsp, data, id);
  }
}

/** A custom parser as a {@link Codec}; what it throws becomes a TautlineError. */
export class ParserCodec implements Codec {
  private readonly _encoder: InstanceType<CustomParser["Encoder"]>;
  private readonly _decoder: InstanceType<CustomParser["Decoder"]>;
  private _decoded: SocketPacket | undefined;

  constructor(parser: CustomParser) {
    this._encoder = new parser.Encoder();
    this._decoder = new parser.Decoder();
    this._decoder.on("decoded", (packet: SocketPacket) => {
      this._decoded = packet;
    });
  }

  encode(type: PacketType, nsp: string, data?: unknown, id?: number, compress = true): Encoded {
    try {
      const packet: SocketPacket = { type, nsp, data, id, options: { compress } };
      return this._encoder.encode(packet as never) as Exclude<Encoded, string>;
    } catch (cause) {
      throw new TautlineError("unserializable", "the parser could not encode a packet", { cause });
    }
  }

  text(frame: string, start: number): SocketPacket | undefined {
    return this._add(frame.slice(start));
  }

  binary(data: BinaryData): SocketPacket | undefined {
    return this._add(data);
  }

  reset(): void {
    this._decoder.destroy?.();
  }

  private _add(frame: string | BinaryData): SocketPacket | undefined {
    this._decoded = undefined;
    const shown = typeof frame === "string" ? frame : "(binary)";
    try {
      this._decoder.add(nodeBuffer(frame) as never);
    } catch (cause) {
      throw parseError(shown, "the parser refuses it", cause);
    }
    const packet = this._decoded as SocketPacket | undefined;
    if (!packet) return undefined;
    const { nsp, id } = packet;
    if (typeof nsp !== "string" || !(id == null || typeof id === "number") || !isValid(packet))
      throw parseError(
        shown,
        `the parser made an illegal packet of it: ${quote(JSON.stringify(packet))}`,
      );
    return packet;
  }
}
