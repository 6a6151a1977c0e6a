import { Emitter } from "../emitter.js";
import { TautlineError } from "../errors.js";
import { Machine, type Table } from "../machine.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { CatchAll, type CatchAllListener } from "./catch-all.js";
import { Emission, type EmitOptions, type EmitTarget } from "./emit-options.js";
import type {
  AckAnswer,
  AllButLast,
  DefaultEventsMap,
  EventArgs,
  EventNames,
  EventsMap,
  WithReserved,
} from "./event-types.js";
import type { Link, LinkMember } from "./link.js";
import type { Outgoing } from "./outbox.js";
import { Sender, type SenderOptions } from "./sender.js";

export type SocketState = "disconnected" | "pending" | "connecting" | "connected";
export type SocketEvent =
  "connect" | "linkOpened" | "accepted" | "refused" | "linkLost" | "expelled" | "disconnect";

/** See docs/states.md. */
export const socketTable: Table<SocketState, SocketEvent> = {
  disconnected: { connect: "pending" },
  pending: { linkOpened: "connecting", disconnect: "disconnected" },
  connecting: {
    accepted: "connected",
    refused: "disconnected",
    linkLost: "pending",
    disconnect: "disconnected",
  },
  connected: { linkLost: "pending", expelled: "disconnected", disconnect: "disconnected" },
};

/** Data for the server's middleware, sent with CONNECT; or a function that hands it to a callback, returns it, or returns a promise of it. */
export type Auth = object | ((done: (data: object) => void) => unknown);

export interface SocketOptions extends SenderOptions {
  /** Asked again at each CONNECT. */
  auth?: Auth;
}

/** Events that the library emits on a socket. */
export interface SocketReservedEvents {
  connect(): void;
  /** The connection could not be made, or the server refused the namespace (then `data` is the middleware's). */
  connect_error(error: TautlineError): void;
  disconnect(reason: CloseReason, details?: CloseDetails): void;
  /** A packet was dropped: its buffer was full. */
  overflow(error: TautlineError, ...args: unknown[]): void;
  /** A packet was dropped: it had waited for longer than its time to live. */
  expired(error: TautlineError, ...args: unknown[]): void;
}

const PLAIN: EmitOptions = {};

/** One namespace, as the app sees it. `socket.io` is its manager. */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = unknown,
>
  extends Emitter<WithReserved<ListenEvents, SocketReservedEvents>>
  implements EmitTarget
{
  /** Given by the server; undefined while there is no connection. */
  id: string | undefined;
  /** True when the server still had the session, and everything that was missed has been received. */
  recovered = false;
  /** Asked at each CONNECT: may be exchanged at any time. */
  auth: Auth;
  /** Events that came before the server accepted the CONNECT. */
  readonly receiveBuffer: unknown[][] = [];

  readonly #link: Link;
  readonly #member: LinkMember;
  readonly #machine: Machine<SocketState, SocketEvent, CloseDetails>;
  readonly #sender: Sender;
  #incoming: CatchAll | undefined;
  /** Of connection state recovery: the session's private id, and the offset of the last event. */
  #pid: string | undefined;
  #offset: string | undefined;
  /** A CONNECT is on its way that the server has not answered, maybe from before a disconnect(). */
  #unanswered = false;
  /** Stands for one stay in "connecting". */
  #entry: object | undefined;

  /** Made by `manager.socket()` and `io()`. */
  constructor(
    readonly io: Io,
    link: Link,
    readonly nsp: string,
    options: SocketOptions = {},
  ) {
    super();
    this.auth = options.auth ?? {};
    this.#link = link;
    const isConnected = (): boolean => this.connected;
    const buffered = (): number => this.#sender.outbox.size;
    const member = {
      nsp,
      get connected() {
        return isConnected();
      },
      get buffered() {
        return buffered();
      },
      linkOpened: () => void this.#machine.send("linkOpened", undefined),
      linkLost: (reason: CloseReason, details: CloseDetails) => this.#linkLost(reason, details),
      linkFailed: (error: TautlineError) => this.#reserved("connect_error", error),
      linkDrained: () => this.#sender.flush(),
      receive: (packet: SocketPacket) => this.#receive(packet),
      dropped: (error: TautlineError, packet: Outgoing) => this.#dropped(error, packet),
    };
    this.#member = member;
    this.#sender = new Sender(link, member, options);
    this.#machine = new Machine(
      socketTable,
      "disconnected",
      {
        connecting: () => {
          this.#entry = {};
          return () => {
            this.#entry = undefined;
          };
        },
      },
      (state, _old, event) => {
        if (state === "connecting") this.#askToEnter(this.#entry);
        else if (event === "connect") link.join(member);
      },
    );
  }

  get connected(): boolean {
    return this.#machine.state === "connected";
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** True while it is connected or will connect by itself. */
  get active(): boolean {
    return this.#machine.state !== "disconnected";
  }

  /** Connects, unless it is connected or about to. */
  connect(): this {
    // one that waits for a manager which has given up, or was closed, starts it again
    if (!this.#machine.send("connect", undefined) && !this.connected) this.#link.join(this.#member);
    return this;
  }

  /** The same as {@link connect}. */
  open(): this {
    return this.connect();
  }

  /** Leaves the namespace; the last socket that leaves closes the connection. It doesn't come back by itself. */
  disconnect(): this {
    const { connected, active } = this;
    if (connected) {
      this.#sender.flushNow();
      this.#link.queue(this.#link.encode(PacketType.DISCONNECT, this.nsp), true);
    }
    this.#machine.send("disconnect", undefined);
    this.id = undefined;
    if (active) this.#link.leave(this.#member, this.#unanswered);
    this.#sender.abandon();
    if (connected) this.#reserved("disconnect", "io client disconnect", undefined);
    return this;
  }

  /** The same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  /**
   * Sends an event. Arguments may be anything that JSON can hold, and binary data anywhere in them. When the last one
   * is a function, it is called with the server's answer. While there is no connection, the packet waits.
   *
   * @throws TautlineError `reserved-event`, `unserializable`, `too-many-attachments`; `overflow` when the buffer is full
   * @example socket.emit("chat", "hello", (answer) => {});
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventArgs<EmitEvents, Event>
  ): this;
  emit(...args: unknown[]): this {
    this.#sender.emit(args, PLAIN);
    return this;
  }

  /** Sends the event "message". */
  send(...args: unknown[]): this {
    args.unshift("message");
    this.#sender.emit(args, PLAIN);
    return this;
  }

  /**
   * Sends an event and resolves with the first argument of the server's answer. It always settles.
   *
   * @throws TautlineError (rejects) `ack-timeout`, `disconnected`, `aborted`, `evicted`, `expired`, `overflow`; its
   * `delivery` tells whether the packet can have arrived
   */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventArgs<EmitEvents, Event>>
  ): Promise<AckAnswer<EmitEvents, Event>> {
    return this.#sender.request([event, ...(args as unknown[])], PLAIN) as Promise<
      AckAnswer<EmitEvents, Event>
    >;
  }

  /** {@link emit} with options; what the views of {@link timeout} and the others call. */
  emitWith(options: EmitOptions, args: unknown[]): void {
    this.#sender.emit(args, options);
  }

  /** {@link emitWithAck} with options. */
  requestWith(options: EmitOptions, args: unknown[]): Promise<unknown> {
    return this.#sender.request(args, options);
  }

  /** A view whose acks fail after `ms` milliseconds; its ack callbacks are error-first. */
  timeout(ms: number): Emission<this, EmitEvents, true> {
    return new Emission(this, { timeout: ms });
  }

  /** A view that drops a packet rather than let it wait. */
  get volatile(): Emission<this, EmitEvents> {
    return new Emission(this, { volatile: true });
  }

  compress(compress: boolean): Emission<this, EmitEvents> {
    return new Emission(this, { compress });
  }

  /** A view whose emits can be aborted. @see Emission.signal */
  signal(signal: AbortSignal): Emission<this, EmitEvents> {
    return new Emission(this, { signal });
  }

  /** A view whose packets may wait for `ms` milliseconds only. */
  ttl(ms: number): Emission<this, EmitEvents> {
    return new Emission(this, { ttl: ms });
  }

  /** A view of whose packets only the newest waits. @example socket.key("cursor").emit("cursor", x, y) */
  key(key: string): Emission<this, EmitEvents> {
    return new Emission(this, { key });
  }

  /** What waits for a connection, decoded: a copy, oldest first. */
  get sendBuffer(): SocketPacket[] {
    return [...this.#sender.outbox].map(
      ({ encoded }) => this.#link.decode(encoded) as SocketPacket,
    );
  }

  onAny(listener: CatchAllListener): this {
    (this.#incoming ??= new CatchAll()).add(listener);
    return this;
  }
  prependAny(listener: CatchAllListener): this {
    (this.#incoming ??= new CatchAll()).prepend(listener);
    return this;
  }
  /** Removes one, or all. */
  offAny(listener?: CatchAllListener): this {
    this.#incoming?.remove(listener);
    return this;
  }
  listenersAny(): CatchAllListener[] {
    return this.#incoming?.listeners ?? [];
  }
  onAnyOutgoing(listener: CatchAllListener): this {
    this.#sender.outgoing.add(listener);
    return this;
  }
  prependAnyOutgoing(listener: CatchAllListener): this {
    this.#sender.outgoing.prepend(listener);
    return this;
  }
  offAnyOutgoing(listener?: CatchAllListener): this {
    this.#sender.outgoing.remove(listener);
    return this;
  }
  listenersAnyOutgoing(): CatchAllListener[] {
    return this.#sender.outgoing.listeners;
  }

  #reserved(event: keyof SocketReservedEvents, ...args: unknown[]): void {
    this.dispatch([event, ...args]);
  }

  #dropped(error: TautlineError, { encoded }: Outgoing): void {
    const { data } = this.#link.decode(encoded) ?? {};
    this.#reserved(error.code as "overflow" | "expired", error, ...((data as unknown[]) ?? []));
  }

  /** Asks for the auth data and sends CONNECT, unless the entry that asked is over by then. */
  #askToEnter(entry: object | undefined): void {
    const isStale = (): boolean => !entry || entry !== this.#entry;
    const enter = (data: unknown): void => {
      if (isStale()) return;
      try {
        this.#sendConnect(data);
        entry = undefined;
      } catch (error) {
        refuse(error);
      }
    };
    const refuse = (cause: unknown): void => {
      if (isStale()) return;
      this.#machine.send("refused", undefined);
      this.#link.leave(this.#member, false);
      this.#reserved(
        "connect_error",
        new TautlineError("refused", "the auth function failed", { cause }),
      );
    };
    const { auth } = this;
    if (typeof auth !== "function") return enter(auth);
    try {
      const returned: unknown = (auth as (done: typeof enter) => unknown)(enter);
      if (returned != null) Promise.resolve(returned).then((data) => data && enter(data), refuse);
    } catch (error) {
      refuse(error);
    }
  }

  #sendConnect(data: unknown): void {
    // the answer to an earlier CONNECT will do: a second one would make a second socket at the server
    if (this.#unanswered) return;
    const recovery = this.#pid && { pid: this.#pid, offset: this.#offset };
    const payload = recovery ? { ...recovery, ...(data as object) } : data;
    const isEmpty = !payload || !Object.keys(payload).length;
    const { CONNECT } = PacketType;
    const encoded = this.#link.encode(CONNECT, this.nsp, isEmpty ? undefined : payload);
    this.#unanswered = true;
    this.#link.queue(encoded, true);
  }

  #receive(packet: SocketPacket): void {
    const { type, data, id } = packet;
    switch (type) {
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        return this.#event(data as unknown[], id);
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return this.#sender.acks.answer(id as number, data as unknown[]);
      case PacketType.CONNECT:
        return this.#accepted(data);
      case PacketType.CONNECT_ERROR:
        return this.#refused(data);
      case PacketType.DISCONNECT:
        return this.#expelled();
    }
  }

  #event(args: unknown[], id: number | undefined): void {
    if (id != null) {
      let answered = false;
      args.push((...answer: unknown[]) => {
        if (answered) return;
        answered = true;
        this.#sender.reply(id, answer);
      });
    }
    if (this.connected) this.#hear(args);
    else if (this.active) this.receiveBuffer.push(args);
  }

  #hear(args: unknown[]): void {
    if (this.#incoming?.listeners.length) this.#incoming.notify(this, args);
    this.dispatch(args);
    if (this.#pid === undefined) return;
    const last = args[args.length - 1];
    if (typeof last === "string") this.#offset = last;
  }

  #accepted(data: unknown): void {
    const { sid, pid } = (data ?? {}) as { sid?: unknown; pid?: unknown };
    this.#unanswered = false;
    if (typeof sid !== "string") {
      const error = new TautlineError(
        "unsupported-version",
        "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
      );
      return this.#reserved("connect_error", error);
    }
    // an answer to somebody who has left
    if (!this.active) {
      this.#link.queue(this.#link.encode(PacketType.DISCONNECT, this.nsp), true);
      return this.#link.leave(this.#member, false);
    }
    this.#machine.send("accepted", undefined);
    this.id = sid;
    this.recovered = typeof pid === "string" && this.#pid === pid;
    this.#pid = typeof pid === "string" ? pid : undefined;
    for (const args of this.receiveBuffer.splice(0)) this.#hear(args);
    this.#sender.connected();
    this.#reserved("connect");
  }

  #refused(data: unknown): void {
    this.#unanswered = false;
    const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
      message?: unknown;
      data?: unknown;
    };
    const text = typeof message === "string" ? message : "the server refused the namespace";
    if (!this.#machine.send("refused", undefined)) return this.#link.leave(this.#member, false);
    this.#link.leave(this.#member, false);
    const code = text === "Invalid namespace" ? "unknown-namespace" : "refused";
    this.#reserved("connect_error", new TautlineError(code, text, { data: reason }));
  }

  #expelled(): void {
    if (!this.#machine.send("expelled", undefined)) return;
    this.#link.leave(this.#member, false);
    this.#left("io server disconnect", undefined);
  }

  #linkLost(reason: CloseReason, details: CloseDetails): void {
    const { connected } = this;
    this.#unanswered = false;
    const changed = this.#machine.send("linkLost", undefined);
    if (connected) this.#left(reason, details);
    else if (changed && details instanceof TautlineError) this.#reserved("connect_error", details);
  }

  #left(reason: CloseReason, details: CloseDetails): void {
    this.id = undefined;
    this.#sender.lost();
    this.#reserved("disconnect", reason, details);
  }
}
