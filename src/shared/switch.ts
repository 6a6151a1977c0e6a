import type { LineMember } from "../connection/channel-line.js";
import type { Connection } from "../connection/connection.js";
import { PROBE_NAMESPACE } from "../connection/probes.js";
import type { TautlineError } from "../errors.js";
import { randomId } from "../platform/browser.js";
import type { TabPort } from "../platform/platform.js";
import type { CloseDetails, CloseReason, DisconnectDescription } from "../protocol/close-reason.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import type { Ending, Position, Positions } from "./messages.js";
import { Seat, type SeatOwner } from "./seat.js";
import { Space, type SpaceOwner } from "./space.js";

/** A packet that the line did not take, and whose it is. */
type Waiting = readonly [space: Space | undefined, handOver: () => boolean];

/** Between the tabs and the one line: to a tab it is the server, to the server it is one client. */
export class Switch implements LineMember, SeatOwner, SpaceOwner {
  /** No packet has it. */
  readonly nsp = "";
  readonly pipeline = { size: 0 };
  readonly seats = new Set<Seat>();
  private readonly _spaces = new Map<string, Space>();
  private _queue: Waiting[] = [];
  private _isSettled = false;

  /**
   * @param line - a connection of its own, which nobody has opened
   * @param changed - told when the line is open, or a seat has changed
   */
  constructor(
    readonly line: Connection,
    readonly changed: () => void,
  ) {
    line.channels.add(this);
    line.join(this);
  }

  /** Ids of the tabs that have a session, each once. */
  get tabs(): Set<string> {
    return new Set([...this.seats].map(({ tab }) => tab));
  }

  get isReady(): boolean {
    return this.line.isOpen && this._isSettled;
  }

  /** Nothing is under way for which a tab would have to be told that it is lost. */
  get isIdle(): boolean {
    return !this._queue.length && [...this._spaces.values()].every(({ isIdle }) => isIdle);
  }

  get positions(): Positions {
    return [...this._spaces].flatMap(([nsp, { position }]) =>
      position ? [[nsp, ...position] as const] : [],
    );
  }

  /** All tabs have come that are to be waited for. */
  settle(): void {
    this._isSettled = true;
    for (const space of [...this._spaces.values()]) space.ready();
  }

  /** A tab wants a session. */
  accept(port: TabPort, tab: string, positions: unknown): void {
    const { line } = this;
    const seat = new Seat(tab, port, positions, line.codec.decoder(), this);
    this.seats.add(seat);
    this.changed();
    if (line.isOpen) seat.open(randomId(), line.maxPayload);
    else {
      // that it has been heard
      this.pinged(seat, false);
      // one that has given up is asked to try again; one that waits is not hurried
      if (line.isOver) line.open();
    }
  }

  /** The tab does not exist any more. */
  gone(tab: string): void {
    for (const seat of [...this.seats])
      if (seat.tab === tab) {
        seat.close();
        this.left(seat);
      }
  }

  /** Ends all sessions, and the line at once. @param heir - the tab that is to take over */
  close(ending: Ending, heir?: Seat): void {
    const { line } = this;
    const { session } = line;
    this._endAll(ending, heir);
    line.leave(this);
    line.close();
    session?.close();
  }

  post(message: Parameters<Seat["post"]>[0]): void {
    for (const seat of this.seats) seat.post(message);
  }

  // -- what the tabs send

  take(seat: Seat, packet: SocketPacket): void {
    const { nsp, type } = packet;
    if (!seat.isOpen) return;
    if (type === PacketType.CONNECT && nsp.startsWith(PROBE_NAMESPACE)) {
      const answer = this.line.codec.encode(PacketType.CONNECT_ERROR, nsp, { message: "" });
      return this.probe(() => seat.packet(answer));
    }
    let space = this._spaces.get(nsp);
    if (!space) {
      if (type !== PacketType.CONNECT) return;
      this._spaces.set(nsp, (space = new Space(nsp, this)));
      this.line.channels.add(space);
    }
    space.take(seat, packet);
  }

  pinged(seat: Seat, isVisible: boolean): void {
    seat.isVisible = isVisible;
    seat.post(["pong", this.tabs.size, this.positions]);
    this.changed();
  }

  paused(seat: Seat): void {
    seat.isPaused = true;
    this.changed();
  }

  left(seat: Seat): void {
    if (!this.seats.delete(seat)) return;
    for (const space of this._spaces.values()) space.leave(seat);
    this.changed();
  }

  // -- what namespaces ask

  send(space: Space, encoded: Encoded, isUrgent?: boolean): void {
    this._hand([space, () => this.line.transmit(encoded, true, space, isUrgent)]);
  }

  probe(answered: () => void): void {
    this._hand([
      undefined,
      () => {
        this.line.probe((error) => error ?? answered());
        return true;
      },
    ]);
  }

  discard(space: Space): void {
    this._queue = this._queue.filter(([owner]) => owner !== space);
    this.line.discard(space);
  }

  positionIn(nsp: string): Position | undefined {
    const all = [...this.seats].flatMap(({ positions }) => {
      const position = positions.get(nsp);
      return position ? [position] : [];
    });
    const own = this._spaces.get(nsp)?.position;
    if (own && !all.length) return own;
    all.sort(([, one], [, other]) => one - other);
    const pid = all[all.length - 1]?.[0];
    return all.find(([one]) => one === pid);
  }

  // -- what the line tells

  lineOpened(): void {
    for (const seat of this.seats) seat.open(randomId(), this.line.maxPayload);
    this.changed();
  }

  lineLost(reason: CloseReason, details: CloseDetails): void {
    this._queue = [];
    this._endAll(endingOfLoss(reason, details));
  }

  lineFailed(error: TautlineError): void {
    const { code, message, hint, retryAfter } = error;
    this._endAll({ kind: "error", message, code, hint, retryAfter });
  }

  receive(): void {}

  /** There is room on the line. */
  drained(): void {
    const queue = this._queue;
    for (let first = queue[0]; first; first = queue[0]) {
      if (!first[1]()) return this.line.wait(this);
      queue.shift();
    }
  }

  private _hand(waiting: Waiting): void {
    this._queue.push(waiting);
    if (this._queue.length === 1) this.drained();
  }

  private _endAll(ending: Ending, heir?: Seat): void {
    const { positions } = this;
    const seats = [...this.seats];
    this.seats.clear();
    for (const seat of seats) seat.end(ending, positions, seat === heir);
    this.changed();
  }
}

/** How the line ended, for the tabs. */
function endingOfLoss(reason: CloseReason, details: CloseDetails): Ending {
  const { description, context, code, hint } = (details ?? {}) as Partial<
    DisconnectDescription & TautlineError
  >;
  const { wasClean } = (context ?? {}) as { wasClean?: boolean };
  return {
    kind: reason === "transport error" ? "error" : "close",
    message: reason,
    description:
      typeof description === "number" || (typeof description === "string" && !code)
        ? description
        : reason,
    code,
    hint,
    wasClean,
  };
}
