/**
 * The Socket.IO half of the scripted server: namespaces, events, acks. Each step takes the ticks that socket.io 4.8
 * takes for it, because what happens to packets that arrive together with a farewell depends on them.
 */
import { EventEmitter } from "node:events";
import { DefaultCodec } from "../../src/protocol/codec.js";
import type { EngineFrame } from "../../src/protocol/engine-packet.js";
import { PacketType, type SocketPacket } from "../../src/protocol/socket-packet.js";
import type { EngineSession, ModelServer } from "./server.js";

type Middleware = (event: unknown[], next: (error?: Error) => void) => void;

const RECOVERABLE = new Set(["transport close", "ping timeout", "transport error"]);

/** One process of the server: what `dedupe()` is given. */
export class ServerNode {
  readonly #listeners: ((socket: never) => void)[] = [];
  /** Told of each event when it arrives, before anything is done with it. */
  arrived: (args: unknown[]) => void = () => {};

  on(_event: "connection", listener: (socket: never) => void): void {
    this.#listeners.push(listener);
  }

  connected(socket: ServerSocket): void {
    for (const listener of this.#listeners) listener(socket as never);
  }
}

export class ServerClient {
  readonly #server: ModelServer;
  readonly #session: EngineSession;
  readonly #node: ServerNode;
  readonly #sockets = new Map<string, ServerSocket>();
  readonly #codec = new DefaultCodec();
  /** Tells that the session is over. */
  readonly conn = new EventEmitter();

  constructor(server: ModelServer, session: EngineSession, node: ServerNode) {
    this.#server = server;
    this.#session = session;
    this.#node = node;
  }

  read(frame: EngineFrame): void {
    const packet = typeof frame === "string" ? this.#codec.text(frame, 1) : this.#binary(frame);
    if (!packet) return;
    const socket = this.#sockets.get(packet.nsp);
    const isConnect = packet.type === PacketType.CONNECT;
    if (!socket && isConnect) this.#connect(packet);
    else if (socket && !isConnect) {
      if (packet.type === PacketType.EVENT) this.#node.arrived(packet.data as unknown[]);
      process.nextTick(() => socket.receive(packet));
    } else this.#session.close("transport close");
  }

  send(type: PacketType, nsp: string, data?: unknown, id?: number): void {
    const encoded = this.#codec.encode(type, nsp, data, id);
    if (typeof encoded === "string") this.#session.send("4" + encoded);
  }

  leave(socket: ServerSocket): void {
    this.#sockets.delete(socket.nsp);
  }

  /** The session is over. */
  closed(reason: string): void {
    for (const socket of [...this.#sockets.values()]) socket.closed(reason);
    this.conn.emit("close");
  }

  #binary(frame: EngineFrame): SocketPacket | undefined {
    return this.#codec.binary(frame as Uint8Array);
  }

  #connect({ nsp, data }: SocketPacket): void {
    const { config, recovery } = this.#server;
    const isProbe = nsp.startsWith("/tautline-probe-");
    if (isProbe && !config.catchAll)
      return this.send(PacketType.CONNECT_ERROR, nsp, { message: "Invalid namespace" });
    const { pid, offset } = (data ?? {}) as { pid?: unknown; offset?: unknown };
    const restored = config.recovery && !isProbe ? recovery.restore(pid, offset) : undefined;
    const socket = new ServerSocket(this.#server, this, nsp, restored);
    this.#sockets.set(nsp, socket);
    process.nextTick(() => {
      if (!this.#session.isOpen) return;
      socket.connected = true;
      this.send(PacketType.CONNECT, nsp, {
        sid: socket.id,
        ...(socket.pid && { pid: socket.pid }),
      });
      if (nsp === "/") this.#node.connected(socket);
      for (const args of restored?.missed ?? []) this.send(PacketType.EVENT, nsp, args);
    });
  }
}

export class ServerSocket extends EventEmitter {
  readonly id: string;
  readonly pid: string | undefined;
  connected = false;
  readonly #server: ModelServer;
  readonly #client: ServerClient;
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
    this.#client = client;
    this.id = restored?.sid ?? server.nextId();
    const isRecoverable = server.config.recovery && nsp === "/";
    this.pid = restored?.pid ?? (isRecoverable ? `p${server.nextId()}` : undefined);
  }

  get conn(): EventEmitter {
    return this.#client.conn;
  }

  listenersAny(): [] {
    return [];
  }

  use(middleware: Middleware): void {
    this.#middlewares.push(middleware);
  }

  /** Says an event; with `answered`, it wants an answer. */
  say(args: unknown[], answered?: (...args: unknown[]) => void): void {
    if (answered) {
      this.#acks.set(this.#ids, answered);
      return this.#client.send(PacketType.EVENT, this.nsp, args, this.#ids++);
    }
    const whole = this.pid
      ? this.#server.recovery.record(this.pid, args, this.#server.nextId())
      : args;
    this.#client.send(PacketType.EVENT, this.nsp, whole);
  }

  kick(): void {
    if (!this.connected) return;
    this.#client.send(PacketType.DISCONNECT, this.nsp);
    this.closed("server namespace disconnect");
  }

  closed(reason: string): void {
    if (!this.connected) return;
    if (this.pid && RECOVERABLE.has(reason))
      this.#server.recovery.keep({ sid: this.id, pid: this.pid });
    this.#client.leave(this);
    this.connected = false;
  }

  receive({ type, data, id }: SocketPacket): void {
    if (type === PacketType.DISCONNECT) return this.closed("client namespace disconnect");
    if (type === PacketType.ACK) {
      this.#acks.get(id as number)?.(...(data as unknown[]));
      return;
    }
    this.onevent({ data: [...(data as unknown[])], id });
  }

  onevent({ data, id }: { data?: unknown; id?: unknown }): void {
    const event = data as unknown[];
    if (id != null) event.push(this.ack(id as number));
    this.run(event, (error) =>
      process.nextTick(() => {
        // socket.io ignores what it received before a disconnection and has not handled by then
        if (!error && this.connected) super.emit(event[0] as string, ...event.slice(1));
      }),
    );
  }

  run(event: unknown[], done: (error?: unknown) => void, at = 0): void {
    const middleware = this.#middlewares[at];
    if (!middleware) return done();
    middleware(event, (error) => (error ? done(error) : this.run(event, done, at + 1)));
  }

  _onerror(): void {}

  ack(id: number): (...args: unknown[]) => void {
    let sent = false;
    return (...args) => {
      if (sent) return;
      sent = true;
      this.#client.send(PacketType.ACK, this.nsp, args, id);
    };
  }
}
