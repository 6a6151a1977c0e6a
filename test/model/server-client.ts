/**
 * The Socket.IO half of the scripted server: namespaces, events, acks. Each step takes the ticks that socket.io 4.8
 * takes for it, because what happens to packets that arrive together with a farewell depends on them: a CONNECT is
 * looked at when it arrives, anything else a tick later, and an event reaches its handlers another tick later, if its
 * client is still there.
 */
import { EventEmitter } from "node:events";
import type { EngineSession } from "../../src/test-kit/engine-server.js";
import type { ModelServer } from "./server.js";
import { Decoder, encode, type Frame, Type, type WirePacket } from "../../src/test-kit/packets.js";

type Middleware = (event: unknown[], next: (error?: Error) => void) => void;

const RECOVERABLE = new Set(["transport close", "ping timeout", "transport error"]);

/** Something for which the server closed the whole connection. */
export interface Offence {
  what: string;
  /** False: the client could not know yet that the server had put it out. */
  isAvoidable: boolean;
}

/** Who wants to enter a namespace, and may be refused, after a while. */
export type Welcome = (nsp: string, decide: (refusal?: object) => void) => void;

/** One namespace of a process: what `dedupe()` is given. */
export class ServerNamespace extends EventEmitter {}

/** One process of the server. */
export class ServerNode {
  readonly #namespaces = new Map<string, ServerNamespace>();
  /** Told of each event when it arrives, before anything is done with it; true: the server's end of the line breaks. */
  arrived: (nsp: string, args: unknown[], by: object) => boolean = () => false;
  welcome: Welcome = (_nsp, decide) => decide();

  of(nsp: string): ServerNamespace {
    let namespace = this.#namespaces.get(nsp);
    if (!namespace) this.#namespaces.set(nsp, (namespace = new ServerNamespace()));
    return namespace;
  }
}

export class ServerClient {
  readonly #server: ModelServer;
  readonly #session: EngineSession;
  readonly #node: ServerNode;
  readonly #sockets = new Map<string, ServerSocket>();
  readonly #decoder = new Decoder();
  /** Namespaces that the client was put out of; when it read of that, if it has. */
  readonly #kicked = new Map<string, number>();
  #isDeaf = false;
  /** The Engine.IO connection as socket.io shows it: tells of its "close". */
  readonly conn = new EventEmitter();

  constructor(server: ModelServer, session: EngineSession, node: ServerNode) {
    this.#server = server;
    this.#session = session;
    this.#node = node;
  }

  read(frame: Frame, stamp: number): void {
    if (this.#isDeaf) return;
    let packet: WirePacket | undefined;
    try {
      packet = this.#decoder.add(frame);
    } catch (error) {
      this.#server.offences.push({ what: `unreadable: ${String(error)}`, isAvoidable: true });
      return this.#session.close();
    }
    if (packet) this.#decoded(packet, stamp);
  }

  send(type: Type, nsp: string, data?: unknown, id?: number): void {
    const [text, ...attachments] = encode(type, nsp, data, id);
    this.#session.send("4" + (text as string));
    for (const attachment of attachments) this.#session.send(attachment);
  }

  /** The server puts a socket out of its namespace. */
  kicked(nsp: string): void {
    this.#kicked.set(nsp, Infinity);
    this.send(Type.DISCONNECT, nsp);
  }

  /** The client has read so. */
  toldGoodbye(nsp: string, stamp: number): void {
    if (this.#kicked.has(nsp)) this.#kicked.set(nsp, stamp);
  }

  leave(socket: ServerSocket): void {
    if (this.#sockets.get(socket.nsp) === socket) this.#sockets.delete(socket.nsp);
  }

  /** Puts it out of everything. */
  disconnect(): void {
    for (const socket of [...this.#sockets.values()]) socket.kick();
    this.close();
  }

  close(): void {
    if (!this.#session.isOpen) return;
    this.#session.close();
    this.closed("forced server close");
  }

  /** The session is over. */
  closed(reason: string): void {
    this.#isDeaf = true;
    for (const socket of [...this.#sockets.values()]) socket.closed(reason);
    this.conn.emit("close", reason);
  }

  #decoded(packet: WirePacket, stamp: number): void {
    const { type, nsp } = packet;
    const socket = this.#sockets.get(nsp);
    const isConnect = type === Type.CONNECT;
    if (!socket && isConnect) this.#connect(packet);
    else if (socket && !isConnect && type !== Type.CONNECT_ERROR) {
      if (type === Type.EVENT && this.#node.arrived(nsp, (packet.data ?? []) as unknown[], socket))
        return this.#session.over("transport error");
      process.nextTick(() => socket.receive(packet));
    } else {
      const isAvoidable = isConnect || !(stamp < (this.#kicked.get(nsp) ?? 0));
      const what = `invalid state: ${Type[type]} for "${nsp}", which is ${socket ? "" : "not "}in`;
      this.#server.offences.push({ what, isAvoidable });
      this.close();
    }
  }

  #connect({ nsp, data }: WirePacket): void {
    const { config, recovery } = this.#server;
    const isProbe = nsp.startsWith("/tautline-probe-");
    if (isProbe && !config.catchAll)
      return this.send(Type.CONNECT_ERROR, nsp, { message: "Invalid namespace" });
    const { pid, offset } = (data ?? {}) as { pid?: unknown; offset?: unknown };
    const restored = config.recovery && !isProbe ? recovery.restore(pid, offset) : undefined;
    const socket = new ServerSocket(this.#server, this, nsp, restored);
    const accept = (): void => {
      socket.connected = true;
      this.send(Type.CONNECT, nsp, { sid: socket.id, ...(socket.pid && { pid: socket.pid }) });
      this.#sockets.set(nsp, socket);
      if (!isProbe) this.#node.of(nsp).emit("connection", socket);
    };
    const decided = (refusal?: object): void =>
      process.nextTick(() => {
        if (!this.#session.isOpen) return;
        if (refusal) this.send(Type.CONNECT_ERROR, nsp, refusal);
        else accept();
      });
    queueMicrotask(() => {
      if (!this.#session.isOpen) return;
      if (isProbe) return decided();
      if (!restored) return this.#node.welcome(nsp, decided);
      // nobody asks the middlewares again, and what was missed comes before the CONNECT
      for (const args of restored.missed) this.send(Type.EVENT, nsp, args);
      accept();
    });
  }
}

export class ServerSocket extends EventEmitter {
  readonly id: string;
  readonly pid: string | undefined;
  connected = false;
  readonly #server: ModelServer;
  readonly client: ServerClient;
  readonly #middlewares: Middleware[] = [];
  readonly #acks = new Map<number, (...args: unknown[]) => void>();
  #ids = 0;

  constructor(
    server: ModelServer,
    client: ServerClient,
    readonly nsp: string,
    restored: { sid: string; pid: string } | undefined,
  ) {
    super();
    this.#server = server;
    this.client = client;
    this.id = restored?.sid ?? server.nextId();
    const isRecoverable = server.config.recovery && !nsp.startsWith("/tautline-probe-");
    this.pid = restored?.pid ?? (isRecoverable ? `p${server.nextId()}` : undefined);
  }

  use(middleware: Middleware): void {
    this.#middlewares.push(middleware);
  }

  /** Says an event; with `answered`, it wants an answer. */
  say(args: unknown[], answered?: (...args: unknown[]) => void): void {
    if (answered) {
      this.#acks.set(this.#ids, answered);
      return this.client.send(Type.EVENT, this.nsp, args, this.#ids++);
    }
    const whole = this.pid
      ? this.#server.recovery.record(this.pid, args, this.#server.nextId())
      : args;
    this.client.send(Type.EVENT, this.nsp, whole);
  }

  kick(): void {
    if (!this.connected) return;
    this.client.kicked(this.nsp);
    this.closed("server namespace disconnect");
  }

  closed(reason: string): void {
    if (!this.connected) return;
    if (this.pid && RECOVERABLE.has(reason))
      this.#server.recovery.keep({ sid: this.id, pid: this.pid });
    this.client.leave(this);
    this.connected = false;
    this.emit("disconnect", reason);
  }

  receive({ type, data, id }: WirePacket): void {
    if (type === Type.DISCONNECT) return this.closed("client namespace disconnect");
    if (type === Type.ACK) {
      const answered = this.#acks.get(id as number);
      this.#acks.delete(id as number);
      return answered?.(...(data as unknown[]));
    }
    this.onevent({ data, id });
  }

  /** Like those below, named and called as socket.io's own: `dedupe()` stands in between. */
  onevent({ data, id }: { data?: unknown; id?: unknown }): void {
    const event = (data ?? []) as unknown[];
    if (typeof id === "number") event.push(this.ack(id));
    this.run(event, (error) =>
      process.nextTick(() => {
        // socket.io ignores what it received before a disconnection and has not handled by then
        if (!error && this.connected) super.emit(event[0] as string, ...event.slice(1));
      }),
    );
  }

  run(event: unknown[], done: (error?: unknown) => void): void {
    const middlewares = [...this.#middlewares];
    const next = (at: number): void => {
      const middleware = middlewares[at];
      if (!middleware) return done();
      middleware(event, (error) => (error ? done(error) : next(at + 1)));
    };
    next(0);
  }

  listenersAny(): [] {
    return [];
  }

  get conn(): EventEmitter {
    return this.client.conn;
  }

  ack(id: number): (...args: unknown[]) => void {
    let sent = false;
    return (...args) => {
      if (sent) return;
      sent = true;
      this.client.send(Type.ACK, this.nsp, args, id);
    };
  }
}
