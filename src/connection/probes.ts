import { TautlineError } from "../errors.js";
import type { ProbeAnswer } from "../pipeline/line.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";

/** A namespace that no server has; each probe asks for another one. */
export const PROBE_NAMESPACE = "/tautline-probe-";

/** Sends a packet of the protocol for a namespace. */
type Transmit = (type: PacketType, nsp: string) => void;

/**
 * Asks to enter a namespace that does not exist. Every Socket.IO server refuses that, in order, without a handler of the
 * app being involved: so the answer proves that the line is alive, measures how long it is, and that everything that was
 * sent before has arrived (docs/adr/0010-probe.md). One set of probes belongs to one session.
 */
export class Probes {
  /** So many packets of the app the server is known to have. */
  confirmed = 0;
  private readonly _transmit: Transmit;
  private _count = 0;
  /** Names that may be used. */
  private readonly _free: string[] = [];
  /** Names that a catch-all server let us in to: until a later probe is answered it may still be busy with our leaving. */
  private _resting: string[] = [];
  /** By name: who asks, and which names are free with the answer. */
  private readonly _waiting = new Map<string, [answered: ProbeAnswer, rested: string[]]>();

  constructor(transmit: Transmit) {
    this._transmit = transmit;
  }

  /**
   * @param answered - called once
   * @param handedOver - how many packets of the app the session has taken
   */
  send(answered: ProbeAnswer, handedOver = 0): void {
    // a catch-all server keeps each namespace that was entered: reuse names
    const nsp = this._free.pop() ?? PROBE_NAMESPACE + ++this._count;
    const confirm: ProbeAnswer = (error) => {
      if (error) return answered(error);
      this.confirmed = handedOver;
      answered();
    };
    this._waiting.set(nsp, [confirm, this._resting]);
    this._resting = [];
    this._transmit(PacketType.CONNECT, nsp);
  }

  /** Takes a packet that belongs to no channel. */
  receive({ type, nsp }: SocketPacket): void {
    if (type !== PacketType.CONNECT && type !== PacketType.CONNECT_ERROR) return;
    const waiting = this._waiting.get(nsp);
    if (!waiting) return;
    const [answered, rested] = waiting;
    this._waiting.delete(nsp);
    this._free.push(...rested);
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
    for (const [answered] of waiting)
      answered(
        new TautlineError("disconnected", "the connection was lost before the server answered", {
          delivery: "maybe-sent",
        }),
      );
  }
}
