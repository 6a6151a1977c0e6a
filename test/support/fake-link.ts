/**
 * The connection of one socket, played by the test: it writes down what it is handed, takes it or doesn't (`free`), and
 * says what the test lets the server say. To extend: keep it without a will of its own, so that a test reads as the
 * whole story; what a manager decides is tested with a manager.
 */
import type { TautlineError } from "../../src/errors.js";
import { hostTimers } from "../../src/platform/browser.js";
import { DefaultCodec } from "../../src/protocol/default-codec.js";
import { type Encoded, PacketType, type SocketPacket } from "../../src/protocol/socket-packet.js";
import type { Link, LinkMember } from "../../src/socket/link.js";

export class FakeLink implements Link {
  readonly timers = hostTimers();
  isOpen = false;
  bufferedAmount = 0;
  /** Whether packets are taken. */
  free = true;
  /** What was handed over, in order. */
  readonly sent: Encoded[] = [];
  readonly left: boolean[] = [];
  /** Who is told of the answers to probes, in the order in which they were asked for. */
  readonly probes: ((error?: TautlineError) => void)[] = [];
  member: LinkMember | undefined;
  readonly #codec = new DefaultCodec();
  readonly #decoder = this.#codec.decoder();

  encode(...args: Parameters<DefaultCodec["encode"]>): Encoded {
    return this.#codec.encode(...args);
  }

  decode(encoded: Encoded): SocketPacket | undefined {
    const decoder = this.#codec.decoder();
    let packet: SocketPacket | undefined;
    for (const frame of typeof encoded === "string" ? [encoded] : encoded)
      packet = typeof frame === "string" ? decoder.text(frame, 0) : decoder.binary(frame);
    return packet;
  }

  deliver(_member: LinkMember, encoded: Encoded): boolean {
    if (!this.isOpen || !this.free) return false;
    this.sent.push(encoded);
    return true;
  }

  queue(encoded: Encoded): void {
    this.sent.push(encoded);
  }

  probe(answered: (error?: TautlineError) => void): Encoded {
    return this.encode(PacketType.CONNECT, `/probe-${this.probes.push(answered)}`);
  }

  delayAfter(): number {
    return 100;
  }

  join(member: LinkMember): void {
    this.member = member;
    if (this.isOpen) member.linkOpened();
  }

  leave(_member: LinkMember, expectsAnswer: boolean): void {
    this.left.push(expectsAnswer);
  }

  // -- what the test lets happen

  open(): this {
    this.isOpen = true;
    this.member?.linkOpened();
    return this;
  }

  /** A packet of the server, as text without the engine's digit. */
  say(text: string): this {
    const packet = this.#decoder.text(text, 0);
    if (packet) this.member?.receive(packet);
    return this;
  }

  /** The server lets the socket in. */
  accept(data: object = { sid: "id" }): this {
    return this.say("0" + (this.nsp === "/" ? "" : this.nsp + ",") + JSON.stringify(data));
  }

  drain(): this {
    this.free = true;
    this.member?.linkDrained();
    return this;
  }

  lose(): this {
    this.isOpen = false;
    this.member?.linkLost("transport close", undefined);
    return this;
  }

  /** What was handed over since the last time. */
  told(): Encoded[] {
    return this.sent.splice(0);
  }

  get nsp(): string {
    return this.member?.nsp ?? "/";
  }
}
