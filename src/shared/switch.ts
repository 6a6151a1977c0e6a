import type { LineMember } from "../connection/channel-line.js";
import type { Connection } from "../connection/connection.js";
import { PROBE_NAMESPACE } from "../connection/probes.js";
import type { TautlineError } from "../errors.js";
import type { Cancel, TabPort } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { hold } from "./host-lock.js";
import {
  type DownMessage,
  type Ending,
  GONE,
  PATIENCE,
  type Position,
  type Positions,
  WINDOW,
} from "./messages.js";
import { Seat, type SeatOwner } from "./seat.js";
import { Space, type SpaceOwner } from "./space.js";

/** Milliseconds that a new host waits for the positions of the other tabs. */
const ROSTER_TIMEOUT = 150;

/** Bytes after which a tab is told at once what the connection has taken. */
const STEP = WINDOW / 4;
/**
 * Otherwise it is told after this many milliseconds. A busy connection is polled as often, because hosts have no event
 * for data that a WebSocket has sent.
 */
const LOOK = 20;

/** Receives the events of a switch. */
export interface SwitchOwner {
  /** The number of tabs, or a property of them, may have changed. */
  changed(): void;
}

/** Connects the tabs to the one connection: for a tab it is the server, for the server it is one client. */
export class Switch implements LineMember, SeatOwner, SpaceOwner {
  /** An id that no packet has. */
  readonly nsp = "";
  readonly pipeline = { size: 0 };
  readonly seats = new Set<Seat>();
  private readonly _host: Pick<TabHost, "locks" | "channel">;
  private readonly _scope: string;
  private readonly _owner: SwitchOwner;
  private readonly _ends: Cancel[] = [];
  private _isOver = false;
  /** When a message of another tab was last read, on the clock of the timers. */
  private _readAt = 0;
  /** Messages that arrived since the browser was asked whether this tab is still the host. */
  private _unread: (() => void)[] | undefined;
  /** Cancels the next check of what the connection has taken. */
  private _look: Cancel | undefined;
  private _isProbing = false;
  /** Tabs whose end is awaited; true: they are gone. */
  private readonly _watched = new Map<string, boolean>();
  private readonly _spaces = new Map<string, Space>();
  /** Whether the server has dropped the connection of the previous host; undefined: it was not asked. */
  private _isCertain: boolean | undefined;
  /** How many tabs must still report their position before the server is asked; 0: enough have. */
  private _roster = Infinity;

  /**
   * @param line - a connection of its own, which nobody has opened
   * @param isForced - see {@link SpaceOwner.isForced}
   */
  constructor(
    readonly line: Connection,
    scope: string,
    host: Pick<TabHost, "locks" | "channel">,
    owner: SwitchOwner,
    public isForced = false,
  ) {
    this._scope = scope;
    this._host = host;
    this._owner = owner;
    this._readAt = line.timers.now();
    line.channels.add(this);
    line.join(this);
    // then the server is not asked for a session
    if (isForced) this._roster = 0;
    this._ends.push(line.timers.after(ROSTER_TIMEOUT, () => this._expect(0)));
    const isTab = ({ name = "" }): boolean => name.startsWith(scope + ":");
    host.locks.query().then(
      ({ held = [] }) => this._expect(held.filter(isTab).length),
      () => this._expect(0),
    );
  }

  get isReady(): boolean {
    return this.line.isOpen && !this._roster;
  }

  /**
   * The previous host has just closed its connection, but the server may notice it a moment later. Until then it would
   * have two sessions with the same id, and remove both with the first. After it has answered twice, it has handled
   * what came before the question.
   */
  get isCertain(): boolean {
    const { _isCertain: isCertain, line } = this;
    if (isCertain !== undefined) return isCertain;
    this._isCertain = false;
    line.probe((lost) => {
      if (lost) return;
      line.probe((error) => {
        if (error) return;
        this._isCertain = true;
        this._expect(this._roster);
      });
    });
    return false;
  }

  get isSolitary(): boolean {
    return this._watched.size < 2;
  }

  /** Nothing is in flight that a tab would have to report as lost. */
  get isIdle(): boolean {
    const isAnswered = ({ asked }: Seat): boolean => !asked;
    return (
      [...this.seats].every(isAnswered) && [...this._spaces.values()].every(({ isIdle }) => isIdle)
    );
  }

  /** The tabs send nothing more. */
  get isPaused(): boolean {
    return [...this.seats].every(({ isPaused }) => isPaused);
  }

  /** A tab wants a session. @param port - to it; by default, the channel of the session */
  accept([session, tab, positions, isVisible]: readonly unknown[], port?: TabPort): void {
    const { line } = this;
    if (typeof tab !== "string" || this._watched.get(tab) || !(positions instanceof Map)) return;
    const way = port ?? this._host.channel(`${this._scope}:${String(session)}`);
    const known = new Map([...(positions as Positions)].filter(([, one]) => Array.isArray(one)));
    const seat = new Seat(way, tab, known, line.codec.decoder(), this, !!isVisible, !!port);
    // a session that the tab left before this host knew of it: nobody listened to its goodbye
    for (const one of this.seats) if (one.tab === tab) this.left(one, true);
    this.seats.add(seat);
    this._watch(tab);
    this._expect(this._roster);
    this._pong(this.seats);
    if (line.isOpen) seat.open(line.maxPayload);
    // a connection that has given up tries again; one that waits is not hurried
    else if (line.isOver) line.open();
  }

  /** Ends all sessions, and the line at once. @param heir - the tab that is to take over */
  close(heir?: Seat): void {
    const { line } = this;
    const { session } = line;
    const told = this._farewells();
    this._isOver = true;
    for (const end of this._ends) end();
    this._look?.();
    for (const space of this._spaces.values()) space.forget();
    line.close();
    session?.close();
    this._endAll(GONE, heir, told);
  }

  post(message: DownMessage): void {
    for (const seat of this.seats) seat.post(message);
  }

  // -- from the tabs

  take(seat: Seat, packet: SocketPacket): void {
    const { nsp, type } = packet;
    const isConnect = type === PacketType.CONNECT;
    if (isConnect && nsp.startsWith(PROBE_NAMESPACE)) {
      const answer = this.line.codec.encode(PacketType.CONNECT_ERROR, nsp, {});
      return this.probe(() => seat.packet(answer));
    }
    let space = this._spaces.get(nsp);
    if (!space && isConnect) this._spaces.set(nsp, (space = new Space(nsp, this)));
    if (seat.isOpen) space?.take(seat, packet);
  }

  pinged(seat: Seat): void {
    this._pong([seat]);
  }

  /** @param isBack - its tab is about to enter again where it was */
  left(seat: Seat, isBack = false): void {
    seat.close();
    if (!this.seats.delete(seat)) return;
    for (const space of this._spaces.values()) space.leave(seat, isBack);
    if (!isBack) this._pong(this.seats);
  }

  /** How many tabs there are, and their positions. */
  private _pong(seats: Iterable<Seat>): void {
    for (const seat of seats) seat.post(["pong", this.seats.size, this._positionsOf(seat)]);
    this._owner.changed();
  }

  /**
   * A host that has read nothing for a while may have been frozen, and another tab may be the host. Then messages that
   * were sent before must not be handled. The browser answers a question about locks after it has reported a stolen
   * lock.
   */
  read(task: () => void): void {
    const before = this._readAt;
    const now = (this._readAt = this.line.timers.now());
    if (!this._unread && now - before > PATIENCE / 2) {
      this._unread = [];
      const answered = (): void => {
        const unread = this._unread ?? [];
        this._unread = undefined;
        for (const one of unread) this.read(one);
      };
      this._host.locks.query().then(answered, answered);
    }
    if (this._unread) this._unread.push(task);
    else task();
  }

  weigh({ owed }: Seat): void {
    if (owed < STEP) this._look ??= this.line.timers.after(LOOK, () => this._grant());
    else this._grant();
  }

  // -- for the namespaces

  /** Calls `answered` once the server has received everything before. */
  probe(answered: () => void): void {
    let missing = this._spaces.size;
    const sent = (): void => {
      if (!missing--) this.line.probe((error) => error ?? answered());
    };
    for (const space of this._spaces.values()) space.whenSent(sent);
    sent();
  }

  positionIn({ nsp, position }: Space): Position | undefined {
    const all = [...this.seats]
      .flatMap(({ positions }) => (positions.has(nsp) ? [positions.get(nsp) as Position] : []))
      .sort(([, one], [, other]) => one - other);
    const pid = all[all.length - 1]?.[0];
    const ofSession = all.filter(([one]) => one === pid);
    // the server recovers a session only for a client that names one of its events
    return ofSession.find(([, , offset]) => offset) ?? ofSession[0] ?? position;
  }

  // -- from the connection

  lineOpened(): void {
    for (const seat of this.seats) seat.open(this.line.maxPayload);
  }

  lineLost(reason: CloseReason, details: CloseDetails): void {
    this.isForced = false;
    this._isCertain = true;
    const { description, context, code } = (details ?? {}) as Partial<
      TautlineError & { context: { wasClean?: boolean } }
    >;
    if (this._isOver) return;
    this._endAll({
      kind: reason === "transport error" ? "error" : "close",
      message: reason,
      // a close code or an HTTP status is evidence of the cause
      description: typeof description === "number" ? description : reason,
      context: { wasClean: context?.wasClean },
      code,
    });
  }

  lineFailed({ code, message, hint, retryAfter }: TautlineError): void {
    this._endAll({ kind: "error", message, code, retryAfter, ...(hint && { hint }) });
  }

  receive(): void {}

  drained(): void {}

  /** Tells each tab what the connection has taken of it, or waits until less is left in it. */
  private _grant(): void {
    const { line } = this;
    this._look?.();
    this._look = undefined;
    let bytes = line.bufferedAmount;
    for (const space of this._spaces.values()) bytes += space.bytes;
    if (bytes < WINDOW) for (const seat of this.seats) seat.grant();
    else {
      this._look = line.timers.after(LOOK, () => this._grant());
      if (this._isProbing) return;
      // timers of hidden pages are slow; an answer of the server is not
      this._isProbing = true;
      line.probe((error) => {
        this._isProbing = false;
        if (!error) this._grant();
      });
    }
  }

  private _positionsOf(seat: Seat): Map<string, Position> {
    const all = new Map<string, Position>();
    for (const [nsp, space] of this._spaces) {
      const position = space.positionOf(seat);
      if (position) all.set(nsp, position);
    }
    return all;
  }

  /** All seats, and the positions of their tabs. */
  private _farewells(): [Seat, Positions][] {
    return [...this.seats].map((seat) => [seat, this._positionsOf(seat)]);
  }

  /** The server can be asked when this many tabs have come. */
  private _expect(tabs: number): void {
    if (this._roster) this._roster = this.seats.size < tabs ? tabs : 0;
    if (!this._roster) for (const space of this._spaces.values()) space.proceed();
  }

  /** The lock of a tab is free when the tab is gone. */
  private _watch(tab: string): void {
    if (this._watched.has(tab)) return;
    this._watched.set(tab, false);
    const gone = (): void => {
      // its last messages may arrive later than that
      this._watched.set(tab, true);
      for (const seat of this.seats) if (seat.tab === tab) this.left(seat);
    };
    this._ends.push(hold(this._host.locks, `${this._scope}:${tab}`, gone, { mode: "shared" }));
  }

  private _endAll(ending: Ending, heir?: Seat, told = this._farewells()): void {
    this.seats.clear();
    for (const space of this._spaces.values()) space.forget();
    for (const [seat, positions] of told) {
      seat.post(["end", ending, positions, seat === heir]);
      seat.close();
    }
    this._owner.changed();
  }
}
