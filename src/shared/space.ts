import type { Connection } from "../connection/connection.js";
import { Recovery } from "../connection/recovery.js";
import type { TautlineError } from "../errors.js";
import { copyOf } from "../pipeline/reading-packets.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { Socket } from "../socket/socket.js";
import { type Position, sizeOf } from "./messages.js";
import type { Seat } from "./seat.js";

/** So many events, and so many bytes of them, are kept for tabs that come back to the same host. */
const MAX_LOG = 500;
const MAX_LOG_BYTES = 1 << 22;
/** How much waits is for the tabs to say. */
const UNBOUNDED = { buffer: { maxPackets: Infinity, maxBytes: Infinity } };

/** What a namespace needs of its switch. */
export interface SpaceOwner {
  readonly line: Connection;
  /** The line is open, and it is known how far the tabs have got. */
  readonly isReady: boolean;
  /**
   * The host before has not let its connection go, so that the server may still have it. socket.io would give both the same id,
   * and forget the second one with the first.
   */
  readonly isForced: boolean;
  /** The server has no other connection any more. Asks it, if it was not asked. */
  readonly isCertain: boolean;
  /** Only one tab has ever been here. */
  readonly isSolitary: boolean;
  /** Where to go on: the position of the tab that is furthest behind. */
  positionIn(space: Space): Position | undefined;
}

/** An event that the server would send again. */
type Entry = readonly [offset: string, event: unknown, encoded: Encoded];

/** What a tab asks to be let in with. */
type Plea = Record<string, unknown>;

/**
 * One namespace on the line of a host: which tabs are in it, and who gets what. To the server they are one client, which is
 * an ordinary socket.
 */
export class Space {
  private readonly _owner: SpaceOwner;
  private readonly _socket: Socket;
  private readonly _members = new Set<Seat>();
  /** Who has asked to be let in; the first of them is the one who asks the server. */
  private readonly _waiting = new Map<Seat, Plea>();
  /** The server's questions that nobody has answered yet. */
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

  /** Nobody waits to be let in. */
  get isIdle(): boolean {
    return !this._waiting.size;
  }

  /** Of what the line has not taken. */
  get bytes(): number {
    return this._socket.channel.pipeline.bytes;
  }

  /** After the last event. */
  get position(): Position | undefined {
    const { _from: from, _log: log } = this;
    return from && [from[0], from[1] + log.length, log[log.length - 1]?.[0] ?? from[2]];
  }

  /** How far a tab has got that is in; one that waits is yet to get what it has missed. */
  positionOf(seat: Seat): Position | undefined {
    return this._members.has(seat) ? this.position : undefined;
  }

  /** Calls `passed` once nothing waits that was sent before. */
  whenSent(passed: () => void): void {
    const { pipeline } = this._socket.channel;
    if (pipeline.size) pipeline.barrier((error) => error ?? passed());
    else passed();
  }

  // -- what the tabs send

  take(seat: Seat, { type, id, data }: SocketPacket): void {
    const args = data as unknown[];
    if (type === PacketType.CONNECT) {
      this._waiting.set(seat, data as Plea);
      this.proceed();
    } else if (type === PacketType.DISCONNECT) {
      this.leave(seat);
      // what is said while it is out is not for it
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

  /** The tab has left, or is gone. @param isBack - and it is about to enter again */
  leave(seat: Seat, isBack?: boolean): void {
    this._waiting.delete(seat);
    this._members.delete(seat);
    if (!isBack) this.proceed();
  }

  /** The tabs are gone, or will begin anew: the server is not told. */
  forget(): void {
    for (const one of [this._members, this._waiting, this._questions]) one.clear();
    // they send it again, if at all
    this._socket.clearBuffer();
  }

  // -- what the server sends

  private _told([event, error]: unknown[]): void {
    const { _socket: socket, _waiting: waiting, _members: members } = this;
    const { recovered, recovery } = socket.channel;
    const [asker] = waiting.keys();
    if (event === "connect") {
      // another session: what came before is not ours
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
      // the tabs say when it is entered again, and what is sent again
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
    // a question has no offset, nor has what is volatile: neither is sent again. The app may change the buffers that it gets
    if (id === undefined && from && typeof last === "string") {
      log.push([last, args[0], copyOf(encoded)]);
      for (const frame of typeof encoded === "string" ? [encoded] : encoded)
        this._logBytes += sizeOf(frame);
    }
    // what a recovered session had missed comes before anybody is in
    if (!members.size) return;
    const { position } = this;
    const isNeeded = this._isInherited || !this._owner.isSolitary;
    if (!isNeeded || log.length > MAX_LOG || this._logBytes > MAX_LOG_BYTES) {
      this._from = position;
      this._forgetLog();
    }
    // with its first event a session can be asked for: all are to know that at once
    const isFirst = !from?.[2] && log.length === 1;
    for (const seat of members)
      if (seat.listensTo(nsp, args[0])) seat.packet(encoded, nsp, position);
      else if (isFirst) seat.post(["data", [], nsp, position]);
  }

  // -- entering and leaving

  /** Does what is to be done, as things stand. */
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

  /** Lets a tab in, as the server would: first what it has missed, then the answer. */
  private _admit(seat: Seat, plea: Plea | undefined): void {
    const { nsp, _log: log, _from: from, _socket: socket } = this;
    const pid = from?.[0];
    const [known, count, offset] = seat.positions.get(nsp) ?? [];
    const isAtStart = offset === from?.[2] && (offset !== undefined || count === from?.[1]);
    const at = isAtStart ? 0 : log.findIndex(([one]) => one === offset) + 1;
    // what it has not got is not there any more, or it knows another session
    const isLost = known === undefined ? !!plea?.pid : known !== pid || (!at && !isAtStart);
    this._members.add(seat);
    for (const [, event, encoded] of isLost || known === undefined ? [] : log.slice(at))
      if (seat.listensTo(nsp, event)) seat.packet(copyOf(encoded));
    // a session counts as recovered where its id is the one that the tab knows
    const own = isLost ? (plea?.pid === pid ? `${pid}~` : pid) : (plea?.pid ?? pid);
    this._tell(seat, PacketType.CONNECT, { sid: socket.id, pid: pid && own });
  }

  /** A packet for one tab; when it has got it, it has got everything. One that is refused keeps its position. */
  private _tell(seat: Seat, type: PacketType, data?: unknown, id?: number): void {
    const encoded = this._owner.line.codec.encode(type, this.nsp, data, id);
    const nsp = type === PacketType.CONNECT_ERROR ? undefined : this.nsp;
    seat.packet(encoded, nsp, this.positionOf(seat));
  }
}
