import type { Connection } from "../connection/connection.js";
import { Recovery } from "../connection/recovery.js";
import type { TautlineError } from "../errors.js";
import { copyOf } from "../pipeline/reading-packets.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { Socket } from "../socket/socket.js";
import { type Position, sizeOf } from "./messages.js";
import type { Seat } from "./seat.js";

/** How many events, and how many bytes of them, are kept for tabs that come back to the same host. */
const MAX_LOG = 500;
const MAX_LOG_BYTES = 1 << 22;
/** The tabs themselves limit how much waits. */
const UNBOUNDED = { buffer: { maxPackets: Infinity, maxBytes: Infinity } };

/** What a namespace needs of its switch. */
export interface SpaceOwner {
  readonly line: Connection;
  /** The connection is open, and the positions of the tabs are known. */
  readonly isReady: boolean;
  /**
   * The previous host has not closed its connection, so the server may still have it. socket.io would give both
   * connections the same session id, and remove the second session together with the first.
   */
  readonly isForced: boolean;
  /** Whether the server has no other connection any more. Asks the server, if it was not asked yet. */
  readonly isCertain: boolean;
  /** No second tab has been here yet. */
  readonly isSolitary: boolean;
  /** Where to resume: the position of the tab that is furthest behind. */
  positionIn(space: Space): Position | undefined;
}

/** An event that the server would send again. */
type Entry = readonly [offset: string, event: unknown, encoded: Encoded];

/** What a tab sends to enter the namespace. */
type Plea = Record<string, unknown>;

/**
 * One namespace on the connection of a host: which tabs are in it, and which tab gets which packet. For the server they
 * are one client, an ordinary socket.
 */
export class Space {
  private readonly _owner: SpaceOwner;
  private readonly _socket: Socket;
  private readonly _members = new Set<Seat>();
  /** The tabs that want to enter; the first one's data is sent to the server. */
  private readonly _waiting = new Map<Seat, Plea>();
  /** Events of the server with an ack that no tab has answered yet. */
  private readonly _questions = new Map<unknown, (...answer: unknown[]) => void>();
  private _questionId = 0;
  /** The position before the first event of the log. Undefined where the server keeps no sessions. */
  private _from: Position | undefined;
  private _log: Entry[] = [];
  private _logBytes = 0;
  /** The session began with another host, whose tabs may come back. */
  private _isInherited = false;

  constructor(
    readonly nsp: string,
    owner: SpaceOwner,
  ) {
    const { line } = owner;
    const socket = (this._socket = new Socket(line, line, nsp, UNBOUNDED));
    this._owner = owner;
    socket.tell = (args, isOwn) => (isOwn ? this._told(args) : this._event(args));
    line.channels.add(socket.channel);
  }

  /** No tab waits to enter. */
  get isIdle(): boolean {
    return !this._waiting.size;
  }

  /** Bytes that the connection has not taken. */
  get bytes(): number {
    return this._socket.channel.pipeline.bytes;
  }

  /** The position after the last event. */
  get position(): Position | undefined {
    const { _from: from, _log: log } = this;
    return from && [from[0], from[1] + log.length, log[log.length - 1]?.[0] ?? from[2]];
  }

  /** The position of a tab that has entered; a waiting tab will first get what it has missed. */
  positionOf(seat: Seat): Position | undefined {
    return this._members.has(seat) ? this.position : undefined;
  }

  /** Calls `passed` once everything that was sent before has left. */
  whenSent(passed: () => void): void {
    const { pipeline } = this._socket.channel;
    if (pipeline.size) pipeline.barrier((error) => error ?? passed());
    else passed();
  }

  // -- from the tabs

  take(seat: Seat, { type, id, data }: SocketPacket): void {
    const args = data as unknown[];
    if (type === PacketType.CONNECT) {
      this._waiting.set(seat, data as Plea);
      this.proceed();
    } else if (type === PacketType.DISCONNECT) {
      this.leave(seat);
      // packets that arrive before it has entered are not for this tab
      seat.post(["data", [], this.nsp]);
    } else if (!this._members.has(seat)) return;
    else if (type === PacketType.EVENT) {
      if (id !== undefined) {
        seat.asked++;
        args.push((...answer: unknown[]) => {
          seat.asked--;
          this._tell(seat, PacketType.ACK, answer, id);
        });
      }
      this._socket.emitWith({}, args);
    } else {
      // the first answer counts
      this._questions.get(id)?.(...args);
      this._questions.delete(id);
    }
  }

  /** The tab has left, or is closed. @param isBack - it is about to enter again */
  leave(seat: Seat, isBack?: boolean): void {
    this._waiting.delete(seat);
    this._members.delete(seat);
    if (!isBack) this.proceed();
  }

  /** The tabs are closed, or will start over. The server is not told. */
  forget(): void {
    for (const one of [this._members, this._waiting, this._questions]) one.clear();
    // they send it again, if at all
    this._socket.clearBuffer();
  }

  // -- from the server

  private _told([event, error]: unknown[]): void {
    const { _socket: socket, _waiting: waiting, _members: members } = this;
    const { recovered, recovery } = socket.channel;
    const [asker] = waiting.keys();
    if (event === "connect") {
      // another session: earlier events are not part of it
      if (!recovered) {
        this._isInherited = false;
        this._forgetLog();
        this._from = recovery && [recovery.pid, (this._from?.[1] ?? 0) + 1, undefined];
      }
    } else if (error !== "io client disconnect") {
      if (error === "io server disconnect")
        for (const seat of members) this._tell(seat, PacketType.DISCONNECT);
      else if (asker) {
        const { message, data } = error as TautlineError;
        waiting.delete(asker);
        this._tell(asker, PacketType.CONNECT_ERROR, { message, data });
      }
      members.clear();
      // the tabs decide when it is entered again, and what is sent again
      socket.disconnect();
      socket.clearBuffer();
    }
    this.proceed();
  }

  private _event(args: unknown[]): void {
    const { nsp, _log: log, _from: from, _members: members } = this;
    const last = args[args.length - 1];
    let told = args;
    let id: number | undefined;
    if (typeof last === "function") {
      id = ++this._questionId;
      told = args.slice(0, -1);
      this._questions.set(id, last as () => void);
    }
    const encoded = this._owner.line.codec.encode(PacketType.EVENT, nsp, told, id);
    // an event with an ack has no offset, and neither has a volatile one: they are not sent again. The app may change
    // the buffers that it gets
    if (id === undefined && from && typeof last === "string") {
      log.push([last, args[0], copyOf(encoded)]);
      for (const frame of typeof encoded === "string" ? [encoded] : encoded)
        this._logBytes += sizeOf(frame);
    }
    // events that a recovered session has missed arrive before any tab has entered
    if (!members.size) return;
    const { position } = this;
    const isNeeded = this._isInherited || !this._owner.isSolitary;
    if (!isNeeded || log.length > MAX_LOG || this._logBytes > MAX_LOG_BYTES) {
      this._from = position;
      this._forgetLog();
    }
    // a session can be recovered from its first event on, so all tabs must know of it at once
    const isFirst = !from?.[2] && log.length === 1;
    for (const seat of members)
      if (seat.listensTo(nsp, args[0])) seat.packet(encoded, nsp, position);
      else if (isFirst) seat.post(["data", [], nsp, position]);
  }

  // -- entering and leaving

  /** Does what the current state requires. */
  proceed(): void {
    const { _waiting: waiting, _socket: socket, _owner: owner } = this;
    const [first] = waiting.values();
    if (socket.connected) {
      for (const [seat, plea] of waiting) this._admit(seat, plea);
      waiting.clear();
      if (!this._members.size) socket.disconnect();
    } else if (waiting.size && owner.isReady && !socket.active) {
      const from = owner.positionIn(this);
      if (from && !owner.isForced && !owner.isCertain) return;
      this._isInherited ||= !!from && !this._from;
      this._from = from;
      const { pid: _, offset: __, ...auth } = first ?? {};
      this._forgetLog();
      socket.channel.recovery =
        from && !owner.isForced ? new Recovery(from[0], from[2]) : undefined;
      socket.auth = auth;
      socket.connect();
    }
  }

  private _forgetLog(): void {
    this._log = [];
    this._logBytes = 0;
  }

  /** Lets a tab enter, as a server would: first the missed events, then the answer. */
  private _admit(seat: Seat, plea: Plea | undefined): void {
    const { nsp, _log: log, _from: from, _socket: socket } = this;
    const pid = from?.[0];
    const [known, count, offset] = seat.positions.get(nsp) ?? [];
    const isAtStart = offset === from?.[2] && (offset !== undefined || count === from?.[1]);
    const at = isAtStart ? 0 : log.findIndex(([one]) => one === offset) + 1;
    // what it has missed is no longer kept, or it knows another session
    const isLost = known === undefined ? !!plea?.pid : known !== pid || (!at && !isAtStart);
    this._members.add(seat);
    for (const [, event, encoded] of isLost || known === undefined ? [] : log.slice(at))
      if (seat.listensTo(nsp, event)) seat.packet(copyOf(encoded));
    // a session counts as recovered if its id is the one that the tab knows
    const own = isLost ? (plea?.pid === pid ? `${pid}~` : pid) : (plea?.pid ?? pid);
    this._tell(seat, PacketType.CONNECT, { sid: socket.id, pid: pid && own });
  }

  /** A packet for one tab that makes its position the current one. A refused tab keeps its position. */
  private _tell(seat: Seat, type: PacketType, data?: unknown, id?: number): void {
    const encoded = this._owner.line.codec.encode(type, this.nsp, data, id);
    const nsp = type === PacketType.CONNECT_ERROR ? undefined : this.nsp;
    seat.packet(encoded, nsp, this.positionOf(seat));
  }
}
