import { EventEmitter } from "./app-emitter.js";
import { nextTick } from "./event-loop.js";
import { nodeBuffer } from "../platform/browser.js";
import { parseQuery } from "../url.js";
import type { EngineClient, EngineSession } from "./engine-session.js";
import type { Host, Namespace, RefusalError } from "./namespace.js";
import { Decoder, encode, type Frame, Type, type WirePacket } from "./packets.js";
import { type Carrier, type Conn, type Handshake, ServerSocket } from "./server-socket.js";

/** The server of a client. */
export interface Gatekeeper extends Host {
  /** A client that enters no namespace is put out after so many milliseconds. */
  readonly connectTimeout: number;
  /** Returns the namespace that a client may enter, now or later. */
  find(
    name: string,
    auth: Record<string, unknown>,
    found: (namespace: Namespace | undefined) => void,
  ): void;
}

/** Of every client. */
const ADDRESS = "127.0.0.1";

/** The Engine.IO connection, as socket.io shows it. Emits "close". */
export class EngineSocket extends EventEmitter implements Conn {
  constructor(private readonly _session: EngineSession) {
    super();
  }

  get id(): string {
    return this._session.sid;
  }

  /** Of Engine.IO. */
  get protocol(): 4 {
    return 4;
  }

  get remoteAddress(): string {
    return ADDRESS;
  }

  get transport(): { readonly name: string } {
    return { name: this._session.transport };
  }

  get readyState(): "open" | "closed" {
    return this._session.isOpen ? "open" : "closed";
  }

  close(): void {
    this._session.close();
  }
}

/**
 * Handles one connection of a server. Each step takes the ticks that socket.io 4.8 takes, because they decide what
 * happens to packets that arrive together with a DISCONNECT. A CONNECT is handled when it arrives, other packets a tick
 * later, and an event reaches its handlers another tick later, if its client is still there.
 */
export class ServerClient implements EngineClient, Carrier {
  readonly conn: EngineSocket;
  readonly handshake: Omit<Handshake, "auth">;
  private readonly _sockets = new Map<string, ServerSocket>();
  private readonly _decoder = new Decoder();
  private _isDeaf = false;
  private _stopTimer: (() => void) | undefined;

  constructor(
    private readonly _server: Gatekeeper,
    private readonly _session: EngineSession,
    url: string,
  ) {
    this.conn = new EngineSocket(_session);
    const query = parseQuery(/\?([^#]*)/.exec(url)?.[1] ?? "");
    this.handshake = {
      query,
      headers: {},
      url: url.replace(/^\w+:\/\/[^/]*/, ""),
      address: ADDRESS,
      secure: /^(https|wss):/.test(url),
      xdomain: false,
      time: new Date(Date.now()).toString(),
      issued: Date.now(),
    };
    this._stopTimer = _server.world.after(_server.connectTimeout, () => {
      if (!this._sockets.size) this.close();
    });
  }

  /** Of the handshake. */
  get request(): { readonly url: string; readonly headers: Record<string, string> } {
    return this.handshake;
  }

  /** Volatile packets are sent only when nothing waits. */
  get isWritable(): boolean {
    return this._session.isWritable;
  }

  read(frame: Frame, stamp: number): void {
    if (this._isDeaf) return;
    let packet: WirePacket | undefined;
    try {
      packet = this._decoder.add(frame);
    } catch (error) {
      this.offended(`unreadable: ${String(error)}`);
      return this.close();
    }
    if (packet) this._decoded(packet, stamp);
  }

  send(type: Type, nsp: string, data?: unknown, id?: number): void {
    const [text, ...attachments] = encode(type, nsp, data, id);
    this._session.send("4" + (text as string));
    for (const attachment of attachments) this._session.send(attachment);
  }

  leave(socket: ServerSocket): void {
    if (this._sockets.get(socket.nsp.name) === socket) this._sockets.delete(socket.nsp.name);
  }

  /** Removes it from all namespaces. */
  disconnect(): void {
    for (const socket of [...this._sockets.values()]) socket.disconnect();
    this.close();
  }

  close(): void {
    if (!this._session.isOpen) return;
    this._session.close();
    this.closed("forced server close");
  }

  /** The session is over. */
  closed(reason: string): void {
    this._stopTimer?.();
    if (this._isDeaf) return;
    this._isDeaf = true;
    for (const socket of [...this._sockets.values()]) socket.closed(reason);
    this.conn.emit("close", reason);
  }

  /** The client has violated the protocol, and is closed. */
  protected offended(_what: string, _packet?: WirePacket, _stamp?: number): void {}

  /** A packet for a socket has arrived. Returns false when it must end the connection. */
  protected survives(_packet: WirePacket, _socket: ServerSocket): boolean {
    return true;
  }

  private _decoded(packet: WirePacket, stamp: number): void {
    const { type, nsp } = packet;
    const socket = this._sockets.get(nsp);
    const isConnect = type === Type.CONNECT;
    if (!socket && isConnect) this._connect(packet);
    else if (socket && !isConnect && type !== Type.CONNECT_ERROR) {
      if (!this.survives(packet, socket)) return this._session.over("transport error");
      nextTick(() => socket.receive({ ...packet, data: withBuffers(packet.data) }));
    } else {
      const what = `${Type[type]} for "${nsp}", which is ${socket ? "" : "not "}in`;
      this.offended(`invalid state: ${what}`, packet, stamp);
      this.close();
    }
  }

  private _connect({ nsp: name, data }: WirePacket): void {
    const given = (data ?? {}) as Record<string, unknown>;
    this._server.find(name, given, (namespace) => {
      if (this._isDeaf) return;
      if (namespace) this._enter(namespace, given);
      else this.send(Type.CONNECT_ERROR, name, { message: "Invalid namespace" });
    });
  }

  private _enter(namespace: Namespace, given: Record<string, unknown>): void {
    const { name } = namespace;
    const { recovery } = this._server;
    // the app may have fields with these names, if nobody else has
    const { pid, offset, ...rest } = given;
    const auth = recovery ? rest : given;
    const restored = pid === undefined ? undefined : recovery?.restore(name, pid, offset);
    const socket = new ServerSocket(namespace, this, auth, restored);
    const accept = (): void => {
      if (this._isDeaf) return;
      socket.opened();
      namespace.enter(socket);
      this.send(Type.CONNECT, name, socket.welcome);
      this._sockets.set(name, socket);
      namespace.announce(socket);
    };
    const decided = (refusal?: RefusalError): void =>
      nextTick(() => {
        if (this._isDeaf) return;
        if (!refusal) return accept();
        const { message, data: more } = refusal;
        socket.gone();
        this.send(Type.CONNECT_ERROR, name, {
          message,
          ...(more !== undefined && { data: more }),
        });
      });
    nextTick(() => {
      if (this._isDeaf) return;
      if (!restored) return namespace.welcome(socket, decided);
      // the middlewares are not called again, and missed events come before the CONNECT
      for (const args of restored.missed) this.send(Type.EVENT, name, args);
      accept();
    });
  }
}

/** In Node, handlers get Buffers. */
function withBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array) return nodeBuffer(new Uint8Array(value).buffer);
  if (Array.isArray(value)) return value.map(withBuffers);
  if (Object(value) !== value) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([key, one]) => [key, withBuffers(one)]),
  );
}
