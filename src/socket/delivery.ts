import type { TautlineError } from "../errors.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { Link } from "./link.js";
import type { Bounds, Outgoing } from "./outbox.js";

/**
 * What becomes of packets that were sent when the connection dies.
 * "at-most-once": they may be lost. "at-least-once": they are sent again, in order, unless the server surely has them.
 * "exactly-once": the same, and the server drops what it has seen (`tautline/server`).
 */
export type DeliveryMode = "at-most-once" | "at-least-once" | "exactly-once";

/** A receipt is asked for after so many packets.. */
const PACKETS = 64;
/** ..or so many milliseconds.. */
const DELAY = 500;
/** ..and not again sooner than in so many: over HTTP each one costs a request. */
const SPACING = 50;

/**
 * Packets that were sent, until it is sure that the server has them. On one connection packets arrive in order: so an
 * ack, or the answer to a probe, is a receipt for everything that was sent before it.
 */
export class Ledger {
  private readonly _link: Link;
  private readonly _bounds: Bounds;
  private readonly _covered: () => void;
  /** In the order in which they were sent; also what has been forgotten meanwhile. */
  private _uncovered: Outgoing[] = [];
  private readonly _byAck = new Map<number, Outgoing>();
  /** How many packets may come back. */
  size = 0;
  /** About so many bytes they make: a byte a character. */
  bytes = 0;
  /** Of the probe that is under way. */
  private _probing: object | undefined;
  /** When the last receipt was asked for, in milliseconds since the epoch. */
  private _probedAt = -Infinity;
  private _timer: Cancel | undefined;
  /** The timer is the one for what is urgent. */
  private _isSoon = false;

  /**
   * @param bounds - how many packets and bytes may be uncovered
   * @param covered - there is room for more
   */
  constructor(link: Link, bounds: Bounds, covered: () => void) {
    this._link = link;
    this._bounds = bounds;
    this._covered = covered;
  }

  /** One packet is always let through: its receipt makes room. */
  get isFull(): boolean {
    const { maxPackets, maxBytes } = this._bounds;
    return this.size > 0 && (this.size >= maxPackets || this.bytes >= maxBytes);
  }

  /** The packet was handed to the connection. */
  sent(packet: Outgoing): void {
    this._uncovered.push(packet);
    this.size++;
    this.bytes += weight(packet);
    packet.stage = "uncovered";
    if (packet.id !== undefined) this._byAck.set(packet.id, packet);
    if (!this._probing) this._plan();
  }

  /** The server answered this ack: it has the packet, and all that were sent before. */
  answered(id: number): void {
    const packet = this._byAck.get(id);
    if (packet) this.cover(packet);
  }

  /** The packet has arrived, and with it all that were sent before it. */
  cover(last: Outgoing): void {
    if (!isUncovered(last)) return;
    let count = 0;
    for (const packet of this._uncovered) {
      count++;
      if (isUncovered(packet)) this._remove(packet);
      if (packet === last) break;
    }
    this._uncovered.splice(0, count);
    this._shrunk();
  }

  /** Nobody wants this packet any more. */
  forget(packet: Outgoing): void {
    if (!isUncovered(packet)) return;
    this._remove(packet);
    this._shrunk();
  }

  withAck(id: number): Outgoing | undefined {
    return this._byAck.get(id);
  }

  /** The connection is gone: gives back what has to be sent again, in order. */
  lost(): Outgoing[] {
    const packets = this._uncovered.filter(isUncovered);
    for (const packet of packets) packet.stage = "sent";
    this._uncovered = [];
    this._byAck.clear();
    this.size = this.bytes = 0;
    this._probing = undefined;
    this._rest();
    return packets;
  }

  private _remove(packet: Outgoing): void {
    this.size--;
    this.bytes -= weight(packet);
    packet.stage = "sent";
    if (packet.id !== undefined) this._byAck.delete(packet.id);
    packet.left?.();
  }

  private _shrunk(): void {
    if (!this.size) {
      this._uncovered.length = 0;
      this._rest();
    }
    this._covered();
  }

  private _rest(): void {
    this._timer?.();
    this._timer = undefined;
    this._isSoon = false;
  }

  /** When to ask for the next receipt. */
  private _plan(): void {
    const { timers } = this._link;
    if (this.isFull) return this._probe();
    if (this._isSoon) return;
    if (this.size < PACKETS) {
      this._timer ??= timers.after(DELAY, () => this._probe());
      return;
    }
    const wait = this._probedAt + SPACING - monotonicNow();
    if (wait <= 0 || wait > SPACING) return this._probe();
    this._rest();
    this._isSoon = true;
    this._timer = timers.after(wait, () => this._probe());
  }

  private _probe(): void {
    this._rest();
    // the newest that nobody has forgotten
    const sent = this._uncovered;
    while (sent.length && !isUncovered(sent[sent.length - 1])) sent.pop();
    const last = sent[sent.length - 1];
    if (!last) return;
    const probe = (this._probing = {});
    this._probedAt = monotonicNow();
    const encoded = this._link.probe((error?: TautlineError) => {
      // when it is lost, or the namespace was left meanwhile, everything was given back
      if (error || probe !== this._probing) return;
      this._probing = undefined;
      this.cover(last);
      if (this.size && !this._probing) this._plan();
    });
    this._link.queue(encoded, true);
  }
}

function isUncovered(packet: Outgoing | undefined): boolean {
  return packet?.stage === "uncovered";
}

function weight({ encoded, bytes }: Outgoing): number {
  return typeof encoded === "string" ? encoded.length : bytes;
}
