import { TautlineError } from "../errors.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { advance, type Packet } from "../pipeline/packet.js";
import type { Delivery, DeliveryPolicy, PolicyHost } from "../pipeline/policy.js";

/** The server is asked what it has after so many packets.. */
const PACKETS = 64;
/** ..or so many milliseconds.. */
const DELAY = 500;
/** ..and not again sooner than in so many: over HTTP each question costs a request. */
const SPACING = 50;

/** Only a connection that dies within so many milliseconds may have died of a packet. */
const DIRECTLY = 3000;
/** From so much evidence against a packet on, it is sent alone.. */
const SUSPECT = 8;
/** ..and with so much it is given up: the server closed 6 times behind it, or the line died 24 times. */
const GUILTY = 24;
/** What a close by the server weighs; a line that just died weighs 1. */
const CLOSED = 4;

/**
 * Packets that were sent, until it is sure that the server has them. On one connection packets arrive in order: so an
 * answered ack, or an answered probe, proves that everything sent before has arrived. The rest is sent again when the
 * connection dies.
 */
export class AtLeastOnce implements DeliveryPolicy {
  protected readonly host: PolicyHost;
  /** In the order in which they were sent, with the number of each. */
  private readonly _unacked = new Map<Packet, number>();
  private readonly _byAck = new Map<number, Packet>();
  private _count = 0;
  /** About so many bytes they make: a byte a character. */
  private _bytes = 0;
  /** Of the probe that is under way. */
  private _probe: object | undefined;
  /** When the last one was sent. */
  private _probedAt = -Infinity;
  private _timer: Cancel | undefined;
  private _isTimerShort = false;
  /** Behind which packet the connection died, and what that weighs. */
  private _suspect: Packet | undefined;
  private _evidence = 0;
  private _sentAt = 0;

  constructor(host: PolicyHost) {
    this.host = host;
  }

  /** One packet is always let through: its ack makes room. */
  get isOpen(): boolean {
    const { maxPackets, maxBytes } = this.host.bounds;
    const limit = this._evidence < SUSPECT ? maxPackets : 1;
    const { size } = this._unacked;
    return !size || (size < limit && this._bytes < maxBytes);
  }

  sent(packet: Packet): void {
    if (!this._unacked.size) this._sentAt = monotonicNow();
    this._unacked.set(packet, ++this._count);
    this._bytes += weight(packet);
    if (packet.id !== undefined) this._byAck.set(packet.id, packet);
    if (!this._probe) this._plan();
  }

  answered(id: number): void {
    const packet = this._byAck.get(id);
    if (!packet) return;
    this._received(this._unacked.get(packet) ?? 0);
    advance(packet, "answered");
  }

  find(id: number): Packet | undefined {
    return this._byAck.get(id);
  }

  ended(packet: Packet): void {
    if (this._forget(packet)) this._shrunk();
  }

  mark(): () => void {
    const count = this._count;
    return () => this._received(count);
  }

  lost(reason: CloseReason | undefined, details: CloseDetails): Packet[] {
    if (reason) this._blame(reason, details);
    const packets = [...this._unacked.keys()];
    this._unacked.clear();
    this._byAck.clear();
    this._bytes = 0;
    this._probe = undefined;
    this._rest();
    return packets;
  }

  /** A packet of which the connection dies again and again must not take everything behind it along. */
  private _blame(reason: CloseReason, details: CloseDetails): void {
    const unacked = [...this._unacked.keys()];
    const [first] = unacked;
    if (!first) return;
    if (isTooLarge(details)) {
      const largest = unacked.reduce((a, b) => (weight(b) > weight(a) ? b : a));
      return this.host.fail(
        largest,
        new TautlineError("too-large", "the server refuses packets of this size"),
      );
    }
    if (first !== this._suspect) this._evidence = 0;
    this._suspect = first;
    if (monotonicNow() - this._sentAt < DIRECTLY)
      this._evidence += isClosedByServer(reason, details) ? CLOSED : 1;
    if (this._evidence < GUILTY) return;
    this._evidence = 0;
    this.host.fail(
      first,
      new TautlineError(
        "undeliverable",
        "the connection died again and again directly behind this packet",
      ),
    );
  }

  /** All packets up to this number have arrived. */
  private _received(count: number): void {
    for (const [packet, number] of this._unacked) {
      if (number > count) break;
      this._forget(packet);
      advance(packet, "received");
      if (packet === this._suspect) this._evidence = 0;
    }
    this._shrunk();
  }

  private _forget(packet: Packet): boolean {
    if (!this._unacked.delete(packet)) return false;
    this._bytes -= weight(packet);
    if (packet.id !== undefined) this._byAck.delete(packet.id);
    return true;
  }

  private _shrunk(): void {
    if (!this._unacked.size) this._rest();
    this.host.flush();
  }

  private _rest(): void {
    this._timer?.();
    this._timer = undefined;
    this._isTimerShort = false;
  }

  /** When to ask the server next. */
  private _plan(): void {
    const { timers } = this.host;
    if (!this.isOpen) return this._ask();
    if (this._isTimerShort) return;
    if (this._unacked.size < PACKETS) {
      this._timer ??= timers.after(DELAY, () => this._ask());
      return;
    }
    const wait = this._probedAt + SPACING - monotonicNow();
    if (wait <= 0 || wait > SPACING) return this._ask();
    this._rest();
    this._isTimerShort = true;
    this._timer = timers.after(wait, () => this._ask());
  }

  private _ask(): void {
    this._rest();
    if (!this._unacked.size) return;
    const probe = (this._probe = {});
    const received = this.mark();
    this._probedAt = monotonicNow();
    this.host.probe((error) => {
      // when it is lost, or the namespace was left meanwhile, everything was given back
      if (error || probe !== this._probe) return;
      this._probe = undefined;
      received();
      if (this._unacked.size && !this._probe) this._plan();
    });
  }
}

function isTooLarge(details: CloseDetails): boolean {
  return (details as { code?: unknown } | undefined)?.code === "too-large";
}

/** Not by a network that broke: a WebSocket says so with a close frame, polling with a packet or an HTTP status. */
function isClosedByServer(reason: CloseReason, details: CloseDetails): boolean {
  const { context, description } = (details ?? {}) as {
    context?: { wasClean?: boolean };
    description?: unknown;
  };
  if (reason === "transport close") return !context || context.wasClean === true;
  return typeof description === "number" && description > 0;
}

function weight({ encoded, bytes }: Packet): number {
  return typeof encoded === "string" ? encoded.length : bytes;
}

/**
 * Packets that were sent and not acked when the connection dies are sent again, in order. They may arrive twice.
 *
 * @example io(url, { delivery: atLeastOnce() })
 */
export function atLeastOnce(): Delivery {
  return { createPolicy: (host) => new AtLeastOnce(host) };
}
