import { TautlineError } from "../errors.js";
import type { ProbeAnswer } from "../pipeline/line.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";

/** A namespace that no server has; each probe asks for another one. */
const NAMESPACE = "/tautline-probe-";

/** So many names must have been left since one may be entered again. */
const RESTING = 16;

/** Sends a packet of the protocol for a namespace. */
type Transmit = (type: PacketType, nsp: string) => void;

/**
 * Asks to enter a namespace that does not exist. Every Socket.IO server refuses that, in order, without a handler of the
 * app being involved: so the answer proves that the line is alive, measures how long it is, and that everything that was
 * sent before has arrived (docs/adr/0010-probe.md). One set of probes belongs to one session.
 */
export class Probes {
  private readonly _transmit: Transmit;
  private _count = 0;
  /** Names that were refused, and may be used again at once. */
  private readonly _free: string[] = [];
  /** Names that a catch-all server let us in to: it is still busy with our leaving. */
  private readonly _resting: string[] = [];
  private readonly _waiting = new Map<string, ProbeAnswer>();

  constructor(transmit: Transmit) {
    this._transmit = transmit;
  }

  /** `answered` is called once. */
  send(answered: ProbeAnswer): void {
    // a catch-all server keeps each namespace that was asked for: there should not be too many
    const rested = this._resting.length >= RESTING ? this._resting.shift() : undefined;
    const nsp = this._free.pop() ?? rested ?? NAMESPACE + ++this._count;
    this._waiting.set(nsp, answered);
    this._transmit(PacketType.CONNECT, nsp);
  }

  /** Takes a packet that is for nobody else. */
  receive({ type, nsp }: SocketPacket): void {
    if (type !== PacketType.CONNECT && type !== PacketType.CONNECT_ERROR) return;
    const answered = this._waiting.get(nsp);
    if (!answered) return;
    this._waiting.delete(nsp);
    // a catch-all namespace let us in; what it says there is of no interest
    const isIn = type === PacketType.CONNECT;
    if (isIn) this._transmit(PacketType.DISCONNECT, nsp);
    (isIn ? this._resting : this._free).push(nsp);
    answered();
  }

  /** The session is over: nothing will be answered. */
  lost(): void {
    const waiting = [...this._waiting.values()];
    this._waiting.clear();
    for (const answered of waiting)
      answered(
        new TautlineError("disconnected", "the connection was lost before the server answered", {
          delivery: "maybe-sent",
        }),
      );
  }
}
