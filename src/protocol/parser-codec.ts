import { call, TautlineError, quote } from "../errors.js";
import { nodeBuffer } from "../platform/browser.js";
import { isBinary, sendable } from "./attachments.js";
import type { Codec, Decoder } from "./codec.js";
import type { BinaryData } from "./engine-packet.js";
import { isValid, parseError } from "./packet-decoder.js";
import type { Encoded, PacketType, SocketPacket } from "./socket-packet.js";

/** A parser as the `parser` option takes it, for example `socket.io-msgpack-parser`. */
export interface CustomParser {
  Encoder: new () => { encode(packet: never): unknown };
  /** Made anew for each session, and destroyed with it. */
  Decoder: new () => {
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- emitters are typed in many ways
    on(event: "decoded", listener: (...packet: any[]) => void): unknown;
    /** May emit "decoded" once. */
    add(frame: never): void;
    destroy?(): void;
  };
}

/** A custom parser as a {@link Codec}; what it throws becomes a TautlineError. */
export class ParserCodec implements Codec {
  private readonly _parser: CustomParser;
  private readonly _encoder: InstanceType<CustomParser["Encoder"]>;

  constructor(parser: CustomParser) {
    if (typeof parser.Encoder !== "function" || typeof parser.Decoder !== "function")
      throw new TautlineError("invalid-option", "`parser` takes { Encoder, Decoder }");
    this._parser = parser;
    this._encoder = new parser.Encoder();
  }

  encode(type: PacketType, nsp: string, data?: unknown, id?: number, compress = true): Encoded {
    try {
      const packet: SocketPacket = { type, nsp, data, id, options: { compress } };
      return (this._encoder.encode(packet as never) as unknown[]).map(frameOf);
    } catch (cause) {
      if (cause instanceof TautlineError) throw cause;
      throw new TautlineError("unserializable", "the parser could not encode a packet", {
        cause,
        delivery: "not-sent",
      });
    }
  }

  decoder(): Decoder {
    return new ParserDecoder(this._parser);
  }
}

function frameOf(frame: unknown): string | BinaryData {
  if (typeof frame === "string") return frame;
  if (isBinary(frame as object)) return sendable(frame as BinaryData);
  throw new TypeError(`${quote(frame)} is neither text nor binary data`);
}

class ParserDecoder implements Decoder {
  private readonly _decoder: InstanceType<CustomParser["Decoder"]>;
  private _decoded: SocketPacket | undefined;

  constructor(parser: CustomParser) {
    this._decoder = new parser.Decoder();
    this._decoder.on("decoded", (packet: SocketPacket) => {
      this._decoded = packet;
    });
  }

  text(frame: string, start: number): SocketPacket | undefined {
    return this._add(frame.slice(start));
  }

  binary(data: BinaryData): SocketPacket | undefined {
    return this._add(data);
  }

  destroy(): void {
    call(() => this._decoder.destroy?.(), undefined, []);
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

/** The part behind the `parser` option. */
export function createParserCodec(parser: CustomParser): Codec {
  return new ParserCodec(parser);
}
