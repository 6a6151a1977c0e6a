import { call } from "../emitter.js";
import { TautlineError } from "../errors.js";
import { type Chart, Machine, type Table } from "../machine.js";
import type { Cancel } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { askForAuth, type Auth } from "./auth.js";
import { Conversation, type SocketReservedEvents } from "./conversation.js";
import { askForDedupe } from "./dedupe-check.js";
import type { DefaultEventsMap, EventsMap } from "./event-types.js";
import type { Link } from "./link.js";
import type { Outgoing } from "./outbox.js";
import { Recovery } from "./recovery.js";
import { Sender, type SenderHost, type SenderOptions } from "./sender.js";

export type SocketState = "disconnected" | "pending" | "connecting" | "retrying" | "connected";
export type SocketEvent =
  | "connect"
  | "linkOpened"
  | "accepted"
  | "refused"
  | "retry"
  | "delayElapsed"
  | "linkLost"
  | "expelled"
  | "disconnect";

/** See docs/states.md. */
export const socketTable: Table<SocketState, SocketEvent> = {
  disconnected: { connect: "pending" },
  pending: { linkOpened: "connecting", disconnect: "disconnected" },
  connecting: {
    accepted: "connected",
    refused: "disconnected",
    retry: "retrying",
    expelled: "disconnected",
    linkLost: "pending",
    disconnect: "disconnected",
  },
  retrying: {
    delayElapsed: "connecting",
    linkOpened: "connecting",
    linkLost: "pending",
    disconnect: "disconnected",
  },
  connected: { linkLost: "pending", expelled: "disconnected", disconnect: "disconnected" },
};

export interface SocketOptions extends SenderOptions {
  /** Asked again at each CONNECT. */
  auth?: Auth;
  /**
   * Whether to ask `auth` and try again, after a delay of the reconnection's schedule, when the server refused the
   * namespace.
   *
   * @param attempt - from 1, since the socket was last connected
   * @default only when the server says so: `error.data.retryable === true`
   */
  retryConnectError?: (error: TautlineError, attempt: number) => boolean;
}

const NO_OPTIONS: SocketOptions = {};

/** One namespace, as the app sees it. `socket.io` is its manager. */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = unknown,
> extends Conversation<ListenEvents, EmitEvents> {
  /** The socket as its connection sees it: nested, so that it reaches what is private. */
  private static readonly _Member = class implements SenderHost {
    constructor(
      readonly socket: Socket,
      readonly nsp: string,
    ) {}

    get connected(): boolean {
      return this.socket.connected;
    }
    get buffered(): number {
      return this.socket.sender.size;
    }
    linkOpened(): void {
      this.socket._machine.send("linkOpened");
    }
    linkLost(reason: CloseReason, details: CloseDetails): void {
      this.socket._linkLost(reason, details);
    }
    linkFailed(error: TautlineError): void {
      this.socket._reserved("connect_error", error);
    }
    linkDrained(): void {
      this.socket.sender.flush();
    }
    receive(packet: SocketPacket): void {
      this.socket._receive(packet);
    }
    dropped(error: TautlineError, packet: Outgoing): void {
      this.socket._dropped(error, packet);
    }
  };

  private static readonly _chart: Chart<SocketState, SocketEvent, void, Socket> = {
    table: socketTable,
    entries: {
      connecting: (_, socket) => socket._connecting(),
      retrying: (_, socket) => socket._retrying(),
    },
    changed(state, _old, event, _, socket) {
      if (state === "connecting") socket._askToEnter(socket._entry);
      else if (event === "connect") socket.link.join(socket._member);
      else if (state === "disconnected") socket.ended();
    },
  };

  /** Given by the server; undefined while there is no connection. */
  id: string | undefined;
  /** True when the server still had the session, and everything that was missed has been received. */
  recovered = false;
  /** Asked at each CONNECT: may be exchanged at any time. */
  auth: Auth;
  /** Events that came before the server accepted the CONNECT. */
  readonly receiveBuffer: unknown[][] = [];

  protected readonly link: Link;
  protected readonly sender: Sender;
  private readonly _options: SocketOptions;
  private readonly _member: SenderHost;
  private readonly _machine: Machine<SocketState, SocketEvent, void, Socket>;
  /** Where the server keeps sessions. */
  private _recovery: Recovery | undefined;
  /** The stay in "connecting" whose CONNECT the server has not answered yet: maybe one from before a disconnect(). */
  private _asked: object | undefined;
  /** The server let us in, and is asked whether it drops what it has seen. */
  private _isQuestioned = false;
  /** Grows with each connection that ends: an answer to an event belongs to its own. */
  private _epoch = 0;
  /** Stands for one stay in "connecting". */
  private _entry: object | undefined;
  /** How often the server has refused since the socket was last connected, and was asked again. */
  private _refusals = 0;

  /** Made by `manager.socket()` and `io()`. */
  constructor(
    readonly io: Io,
    link: Link,
    readonly nsp: string,
    options: SocketOptions = NO_OPTIONS,
  ) {
    super();
    this.auth = options.auth ?? {};
    this.link = link;
    this._options = options;
    const self = this as unknown as Socket;
    this._member = new Socket._Member(self, nsp);
    this.sender = new Sender(link, this._member, options);
    this._machine = new Machine(Socket._chart, "disconnected", self);
  }

  get connected(): boolean {
    return this._machine.state === "connected";
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** True while it is connected or will connect by itself. */
  get active(): boolean {
    return this._machine.state !== "disconnected";
  }

  /** Connects, unless it is connected or about to. */
  connect(): this {
    // one that waits for a manager which has given up, or was closed, starts it again
    if (!this._machine.send("connect") && !this.connected) this.link.join(this._member);
    return this;
  }

  /** The same as {@link connect}. */
  open(): this {
    return this.connect();
  }

  /** Leaves the namespace; the last socket that leaves closes the connection. It doesn't come back by itself. */
  disconnect(): this {
    const { connected, active } = this;
    if (connected) this.sender.flushNow();
    if (connected || this._isQuestioned) this._sayGoodbye();
    this._machine.send("disconnect");
    this._forget();
    if (active) this.link.leave(this._member, this._asked !== undefined);
    this.sender.abandon();
    if (connected) this._reserved("disconnect", "io client disconnect", undefined);
    return this;
  }

  /** The same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  private _reserved(event: keyof SocketReservedEvents, ...args: unknown[]): void {
    this.dispatch([event, ...args]);
  }

  private _dropped(error: TautlineError, packet: Outgoing): void {
    this._reserved(
      error.code as "overflow" | "expired",
      error,
      ...(this.sender.read(packet).data as unknown[]),
    );
  }

  // -- entering

  private _connecting(): Cancel {
    this._entry = {};
    return () => {
      this._entry = undefined;
    };
  }

  private _retrying(): Cancel {
    const delay = this.link.delayAfter(this._refusals++);
    return this.link.timers.after(delay, () => this._machine.send("delayElapsed"));
  }

  /** Asks for the auth data and sends CONNECT, unless the entry that asked is over by then. */
  private _askToEnter(entry: object | undefined): void {
    // a second CONNECT would make a second socket at the server: the answer to the first one comes first
    if (this._asked) return;
    const isStale = (): boolean => !entry || entry !== this._entry;
    const refuse = (cause: unknown): void => {
      if (!isStale())
        this._refuse(new TautlineError("refused", "the auth function failed", { cause }));
    };
    const enter = (data: unknown): void => {
      if (isStale()) return;
      try {
        this._sendConnect(data);
        entry = undefined;
      } catch (error) {
        refuse(error);
      }
    };
    askForAuth(this.auth, enter, refuse);
  }

  private _sendConnect(data: unknown): void {
    const payload = this._recovery ? this._recovery.extend(data) : data;
    const isEmpty = !payload || !Object.keys(payload).length;
    const encoded = this.link.encode(PacketType.CONNECT, this.nsp, isEmpty ? undefined : payload);
    this._asked = this._entry;
    this.link.queue(encoded, true);
  }

  private _accepted(data: unknown): void {
    const { sid, pid } = (data ?? {}) as { sid?: unknown; pid?: unknown };
    const isOurs = this._isAnswered();
    if (typeof sid !== "string") {
      const error = new TautlineError(
        "unsupported-version",
        "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
      );
      return this._reserved("connect_error", error);
    }
    if (!isOurs) {
      this._sayGoodbye();
      return this._askAgain();
    }
    const { stream } = this.sender;
    if (!stream) return this._enter(sid, pid);
    const entry = this._entry;
    this._isQuestioned = true;
    askForDedupe(this.link, this.nsp, this.sender.acks, stream, (error) => {
      if (entry !== this._entry) return;
      this._isQuestioned = false;
      if (error) this._sayGoodbye();
      if (error) this._refuse(error);
      else this._enter(sid, pid);
    });
  }

  private _enter(sid: string, pid: unknown): void {
    this._machine.send("accepted");
    this.id = sid;
    const isKept = typeof pid === "string";
    this.recovered = isKept && !!this._recovery?.isContinuedBy(pid);
    if (!isKept) this._recovery = undefined;
    else this._recovery ??= new Recovery(pid);
    this._refusals = 0;
    for (const args of this.receiveBuffer.splice(0)) if (this.connected) this._hear(args);
    if (this.connected) this.sender.connected();
    if (this.connected) this._reserved("connect");
  }

  /** Takes note of the answer to a CONNECT. False when it is one to somebody who has left since. */
  private _isAnswered(): boolean {
    const asked = this._asked;
    this._asked = undefined;
    return this.connected || (asked !== undefined && asked === this._entry);
  }

  /** An outdated answer: who came back meanwhile has still to ask. */
  private _askAgain(): void {
    if (!this.active) this.link.leave(this._member, false);
    else if (this._entry) this._askToEnter(this._entry);
  }

  private _refused(data: unknown): void {
    if (!this._isAnswered()) return this._askAgain();
    const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
      message?: unknown;
      data?: unknown;
    };
    const text = typeof message === "string" ? message : "the server refused the namespace";
    const code = text === "Invalid namespace" ? "unknown-namespace" : "refused";
    this._refuse(new TautlineError(code, text, { data: reason }));
  }

  private _refuse(error: TautlineError): void {
    if (!this._entry) return;
    const { retryConnectError } = this._options;
    const attempt = this._refusals + 1;
    let again = (error.data as { retryable?: unknown } | undefined)?.retryable === true;
    if (retryConnectError) call(() => (again = retryConnectError(error, attempt)), undefined, []);
    if (again && this._machine.send("retry")) return this._reserved("connect_error", error);
    this._machine.send("refused");
    this.link.leave(this._member, false);
    this._reserved("connect_error", error);
  }

  // -- receiving

  private _receive(packet: SocketPacket): void {
    const { type, data, id } = packet;
    switch (type) {
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        return this._event(data as unknown[], id);
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return this.sender.answered(id as number, data as unknown[]);
      case PacketType.CONNECT:
        return this._accepted(data);
      case PacketType.CONNECT_ERROR:
        return this._refused(data);
      case PacketType.DISCONNECT:
        return this._expelled();
    }
  }

  private _event(args: unknown[], id: number | undefined): void {
    if (id != null) {
      let answered = false;
      const epoch = this._epoch;
      args.push((...answer: unknown[]) => {
        if (answered) return;
        if (epoch === this._epoch) this.sender.reply(id, answer);
        answered = true;
      });
    }
    if (this.connected) this._hear(args);
    else if (this.active) this.receiveBuffer.push(args);
  }

  private _hear(args: unknown[]): void {
    if (this.incoming) this.incoming.notify(this, args);
    this.dispatch(args);
    this._recovery?.heard(args);
  }

  // -- leaving

  private _sayGoodbye(): void {
    this.link.queue(this.link.encode(PacketType.DISCONNECT, this.nsp), true);
  }

  private _expelled(): void {
    const { connected } = this;
    if (!this._machine.send("expelled")) return;
    this.link.leave(this._member, this._asked !== undefined);
    if (connected) return this._left("io server disconnect", undefined);
    this._forget();
    this._reserved("connect_error", new TautlineError("refused", "io server disconnect"));
  }

  private _linkLost(reason: CloseReason, details: CloseDetails): void {
    const { connected } = this;
    this._asked = undefined;
    const changed = this._machine.send("linkLost");
    if (connected) return this._left(reason, details);
    this._forget();
    if (changed && details instanceof TautlineError) this._reserved("connect_error", details);
  }

  private _left(reason: CloseReason, details: CloseDetails): void {
    this._forget();
    this.sender.lost();
    this._reserved("disconnect", reason, details);
  }

  /** Nothing of the connection that has ended counts any more. */
  private _forget(): void {
    this.id = undefined;
    this._isQuestioned = false;
    // a server that recovers the session says it all again
    this.receiveBuffer.length = 0;
    this._epoch++;
  }
}
