import type { Cancel } from "../platform/platform.js";
import {
  type CloseDetails,
  type CloseReason,
  type DisconnectDescription,
  HOST_GONE,
  PAGE_LEFT,
  PAGE_PUT_AWAY,
} from "../protocol/close-reason.js";
import { advance, encodedBytes, type Packet } from "../pipeline/packet.js";
import type { Delivery, DeliveryPolicy, PolicyHost } from "../pipeline/policy.js";

/** The server is asked what it has after so many packets.. */
const PACKETS = 64;
/** ..or so many milliseconds.. */
const DELAY = 500;
/** ..and not again sooner than in so many: over HTTP each question costs a request. */
const SPACING = 50;

/** Only a connection that dies within so many milliseconds may have died of a packet. */
const DIRECTLY = 3000;
/**
 * How a connection ended, as evidence against a packet: it broke, the server closed it, or the server reported a packet
 * as too large.
 */
const DIED = 1;
const CLOSED = 2;
const TOO_LARGE = 3;
/** From so much evidence on, packets are sent one by one, and twice as many at a time with each that arrives.. */
const SUSPICIOUS = 3;
/** ..and with so much against one that was sent alone, that is given up. */
const GUILTY = 6;
/** When this many have arrived at a time, no packet is suspected any more. */
const TRUSTED = 1024;
/** No server refuses packets of fewer bytes for their size. */
const SMALL = 1024;

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
  /** The first packet that was not received when the connection died, and the evidence against it. */
  private _suspect: Packet | undefined;
  private _evidence = 0;
  /** How many packets may be under way. */
  private _window = Infinity;
  private _sentAt = 0;

  constructor(host: PolicyHost) {
    this.host = host;
  }

  /** One packet is always let through: its ack makes room. */
  get isOpen(): boolean {
    const { maxPackets, maxBytes } = this.host.bounds;
    const { size } = this._unacked;
    return !size || (size < Math.min(maxPackets, this._window) && this._bytes < maxBytes);
  }

  sent(packet: Packet): void {
    if (!this._unacked.size) this._sentAt = this.host.timers.now();
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
    const [first] = this._unacked.keys();
    if (!first || this.host.timers.now() - this._sentAt >= DIRECTLY) return;
    // a close by this side is not evidence
    if (reason === "forced close" || details === PAGE_PUT_AWAY || details === PAGE_LEFT) return;
    // which comes from another tab, as a copy
    if ((details as Partial<DisconnectDescription>)?.description === HOST_GONE.description) return;
    const isTooLarge = (details as { code?: unknown } | undefined)?.code === "too-large";
    const isAlone = this._window === 1;
    const isCareful = this._window < Infinity;
    if (isTooLarge && weight(first) < SMALL) {
      this._window = 1;
      return;
    }
    if (first !== this._suspect && isCareful) this._evidence = 0;
    this._suspect = first;
    this._evidence += isTooLarge ? TOO_LARGE : isClosedByServer(reason, details) ? CLOSED : DIED;
    if (!isCareful && this._evidence < SUSPICIOUS) return;
    this._window = 1;
    if (isAlone && this._evidence < GUILTY) return;
    this._evidence = 0;
    if (!isAlone) return;
    this.host.fail(first, isTooLarge ? "too-large" : "undeliverable");
  }

  /** All packets up to this number have arrived. */
  private _received(count: number): void {
    for (const [packet, number] of this._unacked) {
      if (number > count) break;
      this._forget(packet);
      advance(packet, "received");
      this._evidence = 0;
    }
    if (this._window < TRUSTED) this._window *= 2;
    else this._window = Infinity;
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
    if (!this.isOpen || this._window < Infinity) return this._ask();
    if (this._isTimerShort) return;
    if (this._unacked.size < PACKETS) {
      this._timer ??= timers.after(DELAY, () => this._ask());
      return;
    }
    const wait = this._probedAt + SPACING - this.host.timers.now();
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
    this._probedAt = this.host.timers.now();
    this.host.probe((error) => {
      // when it is lost, or the namespace was left meanwhile, everything was given back
      if (error || probe !== this._probe) return;
      this._probe = undefined;
      received();
      if (this._unacked.size && !this._probe) this._plan();
    });
  }
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

function weight(packet: Packet): number {
  const { encoded } = packet;
  return typeof encoded === "string" ? encoded.length : (packet.bytes ||= encodedBytes(encoded));
}

/**
 * Packets that were sent and not acked when the connection dies are sent again, in order. They may arrive twice.
 *
 * @example io(url, { delivery: atLeastOnce() })
 */
export function atLeastOnce(): Delivery {
  return { createPolicy: (host) => new AtLeastOnce(host) };
}
