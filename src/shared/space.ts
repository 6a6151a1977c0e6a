import type { LineMember } from "../connection/channel-line.js";
import type { Connection } from "../connection/connection.js";
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
  send(space: Space, encoded: Encoded): void;
  /** Takes back what waits of a namespace that the server has closed. */
  discard(space: Space): void;
  /** Calls `answered` once the server has received everything before. */
  probe(answered: () => void): void;
  /** Where to go on: the position of the tab that is furthest behind. */
  positionIn(space: Space): Position | undefined;
}

/** An event that the server would send again. */
type Entry = readonly [offset: string, args: unknown[]];

/** What a tab asks to be let in with. */
type Plea = Record<string, unknown>;

/** One namespace on the line of a host: which tabs are in it, and who gets what. To the server it is one client. */
export class Space implements LineMember {
  private static readonly _chart: Chart<SpaceState, SpaceEvent, void, Space> = {
    table: spaceTable,
    announcements: {
      out: (_, space) => space.proceed(),
      in: (_, space) => space.proceed(),
      left: (_, space) => space._owner.probe(() => space._machine.send("ended")),
    },
  };

  readonly pipeline = { size: 0 };
  private readonly _owner: SpaceOwner;
  private readonly _machine: Machine<SpaceState, SpaceEvent, void, Space>;
  private readonly _members = new Set<Seat>();
  /** Who has asked to be let in; the first of them is the one who asks the server. */
  private readonly _waiting = new Map<Seat, Plea>();
  /** By the ids that the server sees: who asked, and with which id. */
  private readonly _acks = new Map<unknown, readonly [seat: Seat, id: number]>();
  private _ackId = 0;
  /** The server's questions that nobody has answered yet. */
  private readonly _questions = new Set<unknown>();
  /** What the server has answered. */
  private _answer: Plea = {};
  /** The position before the first event of the log. Undefined where the server keeps no sessions. */
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
    return !this._acks.size && !this._waiting.size;
  }

  /** After the last event. */
  get position(): Position | undefined {
    const { _from: from, _log: log } = this;
    return from && [from[0], from[1] + log.length, log[log.length - 1]?.[0] ?? from[2]];
  }

  // -- the connection tells the switch, which has the tabs

  lineOpened(): void {}
  lineFailed(): void {}
  drained(): void {}

  lineLost(): void {
    this.forget();
    this._machine.send("ended");
  }

  /** The tabs are gone, or will begin anew: the server is not told. */
  forget(): void {
    for (const one of [this._members, this._waiting, this._acks, this._questions]) one.clear();
  }

  // -- what the tabs send

  take(seat: Seat, { type, id, data }: SocketPacket): void {
    if (type === PacketType.CONNECT) {
      this._waiting.set(seat, data as Plea);
      this.proceed();
    } else if (type === PacketType.DISCONNECT) this.leave(seat);
    else if (!this._members.has(seat)) return;
    else if (type === PacketType.EVENT) {
      if (id !== undefined) this._acks.set(++this._ackId, [seat, id]);
      this._send(type, data, id === undefined ? id : this._ackId);
    }
    // the first answer counts
    else if (this._questions.delete(id)) this._send(type, data, id);
  }

  /** The tab has left, or is gone. */
  leave(seat: Seat): void {
    this._waiting.delete(seat);
    for (const [id, [asker]] of this._acks) if (asker === seat) this._acks.delete(id);
    if (this._members.delete(seat)) this.proceed();
  }

  // -- what the server sends

  receive({ type, id, data }: SocketPacket): void {
    const { _acks: acks, _waiting: waiting, _machine: machine } = this;
    const { state } = machine;
    const [asker] = waiting.keys();
    switch (type) {
      case PacketType.ACK: {
        const [seat, own] = acks.get(id) ?? [];
        acks.delete(id);
        return seat?.packet(this._encode(type, data, own));
      }
      case PacketType.EVENT:
        if (state === "in" || state === "asking") this._event(data as unknown[], id);
        return;
      case PacketType.CONNECT:
        if (state === "asking") this._accepted((data ?? {}) as Plea);
        return;
      case PacketType.CONNECT_ERROR:
        if (state !== "asking") return;
        if (asker) {
          waiting.delete(asker);
          asker.packet(this._encode(type, data));
        }
        machine.send("ended");
        return;
      case PacketType.DISCONNECT: {
        const told = [...this._members, ...waiting.keys()];
        this._owner.discard(this);
        this.lineLost();
        for (const seat of told) seat.packet(this._encode(type));
      }
    }
  }

  private _event(args: unknown[], id: number | undefined): void {
    const { nsp, _log: log, _from: from } = this;
    const last = args[args.length - 1];
    // a question has no offset, nor has what is volatile: neither is sent again
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

  // -- entering and leaving

  /** Does what is to be done, as things stand. */
  proceed(): void {
    const { _waiting: waiting, _machine: machine, _owner: owner } = this;
    const [first] = waiting.values();
    if (machine.state === "in") {
      for (const [seat, plea] of waiting) this._admit(seat, plea);
      waiting.clear();
      if (this._members.size) return;
      this._send(PacketType.DISCONNECT);
      machine.send("left");
    } else if (machine.state === "out" && waiting.size && owner.isReady) {
      const from = owner.positionIn(this);
      const plea = { ...first, pid: from?.[0], offset: from?.[2] };
      this._from = from;
      this._log = [];
      owner.line.transmit(this._encode(PacketType.CONNECT, plea), true, this, true);
      machine.send("asked");
    }
  }

  private _accepted(answer: Plea): void {
    const { pid } = answer;
    const { _from: from } = this;
    this._answer = answer;
    if (typeof pid !== "string") this._from = undefined;
    // another session: what came before the answer is not ours
    else if (from?.[0] !== pid) {
      this._log = [];
      this._from = [pid, (from?.[1] ?? 0) + 1, undefined];
    }
    this._machine.send("accepted");
  }

  /** Lets a tab in, as the server would: first what it has missed, then the answer. */
  private _admit(seat: Seat, plea: Plea | undefined): void {
    const { nsp, _log: log, _from: from, _answer: answer, position } = this;
    const { pid } = answer;
    const [known, count, offset] = seat.positions.get(nsp) ?? [];
    const isAtStart = offset === from?.[2] && (offset !== undefined || count === from?.[1]);
    const at = isAtStart ? 0 : log.findIndex(([one]) => one === offset) + 1;
    // what it has not got is not there any more, or it knows another session
    const isLost = known !== undefined && (known !== pid || (!at && !isAtStart));
    this._members.add(seat);
    for (const [, args] of isLost || known === undefined ? [] : log.slice(at))
      if (seat.listensTo(nsp, args[0])) seat.packet(this._encode(PacketType.EVENT, args));
    // a session counts as recovered where its id is the one that the tab knows
    const own = isLost ? (plea?.pid === pid ? `${String(pid)}~` : pid) : (plea?.pid ?? pid);
    const encoded = this._encode(PacketType.CONNECT, { ...answer, pid: pid && own });
    seat.packet(encoded, nsp, position);
  }

  private _send(type: PacketType, data?: unknown, id?: number): void {
    this._owner.send(this, this._encode(type, data, id));
  }

  private _encode(type: PacketType, data?: unknown, id?: number): Encoded {
    return this._owner.line.codec.encode(type, this.nsp, data, id);
  }
}
