import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { Deadline, Deadlines } from "./deadlines.js";
import type { Packet } from "./packet.js";

class PacketDeadline extends Deadline {
  constructor(readonly packet: Packet) {
    super();
  }
}

/** A packet whose time to live is over, or which was aborted. */
export interface LifetimeOwner {
  expire(packet: Packet): void;
  abort(packet: Packet): void;
}

/** The times to live and the abort signals of packets. */
export class Lifetimes {
  private readonly _owner: LifetimeOwner;
  private readonly _timers: Timers;
  private readonly _deadlines: Deadlines<PacketDeadline>;

  constructor(timers: Timers, owner: LifetimeOwner) {
    this._owner = owner;
    this._timers = timers;
    this._deadlines = new Deadlines(timers, ({ packet }) => owner.expire(packet));
  }

  /**
   * Watches over a packet.
   *
   * @returns what ends that
   */
  watch(packet: Packet, ttl: number, signal: AbortSignal | undefined): Cancel {
    const deadline = new PacketDeadline(packet);
    if (ttl < Infinity) {
      packet.expiresAt = this._timers.now() + ttl;
      this._deadlines.add(deadline, ttl);
    }
    const stop = listenTo(signal, "abort", () => this._owner.abort(packet));
    return () => {
      deadline.cancel();
      this._deadlines.release();
      stop();
    };
  }

  /** True when it has ended with this: a timer that was frozen with its page comes too late, and so may a listener. */
  end(packet: Packet): boolean {
    const { expiresAt, options } = packet;
    if (expiresAt !== undefined && expiresAt <= this._timers.now()) this._owner.expire(packet);
    else if (options.signal?.aborted) this._owner.abort(packet);
    return packet.state === "ended";
  }
}
