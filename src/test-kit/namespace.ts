import { EventEmitter } from "./app-emitter.js";
import { BroadcastOperator } from "./broadcast.js";
import { Rooms } from "./rooms.js";
import type { SessionLog } from "./session-log.js";
import type { VirtualTime } from "./virtual-time.js";
import type { Home, ServerSocket } from "./server-socket.js";

export type NamespaceMiddleware = (
  socket: ServerSocket,
  next: (error?: RefusalError) => void,
) => void;

/** A refusal by a middleware: clients get its message and its data. */
export type RefusalError = Error & { data?: unknown };

/** The server of a namespace. */
export interface Host {
  readonly world: VirtualTime;
  readonly recovery: SessionLog | undefined;
  nextId(): string;
}

/** A namespace of the server, with the interface of socket.io's. */
export class Namespace extends EventEmitter implements Home {
  /** By their ids. */
  readonly sockets = new Map<string, ServerSocket>();
  readonly adapter = new Rooms();
  private readonly _middlewares: NamespaceMiddleware[] = [];
  private _acks = 0;

  constructor(
    readonly server: Host,
    readonly name: string,
  ) {
    super();
  }

  get world(): VirtualTime {
    return this.server.world;
  }

  get recovery(): SessionLog | undefined {
    return this.server.recovery;
  }

  nextId(): string {
    return this.server.nextId();
  }

  use(middleware: NamespaceMiddleware): this {
    this._middlewares.push(middleware);
    return this;
  }

  /** Gets the listeners and middlewares of its parent. */
  inherit(parent: Namespace): void {
    this._middlewares.push(...parent._middlewares);
    for (const event of ["connection", "connect"])
      for (const listener of parent.listeners(event))
        this.on(event, listener as (...args: unknown[]) => void);
  }

  to(room: string | string[]): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this).to(room);
  }

  in(room: string | string[]): BroadcastOperator<ServerSocket> {
    return this.to(room);
  }

  except(room: string | string[]): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this).except(room);
  }

  timeout(ms: number): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this).timeout(ms);
  }

  get volatile(): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this).volatile;
  }

  get local(): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this);
  }

  compress(_on?: boolean): BroadcastOperator<ServerSocket> {
    return new BroadcastOperator(this);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return new BroadcastOperator(this).emit(String(event), ...args);
  }

  send(...args: unknown[]): this {
    this.emit("message", ...args);
    return this;
  }

  write(...args: unknown[]): this {
    return this.send(...args);
  }

  fetchSockets(): Promise<ServerSocket[]> {
    return new BroadcastOperator(this).fetchSockets();
  }

  allSockets(): Promise<Set<string>> {
    return new BroadcastOperator(this).allSockets();
  }

  socketsJoin(rooms: string | string[]): void {
    new BroadcastOperator(this).socketsJoin(rooms);
  }

  socketsLeave(rooms: string | string[]): void {
    new BroadcastOperator(this).socketsLeave(rooms);
  }

  disconnectSockets(close = false): void {
    new BroadcastOperator(this).disconnectSockets(close);
  }

  /** Calls the middlewares, one after the other. */
  welcome(socket: ServerSocket, decided: (error?: RefusalError) => void): void {
    const middlewares = [...this._middlewares];
    const next = (at: number): void => {
      const middleware = middlewares[at];
      if (!middleware) return decided();
      middleware(socket, (error) => (error ? decided(error) : next(at + 1)));
    };
    next(0);
  }

  /** The id of the ack of an event. */
  nextAck(): number {
    return this._acks++;
  }

  enter(socket: ServerSocket): void {
    this.sockets.set(socket.id, socket);
  }

  leave(socket: ServerSocket): void {
    this.adapter.removeAll(socket.id);
    this.sockets.delete(socket.id);
  }

  announce(socket: ServerSocket): void {
    super.emit("connect", socket);
    super.emit("connection", socket);
  }

  select(rooms: ReadonlySet<string>, except: ReadonlySet<string>): ServerSocket[] {
    return this.adapter.select(rooms, except).flatMap((id) => this.sockets.get(id) ?? []);
  }

  broadcast(
    args: unknown[],
    rooms: ReadonlySet<string>,
    except: ReadonlySet<string>,
    { volatile = false }: { volatile?: boolean },
  ): void {
    const { recovery } = this;
    const whole = recovery && !volatile ? recovery.record(this.name, args, rooms, except) : args;
    for (const socket of this.select(rooms, except)) socket.push(whole, volatile);
  }
}

/** Stands for all namespaces of one expression or function: its emits reach the clients of each. */
export class ParentNamespace extends Namespace {
  readonly children = new Set<Namespace>();

  createChild(name: string): Namespace {
    const child = new Namespace(this.server, name);
    child.inherit(this);
    this.children.add(child);
    return child;
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    for (const child of this.children) child.emit(event, ...args);
    return true;
  }

  override broadcast(...call: Parameters<Namespace["broadcast"]>): void {
    for (const child of this.children) child.broadcast(...call);
  }

  /** @throws Error, as in socket.io */
  override fetchSockets(): Promise<ServerSocket[]> {
    throw new Error("fetchSockets() is not supported on parent namespaces");
  }
}
