/**
 * The connection of one channel, played by the test: it writes down what it is handed, takes it or doesn't (`free`), and
 * says what the test lets the server say. A probe stands among what was sent as "probe". To extend: keep it without a
 * will of its own, so that a test reads as the whole story; what a connection decides is tested with a connection.
 */
import type { Channel } from "../../src/connection/channel.js";
import type { ChannelLine } from "../../src/connection/channel-line.js";
import { TautlineError } from "../../src/errors.js";
import type { LineUser, ProbeAnswer } from "../../src/pipeline/line.js";
import { hostTimers } from "../../src/platform/browser.js";
import type { CloseDetails, CloseReason } from "../../src/protocol/close-reason.js";
import { DefaultCodec } from "../../src/protocol/default-codec.js";
import type { Encoded, SocketPacket } from "../../src/protocol/socket-packet.js";

export class FakeLine implements ChannelLine {
  readonly timers = hostTimers();
  readonly codec = new DefaultCodec();
  isOpen = false;
  isOver = false;
  heard = 0;
  bufferedAmount = 0;
  maxPayload = 0;
  isConfirmed = true;
  /** Channels whose packets were taken back. */
  readonly discarded: Channel[] = [];
  /** Channels that came back before they had left. */
  readonly renewed: Channel[] = [];
  /** Whether packets of the app are taken. */
  free = true;
  /** What was handed over, in order. */
  readonly sent: Encoded[] = [];
  /** The channel needs the line: otherwise it may be closed. */
  isNeeded = false;
  /** Who is told of the answers to probes, in the order in which they were asked for. */
  readonly probes: ProbeAnswer[] = [];
  /** What was dropped: the code, the event's name, its arguments. */
  readonly drops: unknown[][] = [];
  /** Called with each of these. */
  onDropped: (error: TautlineError, packet: SocketPacket) => void = () => {};
  channel: Channel | undefined;
  private readonly _decoder = this.codec.decoder();
  private readonly _blocked = new Set<LineUser>();

  transmit(encoded: Encoded, _compress: boolean, _user: LineUser, isUrgent = false): boolean {
    if (!this.isOpen || (!this.free && !isUrgent)) return false;
    if (!isUrgent) this.isConfirmed = false;
    this.sent.push(encoded);
    return true;
  }

  wait(user: LineUser): void {
    this._blocked.add(user);
  }

  probe(answered: ProbeAnswer): void {
    this.sent.push("probe");
    this.probes.push((error) => {
      if (!error) this.isConfirmed = true;
      answered(error);
    });
  }

  delayAfter(): number {
    return 100;
  }

  join(channel: Channel): void {
    this.isNeeded = true;
    this.channel = channel;
    if (this.isOpen) channel.lineOpened();
  }

  leave(): void {
    this.isNeeded = false;
  }

  renew(channel: Channel): void {
    this.renewed.push(channel);
  }

  discard(channel: Channel): void {
    this.discarded.push(channel);
  }

  dropped(error: TautlineError, packet: SocketPacket): void {
    this.drops.push([error.code, ...(packet.data as unknown[])]);
    this.onDropped(error, packet);
  }

  // -- what the test lets happen

  open(): this {
    this.isOpen = true;
    this.channel?.lineOpened();
    return this;
  }

  /** A packet of the server, as text without the engine's digit. */
  say(text: string): this {
    const packet = this._decoder.text(text, 0);
    this.heard++;
    if (packet) this.channel?.receive(packet);
    return this;
  }

  /** The server lets the channel in. */
  accept(data: object = { sid: "id" }): this {
    const { nsp = "/" } = this.channel ?? {};
    return this.say("0" + (nsp === "/" ? "" : nsp + ",") + JSON.stringify(data));
  }

  /** The server answers the probes that are under way, those too that are sent because of an answer. */
  answer(): this {
    for (let probe = this.probes.shift(); probe; probe = this.probes.shift()) probe();
    return this;
  }

  drain(): this {
    this.free = true;
    const blocked = [...this._blocked];
    this._blocked.clear();
    for (const user of blocked) user.drained();
    return this;
  }

  /** @param isOver - nobody will connect again */
  lose(
    reason: CloseReason = "transport close",
    details: CloseDetails = undefined,
    isOver = false,
  ): this {
    this.isOpen = false;
    this.isOver = isOver;
    this.heard = 0;
    this._blocked.clear();
    for (const probe of this.probes.splice(0))
      probe(new TautlineError("disconnected", "the connection was lost"));
    this.channel?.lineLost(reason, details);
    return this;
  }

  /** The connection could not be made. */
  fail(error: TautlineError, isOver = false): this {
    this.isOver = isOver;
    this.channel?.lineFailed(error);
    return this;
  }

  /** What was handed over since the last time. */
  told(): Encoded[] {
    return this.sent.splice(0);
  }
}
