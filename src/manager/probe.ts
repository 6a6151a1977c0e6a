import { TautlineError } from "../errors.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import type { Link } from "../socket/link.js";

/** A namespace that no server has; each probe asks for another one. */
const NAMESPACE = "/tautline-probe-";

/** So many names must have been left since one may be entered again. */
const RESTING = 16;

/** Tells that the server has received everything before a probe, or why nobody knows. */
export type ProbeAnswer = (error?: TautlineError) => void;

/**
 * Asks to enter a namespace that does not exist. Every Socket.IO server refuses that, in order, without a handler
 * of the app being involved: so the answer proves that the line is alive, measures how long it is, and is a receipt for
 * everything that was sent before (docs/adr/0010-probe.md).
 */
export class Probes {
  private _count = 0;
  /** Names that were refused, and may be used again at once. */
  private readonly _free: string[] = [];
  /** Names that a catch-all server let us in to: it is still busy with our leaving. */
  private readonly _resting: string[] = [];
  private readonly _waiting = new Map<string, ProbeAnswer>();
  private readonly _link: Link;

  constructor(link: Link) {
    this._link = link;
  }

  /** What to send; `answered` is called once. */
  begin(answered: ProbeAnswer): Encoded {
    // a catch-all server keeps each namespace that was asked for: there should not be too many
    const rested = this._resting.length >= RESTING ? this._resting.shift() : undefined;
    const nsp = this._free.pop() ?? rested ?? NAMESPACE + ++this._count;
    this._waiting.set(nsp, answered);
    return this._link.encode(PacketType.CONNECT, nsp);
  }

  /** True when the packet was the answer to a probe. */
  receive({ type, nsp }: SocketPacket): boolean {
    if (!nsp.startsWith(NAMESPACE)) return false;
    // a catch-all namespace let us in; what it says there is of no interest
    if (type === PacketType.CONNECT)
      this._link.queue(this._link.encode(PacketType.DISCONNECT, nsp), true);
    else if (type !== PacketType.CONNECT_ERROR) return true;
    const answered = this._waiting.get(nsp);
    if (this._waiting.delete(nsp))
      (type === PacketType.CONNECT ? this._resting : this._free).push(nsp);
    answered?.();
    return true;
  }

  /** The connection is gone. */
  lost(): void {
    const waiting = [...this._waiting.values()];
    this._free.push(...this._waiting.keys(), ...this._resting.splice(0));
    this._waiting.clear();
    for (const answered of waiting)
      answered(
        new TautlineError("disconnected", "the connection was lost before the server answered", {
          delivery: "maybe-sent",
        }),
      );
  }
}
