import type { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import type { Link } from "./link.js";
import type { Outgoing } from "./outbox.js";

/**
 * What becomes of packets that were sent when the connection dies.
 * "at-most-once": they may be lost. "at-least-once": they are sent again, in order, unless the server surely has them.
 * "exactly-once": the same, and the server drops what it has seen (`tautline/server`).
 */
export type DeliveryMode = "at-most-once" | "at-least-once" | "exactly-once";

/** A receipt is asked for after so many packets.. */
const PACKETS = 64;
/** ..or so many milliseconds. */
const DELAY = 500;

/**
 * Packets that were sent, until it is sure that the server has them. On one connection packets arrive in order: so an
 * ack, or the answer to a probe, is a receipt for everything that was sent before it.
 */
export class Ledger {
  readonly #link: Link;
  readonly #covered: () => void;
  readonly #uncovered = new Set<Outgoing>();
  readonly #byAck = new Map<number, Outgoing>();
  /** Bytes of what may come back. */
  bytes = 0;
  /** Of the probe that is under way. */
  #probing: object | undefined;
  #timer: Cancel | undefined;

  /** @param covered - there is room for more */
  constructor(link: Link, covered: () => void) {
    this.#link = link;
    this.#covered = covered;
  }

  get size(): number {
    return this.#uncovered.size;
  }

  /** The packet was handed to the connection. */
  sent(packet: Outgoing): void {
    this.#uncovered.add(packet);
    this.bytes += packet.bytes;
    packet.uncovered = true;
    if (packet.id !== undefined) this.#byAck.set(packet.id, packet);
    if (this.#probing) return;
    if (this.#uncovered.size >= PACKETS) this.#probe();
    else this.#timer ??= this.#link.timers.after(DELAY, () => this.#probe());
  }

  /** The server answered this ack: it has the packet, and all that were sent before. */
  answered(id: number): void {
    const packet = this.#byAck.get(id);
    if (packet) this.cover(packet);
  }

  /** The packet has arrived, and with it all that were sent before it. */
  cover(last: Outgoing): void {
    if (!this.#uncovered.has(last)) return;
    for (const packet of this.#uncovered) {
      this.#remove(packet);
      if (packet === last) break;
    }
    this.#shrunk();
  }

  /** Nobody wants this packet any more. */
  forget(packet: Outgoing): void {
    if (!this.#uncovered.has(packet)) return;
    this.#remove(packet);
    this.#shrunk();
  }

  withAck(id: number): Outgoing | undefined {
    return this.#byAck.get(id);
  }

  /** The connection is gone: gives back what has to be sent again, in order. */
  lost(): Outgoing[] {
    const packets = [...this.#uncovered];
    for (const packet of packets) packet.uncovered = false;
    this.#uncovered.clear();
    this.#byAck.clear();
    this.bytes = 0;
    this.#probing = undefined;
    this.#rest();
    return packets;
  }

  #remove(packet: Outgoing): void {
    this.#uncovered.delete(packet);
    this.bytes -= packet.bytes;
    packet.uncovered = false;
    if (packet.id !== undefined) this.#byAck.delete(packet.id);
    packet.left?.();
  }

  #shrunk(): void {
    if (!this.#uncovered.size) this.#rest();
    this.#covered();
  }

  #rest(): void {
    this.#timer?.();
    this.#timer = undefined;
  }

  #probe(): void {
    this.#rest();
    let last: Outgoing | undefined;
    for (const packet of this.#uncovered) last = packet;
    if (!last) return;
    const probe = (this.#probing = {});
    const receipt = last;
    const encoded = this.#link.probe((error?: TautlineError) => {
      // when it is lost, or the namespace was left meanwhile, everything was given back
      if (error || probe !== this.#probing) return;
      this.#probing = undefined;
      this.cover(receipt);
      const { size } = this.#uncovered;
      if (size >= PACKETS) this.#probe();
      else if (size) this.#timer ??= this.#link.timers.after(DELAY, () => this.#probe());
    });
    this.#link.queue(encoded, true);
  }
}
