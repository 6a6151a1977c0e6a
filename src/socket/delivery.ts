import type { TautlineError } from "../errors.js";
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
  readonly #link: Link;
  readonly #bounds: Bounds;
  readonly #covered: () => void;
  /** In the order in which they were sent; also what has been forgotten meanwhile. */
  #uncovered: Outgoing[] = [];
  readonly #byAck = new Map<number, Outgoing>();
  /** How many packets may come back. */
  size = 0;
  /** About so many bytes they make: a byte a character. */
  bytes = 0;
  /** Of the probe that is under way. */
  #probing: object | undefined;
  /** When the last receipt was asked for, in milliseconds since the epoch. */
  #probedAt = 0;
  #timer: Cancel | undefined;
  /** The timer is the one for what is urgent. */
  #isSoon = false;

  /**
   * @param bounds - how many packets and bytes may be uncovered
   * @param covered - there is room for more
   */
  constructor(link: Link, bounds: Bounds, covered: () => void) {
    this.#link = link;
    this.#bounds = bounds;
    this.#covered = covered;
  }

  /** One packet is always let through: its receipt makes room. */
  get isFull(): boolean {
    const { maxPackets, maxBytes } = this.#bounds;
    return this.size > 0 && (this.size >= maxPackets || this.bytes >= maxBytes);
  }

  /** The packet was handed to the connection. */
  sent(packet: Outgoing): void {
    this.#uncovered.push(packet);
    this.size++;
    this.bytes += weight(packet);
    packet.stage = "uncovered";
    if (packet.id !== undefined) this.#byAck.set(packet.id, packet);
    if (!this.#probing) this.#plan();
  }

  /** The server answered this ack: it has the packet, and all that were sent before. */
  answered(id: number): void {
    const packet = this.#byAck.get(id);
    if (packet) this.cover(packet);
  }

  /** The packet has arrived, and with it all that were sent before it. */
  cover(last: Outgoing): void {
    if (!isUncovered(last)) return;
    let count = 0;
    for (const packet of this.#uncovered) {
      count++;
      if (isUncovered(packet)) this.#remove(packet);
      if (packet === last) break;
    }
    this.#uncovered.splice(0, count);
    this.#shrunk();
  }

  /** Nobody wants this packet any more. */
  forget(packet: Outgoing): void {
    if (!isUncovered(packet)) return;
    this.#remove(packet);
    this.#shrunk();
  }

  withAck(id: number): Outgoing | undefined {
    return this.#byAck.get(id);
  }

  /** The connection is gone: gives back what has to be sent again, in order. */
  lost(): Outgoing[] {
    const packets = this.#uncovered.filter(isUncovered);
    for (const packet of packets) packet.stage = "sent";
    this.#uncovered = [];
    this.#byAck.clear();
    this.size = this.bytes = 0;
    this.#probing = undefined;
    this.#rest();
    return packets;
  }

  #remove(packet: Outgoing): void {
    this.size--;
    this.bytes -= weight(packet);
    packet.stage = "sent";
    if (packet.id !== undefined) this.#byAck.delete(packet.id);
    packet.left?.();
  }

  #shrunk(): void {
    if (!this.size) {
      this.#uncovered.length = 0;
      this.#rest();
    }
    this.#covered();
  }

  #rest(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#isSoon = false;
  }

  /** When to ask for the next receipt. */
  #plan(): void {
    const { timers } = this.#link;
    if (this.isFull) return this.#probe();
    if (this.#isSoon) return;
    if (this.size < PACKETS) {
      this.#timer ??= timers.after(DELAY, () => this.#probe());
      return;
    }
    const wait = this.#probedAt + SPACING - Date.now();
    if (wait <= 0 || wait > SPACING) return this.#probe();
    this.#rest();
    this.#isSoon = true;
    this.#timer = timers.after(wait, () => this.#probe());
  }

  #probe(): void {
    this.#rest();
    // the newest that nobody has forgotten
    const sent = this.#uncovered;
    while (sent.length && !isUncovered(sent[sent.length - 1])) sent.pop();
    const last = sent[sent.length - 1];
    if (!last) return;
    const probe = (this.#probing = {});
    this.#probedAt = Date.now();
    const encoded = this.#link.probe((error?: TautlineError) => {
      // when it is lost, or the namespace was left meanwhile, everything was given back
      if (error || probe !== this.#probing) return;
      this.#probing = undefined;
      this.cover(last);
      if (this.size && !this.#probing) this.#plan();
    });
    this.#link.queue(encoded, true);
  }
}

function isUncovered(packet: Outgoing | undefined): boolean {
  return packet?.stage === "uncovered";
}

function weight({ encoded, bytes }: Outgoing): number {
  return typeof encoded === "string" ? encoded.length : bytes;
}
