import { type BinaryData, describeFrame, type EngineFrame } from "../protocol/engine-packet.js";
import type { SessionEvents } from "./events.js";

/** Calls the listeners of an engine event. */
export type Announce = <K extends keyof SessionEvents>(
  event: K,
  ...args: SessionEvents[K] extends (...args: infer A) => void ? A : never
) => void;

/** Tells the listeners of a session of its frames. It is only asked when there are any. */
export class FrameAnnouncer {
  private readonly _announce: Announce;
  private _isFlushQueued = false;

  constructor(announce: Announce) {
    this._announce = announce;
  }

  received(frame: string | BinaryData): void {
    const packet = describeFrame(frame);
    if (!packet) return;
    this._announce("packet", packet);
    this._announce("heartbeat");
    if (packet.type !== "message") return;
    this._announce("data", packet.data ?? "");
    this._announce("message", packet.data ?? "");
  }

  sent(frames: readonly EngineFrame[], compress: boolean): void {
    for (const frame of frames) {
      const packet = describeFrame(frame);
      if (packet) this._announce("packetCreate", { ...packet, options: { compress } });
    }
  }

  /** A stream has taken something: that is told at the end of the tick, once. */
  flushed(): void {
    if (this._isFlushQueued) return;
    this._isFlushQueued = true;
    queueMicrotask(() => {
      this._isFlushQueued = false;
      this._announce("flush");
      this._announce("drain");
    });
  }
}
