import type { BroadcastOperator } from "./broadcast.js";
import { EngineEndpoint } from "./engine-endpoint.js";
import { EngineServer } from "./engine-server.js";
import type { EngineClient, EngineConfig, EngineSession } from "./engine-session.js";
import { nextTick } from "./event-loop.js";
import { Namespace, ParentNamespace, type RefusalError } from "./namespace.js";
import { type Gatekeeper, ServerClient } from "./server-client.js";
import { type ServerOptions, settingsOf } from "./server-options.js";
import { SessionLog } from "./session-log.js";
import type { ServerSocket } from "./server-socket.js";
import type { VirtualTime } from "./virtual-time.js";

type ParentRule = (
  name: string,
  auth: Record<string, unknown>,
  next: (error: Error | null, isIn: boolean) => void,
) => unknown;
type ParentName = RegExp | ParentRule;

class KitEngine extends EngineServer {
  constructor(
    private readonly _server: Gatekeeper,
    config: EngineConfig,
  ) {
    super(_server.world, config);
  }

  /** How many connections there are. */
  get clientsCount(): number {
    return this.sessions.size;
  }

  override accept(session: EngineSession, url: string): EngineClient {
    return new ServerClient(this._server, session, url);
  }
}

/** An in-memory Socket.IO server, with the interface of `socket.io`'s. */
export class Server implements Gatekeeper {
  readonly engine: KitEngine;
  /** The main namespace. */
  readonly sockets: Namespace;
  recovery: SessionLog | undefined;
  /** What listens at its origin. */
  readonly endpoint: EngineEndpoint;
  readonly path: string;
  /** Milliseconds that a client has to enter a namespace. */
  readonly connectTimeout: number;
  // the server also has the methods of the main namespace
  readonly to = (room: string | string[]): BroadcastOperator<ServerSocket> => this.sockets.to(room);
  readonly in = this.to;
  readonly except = (room: string | string[]): BroadcastOperator<ServerSocket> =>
    this.sockets.except(room);
  readonly timeout = (ms: number): BroadcastOperator<ServerSocket> => this.sockets.timeout(ms);
  readonly compress = (on?: boolean): BroadcastOperator<ServerSocket> => this.sockets.compress(on);
  readonly emit = (event: string, ...args: unknown[]): boolean => this.sockets.emit(event, ...args);
  readonly fetchSockets = (): Promise<ServerSocket[]> => this.sockets.fetchSockets();
  readonly allSockets = (): Promise<Set<string>> => this.sockets.allSockets();
  readonly socketsJoin = (rooms: string | string[]): void => this.sockets.socketsJoin(rooms);
  readonly socketsLeave = (rooms: string | string[]): void => this.sockets.socketsLeave(rooms);
  readonly disconnectSockets = (close = false): void => this.sockets.disconnectSockets(close);
  private readonly _namespaces = new Map<string, Namespace>();
  private readonly _parents: { name: ParentName; rule: ParentRule; parent: ParentNamespace }[] = [];
  private readonly _duration: number | undefined;

  constructor(
    readonly world: VirtualTime,
    readonly url: string,
    options: ServerOptions = {},
  ) {
    const { path, recovery, connectTimeout, engine } = settingsOf(options);
    this.path = path;
    this.connectTimeout = connectTimeout;
    this._duration = recovery;
    this.engine = new KitEngine(this, engine);
    this.endpoint = new EngineEndpoint(this.engine);
    this._forget();
    this.sockets = this.of("/");
  }

  /** The namespace of a name, which is made when it is not there; or a parent of all whose name fits. */
  of(name: string | ParentName, listener?: (socket: ServerSocket) => void): Namespace {
    if (typeof name !== "string") return this._parent(name, listener);
    const full = name.startsWith("/") ? name : `/${name}`;
    let namespace = this._namespaces.get(full);
    if (!namespace) {
      const known = this._parents.find(
        ({ name: rule }) => rule instanceof RegExp && rule.test(full),
      );
      namespace = known?.parent.createChild(full) ?? new Namespace(this, full);
      this._added(namespace);
    }
    if (listener) namespace.on("connect", listener);
    return namespace;
  }

  /** Tells the namespace that a client may enter: functions of the app may take their time. */
  find(
    name: string,
    auth: Record<string, unknown>,
    found: (namespace: Namespace | undefined) => void,
  ): void {
    const known = this._namespaces.get(name);
    if (known) return found(known);
    const rules = this._parents.values();
    const ask = (): void => {
      const { value, done } = rules.next();
      if (done) return found(undefined);
      const { rule, parent } = value;
      void rule(name, auth, (error, isIn) => {
        if (error || !isIn) return ask();
        let namespace = this._namespaces.get(name);
        // another client may have come meanwhile
        if (!namespace) this._added((namespace = parent.createChild(name)));
        found(namespace);
      });
    };
    ask();
  }

  nextId(): string {
    return this.engine.nextId();
  }

  /**
   * The process is killed, and its memory is lost; the caller cuts its lines. Listeners and namespaces are there again.
   */
  restart(): void {
    this.engine.crash();
    this._forget();
  }

  /**
   * Ends all connections without a packet that would tell clients not to reconnect, and stops listening: they connect
   * again once another server is there.
   *
   * @param closed - gets an error when it was closed already
   */
  close(closed?: (error?: Error) => void): Promise<void> {
    const error = this.endpoint.isClosed
      ? Object.assign(new Error("Server is not running."), { code: "ERR_SERVER_NOT_RUNNING" })
      : undefined;
    this.endpoint.isClosed = true;
    for (const { sockets } of [...this._namespaces.values()])
      for (const socket of [...sockets.values()]) socket.closed("server shutting down");
    for (const session of [...this.engine.sessions.values()]) session.close();
    return new Promise((resolve) =>
      nextTick(() => {
        closed?.(error);
        resolve();
      }),
    );
  }

  /** "new_namespace": one was made, by `of()` or for a client. */
  on(event: "new_namespace", listener: (namespace: Namespace) => void): this;
  on(event: "connection" | "connect", listener: (socket: ServerSocket) => void): this;
  on(event: string, listener: (of: never) => void): this {
    this.sockets.on(event, listener as (...args: unknown[]) => void);
    return this;
  }

  once(event: "connection" | "connect", listener: (socket: ServerSocket) => void): this {
    this.sockets.once(event, listener);
    return this;
  }

  listeners(event: string): ((...args: unknown[]) => void)[] {
    return this.sockets.listeners(event);
  }

  listenerCount(event: string): number {
    return this.sockets.listenerCount(event);
  }

  removeAllListeners(event?: string): this {
    this.sockets.removeAllListeners(event);
    return this;
  }

  off(event: "connection" | "connect", listener?: (socket: ServerSocket) => void): this {
    this.sockets.off(event, listener);
    return this;
  }

  use(middleware: (socket: ServerSocket, next: (error?: RefusalError) => void) => void): this {
    this.sockets.use(middleware);
    return this;
  }

  get local(): BroadcastOperator<ServerSocket> {
    return this.sockets.local;
  }

  get volatile(): BroadcastOperator<ServerSocket> {
    return this.sockets.volatile;
  }

  send(...args: unknown[]): this {
    this.sockets.send(...args);
    return this;
  }

  write(...args: unknown[]): this {
    return this.send(...args);
  }

  private _added(namespace: Namespace): void {
    this._namespaces.set(namespace.name, namespace);
    // nobody can have asked for the first one, which comes with the server
    for (const told of (this.sockets as Namespace | undefined)?.rawListeners("new_namespace") ?? [])
      told(namespace);
  }

  private _parent(
    name: ParentName,
    listener: ((socket: ServerSocket) => void) | undefined,
  ): ParentNamespace {
    if (name instanceof RegExp && (name.global || name.sticky))
      throw new Error("stateful regular expressions are not supported");
    const parent = new ParentNamespace(this, `/_${this._parents.length}`);
    const rule: ParentRule =
      name instanceof RegExp ? (full, _auth, next) => next(null, name.test(full)) : name;
    this._parents.push({ name, rule, parent });
    if (listener) parent.on("connect", listener);
    return parent;
  }

  private _forget(): void {
    this.recovery =
      this._duration === undefined
        ? undefined
        : new SessionLog(this.world, this._duration, () => this.nextId());
  }
}
