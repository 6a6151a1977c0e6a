import type { Connection } from "../connection/connection.js";
import type { LineMember } from "../connection/channel-line.js";
import { type Chart, Machine } from "../machine.js";
import { type Encoded, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import type { Position } from "./messages.js";
import type { Seat } from "./seat.js";
import { type SpaceEvent, type SpaceState, spaceTable } from "./space-table.js";

/** So many events are kept for tabs that come back to the same host. */
const MAX_LOG = 500;

/** What a namespace needs of its switch. */
export interface SpaceOwner {
  readonly line: Connection;
  /** The line is open, and it is known how far the tabs have got. */
  readonly isReady: boolean;
  /** Hands a packet to the server, behind all that waits. */
  send(space: Space, encoded: Encoded, isUrgent?: boolean): void;
  /** Takes back what waits of a namespace that the server has closed. */
  discard(space: Space): void;
  /** Calls `answered` once the server has received everything before. */
  probe(answered: () => void): void;
  /** Where to go on: the position of the tab that is furthest behind. */
  positionIn(nsp: string): Position | undefined;
}

/** An event that the server would send again, and its offset. */
type Entry = readonly [offset: string, data: unknown[]];

/** One namespace on the line of a host: which tabs are in it, and who gets what. To the server it is one client. */
export class Space implements LineMember {
  private static readonly _chart: Chart<SpaceState, SpaceEvent, void, Space> = {
    table: spaceTable,
    announcements: {
      out: (_, space) => space._next(),
      in: (_, space) => space._next(),
      left: (_, space) => space._owner.probe(() => space._machine.send("released")),
    },
  };

  readonly pipeline = { size: 0 };
  private readonly _owner: SpaceOwner;
  private readonly _machine: Machine<SpaceState, SpaceEvent, void, Space>;
  private readonly _members = new Set<Seat>();
  /** Who has asked to be let in, and with what; the first of them is the one who asks the server. */
  private readonly _waiting = new Map<Seat, Record<string, unknown>>();
  /** By the ids that the server sees: who asked, and with which id. */
  private readonly _acks = new Map<number, [seat: Seat, id: number]>();
  private _count = 0;
  /** The server's questions that nobody has answered yet. */
  private readonly _questions = new Set<number>();
  private _sid = "";
  private _pid: string | undefined;
  /** The position before the first event of the log, or the last known one. */
  private _from: Position | undefined;
  private _log: Entry[] = [];

  constructor(
    readonly nsp: string,
    owner: SpaceOwner,
  ) {
    this._owner = owner;
    this._machine = new Machine(Space._chart, "out", this as Space);
  }

  /** Nobody waits for an answer. */
  get isIdle(): boolean {
    return !this._acks.size && this._machine.state !== "asking";
  }

  /** After the last event. Undefined where the server keeps no sessions. */
  get position(): Position | undefined {
    const { _from: from, _log: log } = this;
    return from && [from[0], from[1] + log.length, log[log.length - 1]?.[0] ?? from[2]];
  }

  // -- the connection tells the switch, which knows who is to be told first
  lineOpened(): void {}
  lineFailed(): void {}
  drained(): void {}

  lineLost(): void {
    this._members.clear();
    this._waiting.clear();
    this._acks.clear();
    this._questions.clear();
    this._machine.send("lost");
  }

  /** The line is open, and it is known how far the tabs have got. */
  ready(): void {
    this._next();
  }

  // -- what the tabs send

  /** A packet of a tab. */
  take(seat: Seat, { type, id, data }: SocketPacket): void {
    if (type === PacketType.CONNECT) {
      this._waiting.set(seat, (data ?? {}) as Record<string, unknown>);
      return this._next();
    }
    if (type === PacketType.DISCONNECT) return this.leave(seat);
    if (!this._members.has(seat)) return;
    if (type === PacketType.ACK) {
      // the first answer counts
      if (this._questions.delete(id as number)) this._send(type, data, id);
      return;
    }
    if (id !== undefined) this._acks.set(this._count, [seat, id]);
    this._send(PacketType.EVENT, data, id === undefined ? id : this._count++);
  }

  /** The tab has left, or is gone. */
  leave(seat: Seat): void {
    this._waiting.delete(seat);
    for (const [id, [asker]] of this._acks) if (asker === seat) this._acks.delete(id);
    if (this._members.delete(seat)) this._next();
  }

  // -- what the server sends

  receive({ type, id, data }: SocketPacket): void {
    const { state } = this._machine;
    switch (type) {
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        if (state === "in" || state === "asking") this._event(data as unknown[], id);
        return;
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return this._answer(id as number, data);
      case PacketType.CONNECT:
        if (state === "asking") this._accepted((data ?? {}) as Record<string, unknown>);
        return;
      case PacketType.CONNECT_ERROR: {
        const [[asker] = []] = this._waiting;
        if (!asker || state !== "asking") return;
        this._waiting.delete(asker);
        asker.packet(this._encode(type, data));
        this._machine.send("refused");
        return;
      }
      case PacketType.DISCONNECT: {
        const told = [...this._members, ...this._waiting.keys()];
        this._owner.discard(this);
        this.lineLost();
        for (const seat of told) seat.packet(this._encode(type));
      }
    }
  }

  private _event(args: unknown[], id: number | undefined): void {
    const { nsp, _log: log, _from: from } = this;
    const last = args[args.length - 1];
    // a question has none, nor has what is volatile: neither is sent again
    if (from && id === undefined && typeof last === "string") log.push([last, args]);
    // what a recovered session had missed: it is handed out once that is sure
    if (this._machine.state === "asking") return;
    if (id !== undefined) this._questions.add(id);
    const gone = log.splice(0, log.length - MAX_LOG);
    const oldest = gone[gone.length - 1];
    if (from && oldest) this._from = [from[0], from[1] + gone.length, oldest[0]];
    const encoded = this._encode(PacketType.EVENT, args, id);
    const { position } = this;
    for (const seat of this._members)
      if (seat.listensTo(nsp, args[0])) seat.packet(encoded, nsp, position);
  }

  private _answer(id: number, data: unknown): void {
    const [seat, own] = this._acks.get(id) ?? [];
    this._acks.delete(id);
    seat?.packet(this._encode(PacketType.ACK, data, own));
  }

  // -- entering and leaving

  /** What is to be done, as things stand. */
  private _next(): void {
    const { _waiting: waiting, _machine: machine } = this;
    if (machine.state === "in") {
      for (const [seat, data] of [...waiting]) this._admit(seat, data);
      if (this._members.size) return;
      this._owner.send(this, this._encode(PacketType.DISCONNECT), true);
      machine.send("left");
    } else if (machine.state === "out" && waiting.size && this._owner.isReady) this._ask();
  }

  private _ask(): void {
    const [[, data] = []] = this._waiting;
    const from = this._owner.positionIn(this.nsp);
    this._from = from;
    this._log = [];
    const [pid, , offset] = from ?? [];
    this._owner.line.transmit(
      this._encode(PacketType.CONNECT, { ...data, pid, offset }),
      true,
      this,
      true,
    );
    this._machine.send("asked");
  }

  private _accepted({ sid, pid }: Record<string, unknown>): void {
    this._sid = sid as string;
    this._pid = typeof pid === "string" ? pid : undefined;
    const { _from: from } = this;
    // another session: what came before the answer is not ours
    if (from?.[0] !== pid) {
      this._log = [];
      this._from =
        this._pid === undefined ? undefined : [this._pid, (from?.[1] ?? 0) + 1, undefined];
    }
    this._machine.send("accepted");
  }

  /** Lets a tab in, as the server would: first what it has missed, then the answer. */
  private _admit(seat: Seat, data: Record<string, unknown>): void {
    const { nsp, _pid: pid, _log: log, position } = this;
    const known = seat.positions.get(nsp);
    const missed = this._missedSince(known);
    this._waiting.delete(seat);
    this._members.add(seat);
    for (const [, args] of missed === undefined ? [] : log.slice(missed))
      if (seat.listensTo(nsp, args[0])) seat.packet(this._encode(PacketType.EVENT, args));
    // a session counts as recovered where its id is the one that the tab knows
    const same = missed !== undefined ? (data.pid ?? pid) : data.pid === pid ? `${pid}~` : pid;
    seat.packet(this._encode(PacketType.CONNECT, { sid: this._sid, pid: same }), nsp, position);
  }

  /** Where in the log a tab goes on. Undefined: something that it has not got is not there any more. */
  private _missedSince(known: Position | undefined): number | undefined {
    const { _from: from, _log: log } = this;
    if (!known) return log.length;
    if (known[0] !== from?.[0]) return undefined;
    if (known[2] === from[2] && (known[2] !== undefined || known[1] === from[1])) return 0;
    const at = log.findIndex(([offset]) => offset === known[2]);
    return at < 0 ? undefined : at + 1;
  }

  private _send(type: PacketType, data: unknown, id: number | undefined): void {
    this._owner.send(this, this._encode(type, data, id));
  }

  private _encode(type: PacketType, data?: unknown, id?: number): Encoded {
    return this._owner.line.codec.encode(type, this.nsp, data, id);
  }
}
