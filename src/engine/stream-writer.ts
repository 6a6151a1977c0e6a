import type { EngineFrame } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { Transport } from "../transports/transport.js";
import { framesOf, type Writer } from "./writer.js";

const NONE: readonly EngineFrame[] = [];

/** Writes straight to a transport that takes frames at any time. */
export class StreamWriter implements Writer {
  readonly frames = NONE;
  readonly bytes = 0;
  readonly hasRoom = true;
  readonly isIdle = true;
  private readonly _transport: Transport;

  constructor(transport: Transport) {
    this._transport = transport;
  }

  transmit(encoded: Encoded, isUrgent: boolean): boolean {
    const transport = this._transport;
    if (!isUrgent && !transport.writable) return false;
    if (typeof encoded === "string") return transport.send(EnginePacketType.message + encoded);
    return framesOf(encoded).every((frame) => transport.send(frame));
  }

  write(frame: EngineFrame): boolean {
    return this._transport.send(frame);
  }

  discard(): void {}

  flush(): void {}
}
