import { Emitter } from "../emitter.js";
import { describeFrame, type EngineFrame } from "../protocol/engine-packet.js";
import { binaryLength } from "../protocol/engine-payload.js";
import type { SessionEvents } from "./events.js";
import type { Traffic } from "./traffic.js";

/** A session as others observe it: its events, and how much went over it. */
export abstract class Observed extends Emitter<SessionEvents> {
  /** What went over it so far. */
  readonly traffic: Traffic = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
  /** Somebody listens to what is sent. */
  protected isAnnounced = false;
  /** Somebody listens to what is received. */
  private _isHeard = false;

  protected override listenersChanged(): void {
    this._isHeard =
      this.hasListeners("packet") ||
      this.hasListeners("data") ||
      this.hasListeners("message") ||
      this.hasListeners("heartbeat");
    this.isAnnounced =
      this.hasListeners("packetCreate") || this.hasListeners("flush") || this.hasListeners("drain");
  }

  /** A frame has come in. */
  protected received(frame: EngineFrame): void {
    const { traffic } = this;
    traffic.packetsIn++;
    traffic.bytesIn += sizeOf(frame);
    const packet = this._isHeard ? describeFrame(frame) : undefined;
    if (!packet) return;
    this.announce("packet", packet);
    this.announce("heartbeat");
    if (packet.type !== "message") return;
    this.announce("data", packet.data ?? "");
    this.announce("message", packet.data ?? "");
  }

  /** A frame is written. */
  protected sent(frame: EngineFrame, compress: boolean): void {
    const { traffic } = this;
    traffic.packetsOut++;
    traffic.bytesOut += sizeOf(frame);
    const packet = this.isAnnounced ? describeFrame(frame) : undefined;
    if (packet) this.announce("packetCreate", { ...packet, options: { compress } });
  }
}

/** Text counts a byte a character. */
function sizeOf(frame: EngineFrame): number {
  return typeof frame === "string" ? frame.length : binaryLength(frame);
}
