import type { EventEmitter } from "./app-emitter.js";
import { CatchAllEmitter } from "./catch-all.js";
import { nextTick } from "./event-loop.js";
import { type Audience, type BroadcastFlags, BroadcastOperator } from "./broadcast.js";
import type { Rooms } from "./rooms.js";
import { RESERVED, Type, type WirePacket } from "./packets.js";
import type { Restored, SessionLog } from "./session-log.js";

type Listener = (...args: unknown[]) => void;
type SocketMiddleware = (event: unknown[], next: (error?: Error) => void) => void;

/** The Engine.IO connection of a client, as an app sees it. Emits "close". */
export interface Conn extends EventEmitter {
  readonly id: string;
  readonly transport: { readonly name: string };
  readonly readyState: "open" | "closed";
  readonly protocol: 4;
  readonly remoteAddress: string;
  close(): void;
}

/** The connection of a socket's packets, which other namespaces share. */
export interface Carrier {
  readonly conn: Conn;
  readonly handshake: Omit<Handshake, "auth">;
  readonly isWritable: boolean;
  readonly request: { readonly url: string; readonly headers: Record<string, string> };
  send(type: Type, nsp: string, data?: unknown, id?: number): void;
  leave(socket: ServerSocket): void;
  disconnect(): void;
}

/** The namespace of a socket, as the socket needs it. */
export interface Home extends Audience<ServerSocket> {
  readonly name: string;
  readonly adapter: Rooms;
  readonly recovery: SessionLog | undefined;
  nextId(): string;
  nextAck(): number;
  leave(socket: ServerSocket): void;
}

/** The data of a client's handshake. */
export interface Handshake {
  readonly auth: Record<string, unknown>;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly url: string;
  readonly address: string;
  readonly secure: boolean;
  readonly xdomain: boolean;
  /** When, on the clock of the page. */
  readonly time: string;
  readonly issued: number;
}

const RECOVERABLE = new Set([
  "transport error",
  "transport close",
  "forced close",
  "ping timeout",
  "server shutting down",
  "forced server close",
]);

/** One client in one namespace, with the interface of socket.io's. */
export class ServerSocket extends CatchAllEmitter {
  readonly id: string;
  readonly recovered: boolean;
  readonly handshake: Handshake;
  connected = false;
  data: unknown;
  private readonly _pid: string | undefined;
  private readonly _middlewares: SocketMiddleware[] = [];
  private readonly _acks = new Map<number, Listener>();
  private _flags: BroadcastFlags = {};
  /** It is in no room any more, and enters none. */
  private _isGone = false;

  constructor(
    readonly nsp: Home,
    readonly client: Carrier,
    auth: Record<string, unknown>,
    restored: Restored | undefined,
  ) {
    super();
    this.handshake = { ...client.handshake, auth };
    this.recovered = restored !== undefined;
    this.data = restored?.data ?? {};
    this.id = restored?.sid ?? nsp.nextId();
    this._pid = restored?.pid ?? (nsp.recovery && `p${nsp.nextId()}`);
    if (restored) this.join([...restored.rooms]);
  }

  /** The answer to CONNECT. */
  get welcome(): object {
    return { sid: this.id, ...(this._pid && { pid: this._pid }) };
  }

  get conn(): Conn {
    return this.client.conn;
  }

  get request(): { readonly url: string; readonly headers: Record<string, string> } {
    return this.client.request;
  }

  get rooms(): Set<string> {
    return new Set(this.nsp.adapter.sids.get(this.id));
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  join(rooms: string | string[]): void {
    if (!this._isGone) this.nsp.adapter.add(this.id, [rooms].flat());
  }

  leave(room: string): void {
    this.nsp.adapter.remove(this.id, room);
  }

  to(room: string | string[]): BroadcastOperator<ServerSocket> {
    return this.broadcast.to(room);
  }

  in(room: string | string[]): BroadcastOperator<ServerSocket> {
    return this.to(room);
  }

  except(room: string | string[]): BroadcastOperator<ServerSocket> {
    return this.broadcast.except(room);
  }

  /** To all others. */
  get broadcast(): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this.nsp, new Set(), new Set([this.id]), this._takeFlags());
  }

  get local(): BroadcastOperator<ServerSocket> {
    return this.broadcast;
  }

  /** To this client, unless its connection is busy or down. */
  get volatile(): this {
    this._flags.volatile = true;
    return this;
  }

  /** For the ack of the next emit. */
  timeout(ms: number): this {
    this._flags.timeout = ms;
    return this;
  }

  compress(_on?: boolean): this {
    return this;
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return this._emit([event, ...args]);
  }

  send(...args: unknown[]): this {
    this.emit("message", ...args);
    return this;
  }

  write(...args: unknown[]): this {
    return this.send(...args);
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return this._promise([event, ...args], this._flags.timeout);
  }

  use(middleware: SocketMiddleware): this {
    this._middlewares.push(middleware);
    return this;
  }

  /** @param close - ends the whole connection, with all its namespaces */
  disconnect(close = false): this {
    if (!this.connected) return this;
    if (close) this.client.disconnect();
    else {
      this.client.send(Type.DISCONNECT, this.nsp.name);
      this.closed("server namespace disconnect");
    }
    return this;
  }

  /** The client was accepted. */
  opened(): void {
    this.connected = true;
    this.join(this.id);
  }

  /** It has left, or was refused. */
  gone(): void {
    this.nsp.leave(this);
    this._isGone = true;
  }

  closed(reason: string, description?: unknown): void {
    if (!this.connected) return;
    super.emit("disconnecting", reason, description);
    const { recovery } = this.nsp;
    if (recovery && this._pid && RECOVERABLE.has(reason)) {
      const { id: sid, _pid: pid, data } = this;
      recovery.keep(this.nsp.name, { sid, pid, rooms: [...this.rooms], data });
    }
    this.gone();
    this.client.leave(this);
    this.connected = false;
    super.emit("disconnect", reason, description);
  }

  receive({ type, data, id }: WirePacket): void {
    if (type === Type.DISCONNECT) return this.closed("client namespace disconnect");
    if (type === Type.ACK) {
      const answered = this._acks.get(id as number);
      this._acks.delete(id as number);
      return answered?.(...(data as unknown[]));
    }
    this.onevent({ data, id });
  }

  /** Named and called as socket.io's own: helpers stand in between. */
  onevent({ data, id }: { data?: unknown; id?: unknown }): void {
    const event = [...((data ?? []) as unknown[])];
    if (typeof id === "number") event.push(this.ack(id));
    for (const listener of this.listenersAny()) listener(...event);
    this.dispatch(event);
  }

  dispatch(event: unknown[]): void {
    this.run(event, (error) =>
      nextTick(() => {
        if (error) super.emit("error", error);
        // events that were received before a disconnect, and not handled by then, are ignored
        else if (this.connected) super.emit(event[0] as string, ...event.slice(1));
      }),
    );
  }

  run(event: unknown[], done: (error?: Error) => void): void {
    const middlewares = [...this._middlewares];
    const next = (at: number): void => {
      const middleware = middlewares[at];
      if (!middleware) return done();
      middleware(event, (error) => (error ? done(error) : next(at + 1)));
    };
    next(0);
  }

  ack(id: number): Listener {
    let isSent = false;
    return (...args) => {
      if (isSent) return;
      this.client.send(Type.ACK, this.nsp.name, args, id);
      // after it: what could not be encoded has not answered
      isSent = true;
    };
  }

  /** Sends what is encoded with its offset, if it has one. */
  push(args: unknown[], isVolatile = false): void {
    for (const listener of this.listenersAnyOutgoing()) listener(...args);
    if (isVolatile && !this.client.isWritable) return;
    this.client.send(Type.EVENT, this.nsp.name, args);
  }

  /** Sends an event with an ack. */
  ask(args: unknown[], answered: Listener, id = this.nsp.nextAck()): void {
    this._acks.set(id, answered);
    for (const listener of this.listenersAnyOutgoing()) listener(...args);
    this.client.send(Type.EVENT, this.nsp.name, args, id);
  }

  /** Flags apply to one call, as in socket.io. */
  private _takeFlags(): BroadcastFlags {
    const flags = this._flags;
    this._flags = {};
    return flags;
  }

  private _emit(args: unknown[]): true {
    const [event] = args;
    if (RESERVED.includes(event as string))
      throw new Error(`"${String(event)}" is a reserved event name`);
    const ack = typeof args[args.length - 1] === "function" ? (args.pop() as Listener) : undefined;
    const { timeout, volatile: isVolatile = false } = this._takeFlags();
    if (ack) this._ask(args, ack, timeout);
    else {
      const { recovery } = this.nsp;
      const isRecorded = recovery && !isVolatile;
      this.push(
        isRecorded ? recovery.record(this.nsp.name, args, new Set([this.id]), new Set()) : args,
        isVolatile,
      );
    }
    return true;
  }

  private _ask(args: unknown[], ack: Listener, timeout: number | undefined): void {
    if (timeout === undefined) return this.ask(args, ack);
    const id = this.nsp.nextAck();
    const stop = this.nsp.world.after(timeout, () => {
      this._acks.delete(id);
      ack(new Error("operation has timed out"));
    });
    const answered: Listener = (...answer) => {
      stop();
      ack(null, ...answer);
    };
    this.ask(args, answered, id);
  }

  private _promise(args: unknown[], timeout: number | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ack: Listener =
        timeout === undefined
          ? resolve
          : (error, answer) => (error ? reject(error as Error) : resolve(answer));
      this._emit([...args, ack]);
    });
  }
}
