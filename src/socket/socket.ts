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
  static readonly #Member = class implements SenderHost {
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
      this.socket.#machine.send("linkOpened");
    }
    linkLost(reason: CloseReason, details: CloseDetails): void {
      this.socket.#linkLost(reason, details);
    }
    linkFailed(error: TautlineError): void {
      this.socket.#reserved("connect_error", error);
    }
    linkDrained(): void {
      this.socket.sender.flush();
    }
    receive(packet: SocketPacket): void {
      this.socket.#receive(packet);
    }
    dropped(error: TautlineError, packet: Outgoing): void {
      this.socket.#dropped(error, packet);
    }
  };

  static readonly #chart: Chart<SocketState, SocketEvent, void, Socket> = {
    table: socketTable,
    entries: {
      connecting: (_, socket) => socket.#connecting(),
      retrying: (_, socket) => socket.#retrying(),
    },
    changed(state, _old, event, _, socket) {
      if (state === "connecting") socket.#askToEnter(socket.#entry);
      else if (event === "connect") socket.link.join(socket.#member);
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
  readonly #options: SocketOptions;
  readonly #member: SenderHost;
  readonly #machine: Machine<SocketState, SocketEvent, void, Socket>;
  /** Where the server keeps sessions. */
  #recovery: Recovery | undefined;
  /** The stay in "connecting" whose CONNECT the server has not answered yet: maybe one from before a disconnect(). */
  #asked: object | undefined;
  /** The server let us in, and is asked whether it drops what it has seen. */
  #isQuestioned = false;
  /** Grows with each connection that ends: an answer to an event belongs to its own. */
  #epoch = 0;
  /** Stands for one stay in "connecting". */
  #entry: object | undefined;
  /** How often the server has refused since the socket was last connected, and was asked again. */
  #refusals = 0;

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
    this.#options = options;
    const self = this as unknown as Socket;
    this.#member = new Socket.#Member(self, nsp);
    this.sender = new Sender(link, this.#member, options);
    this.#machine = new Machine(Socket.#chart, "disconnected", self);
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
    if (!this.#machine.send("connect") && !this.connected) this.link.join(this.#member);
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
    if (connected || this.#isQuestioned) this.#sayGoodbye();
    this.#machine.send("disconnect");
    this.#forget();
    if (active) this.link.leave(this.#member, this.#asked !== undefined);
    this.sender.abandon();
    if (connected) this.#reserved("disconnect", "io client disconnect", undefined);
    return this;
  }

  /** The same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  #reserved(event: keyof SocketReservedEvents, ...args: unknown[]): void {
    this.dispatch([event, ...args]);
  }

  #dropped(error: TautlineError, packet: Outgoing): void {
    this.#reserved(
      error.code as "overflow" | "expired",
      error,
      ...(this.sender.read(packet).data as unknown[]),
    );
  }

  // -- entering

  #connecting(): Cancel {
    this.#entry = {};
    return () => {
      this.#entry = undefined;
    };
  }

  #retrying(): Cancel {
    const delay = this.link.delayAfter(this.#refusals++);
    return this.link.timers.after(delay, () => this.#machine.send("delayElapsed"));
  }

  /** Asks for the auth data and sends CONNECT, unless the entry that asked is over by then. */
  #askToEnter(entry: object | undefined): void {
    // a second CONNECT would make a second socket at the server: the answer to the first one comes first
    if (this.#asked) return;
    const isStale = (): boolean => !entry || entry !== this.#entry;
    const refuse = (cause: unknown): void => {
      if (!isStale())
        this.#refuse(new TautlineError("refused", "the auth function failed", { cause }));
    };
    const enter = (data: unknown): void => {
      if (isStale()) return;
      try {
        this.#sendConnect(data);
        entry = undefined;
      } catch (error) {
        refuse(error);
      }
    };
    askForAuth(this.auth, enter, refuse);
  }

  #sendConnect(data: unknown): void {
    const payload = this.#recovery ? this.#recovery.extend(data) : data;
    const isEmpty = !payload || !Object.keys(payload).length;
    const encoded = this.link.encode(PacketType.CONNECT, this.nsp, isEmpty ? undefined : payload);
    this.#asked = this.#entry;
    this.link.queue(encoded, true);
  }

  #accepted(data: unknown): void {
    const { sid, pid } = (data ?? {}) as { sid?: unknown; pid?: unknown };
    const isOurs = this.#isAnswered();
    if (typeof sid !== "string") {
      const error = new TautlineError(
        "unsupported-version",
        "It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, but they are not compatible",
      );
      return this.#reserved("connect_error", error);
    }
    if (!isOurs) {
      this.#sayGoodbye();
      return this.#askAgain();
    }
    const { stream } = this.sender;
    if (!stream) return this.#enter(sid, pid);
    const entry = this.#entry;
    this.#isQuestioned = true;
    askForDedupe(this.link, this.nsp, this.sender.acks, stream, (error) => {
      if (entry !== this.#entry) return;
      this.#isQuestioned = false;
      if (error) this.#sayGoodbye();
      if (error) this.#refuse(error);
      else this.#enter(sid, pid);
    });
  }

  #enter(sid: string, pid: unknown): void {
    this.#machine.send("accepted");
    this.id = sid;
    const isKept = typeof pid === "string";
    this.recovered = isKept && !!this.#recovery?.isContinuedBy(pid);
    if (!isKept) this.#recovery = undefined;
    else this.#recovery ??= new Recovery(pid);
    this.#refusals = 0;
    for (const args of this.receiveBuffer.splice(0)) if (this.connected) this.#hear(args);
    if (this.connected) this.sender.connected();
    if (this.connected) this.#reserved("connect");
  }

  /** Takes note of the answer to a CONNECT. False when it is one to somebody who has left since. */
  #isAnswered(): boolean {
    const asked = this.#asked;
    this.#asked = undefined;
    return this.connected || (asked !== undefined && asked === this.#entry);
  }

  /** An outdated answer: who came back meanwhile has still to ask. */
  #askAgain(): void {
    if (!this.active) this.link.leave(this.#member, false);
    else if (this.#entry) this.#askToEnter(this.#entry);
  }

  #refused(data: unknown): void {
    if (!this.#isAnswered()) return this.#askAgain();
    const { message, data: reason } = (typeof data === "string" ? { message: data } : data) as {
      message?: unknown;
      data?: unknown;
    };
    const text = typeof message === "string" ? message : "the server refused the namespace";
    const code = text === "Invalid namespace" ? "unknown-namespace" : "refused";
    this.#refuse(new TautlineError(code, text, { data: reason }));
  }

  #refuse(error: TautlineError): void {
    if (!this.#entry) return;
    const { retryConnectError } = this.#options;
    const attempt = this.#refusals + 1;
    let again = (error.data as { retryable?: unknown } | undefined)?.retryable === true;
    if (retryConnectError) call(() => (again = retryConnectError(error, attempt)), undefined, []);
    if (again && this.#machine.send("retry")) return this.#reserved("connect_error", error);
    this.#machine.send("refused");
    this.link.leave(this.#member, false);
    this.#reserved("connect_error", error);
  }

  // -- receiving

  #receive(packet: SocketPacket): void {
    const { type, data, id } = packet;
    switch (type) {
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        return this.#event(data as unknown[], id);
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        return this.sender.answered(id as number, data as unknown[]);
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
      const epoch = this.#epoch;
      args.push((...answer: unknown[]) => {
        if (answered) return;
        if (epoch === this.#epoch) this.sender.reply(id, answer);
        answered = true;
      });
    }
    if (this.connected) this.#hear(args);
    else if (this.active) this.receiveBuffer.push(args);
  }

  #hear(args: unknown[]): void {
    if (this.incoming) this.incoming.notify(this, args);
    this.dispatch(args);
    this.#recovery?.heard(args);
  }

  // -- leaving

  #sayGoodbye(): void {
    this.link.queue(this.link.encode(PacketType.DISCONNECT, this.nsp), true);
  }

  #expelled(): void {
    const { connected } = this;
    if (!this.#machine.send("expelled")) return;
    this.link.leave(this.#member, this.#asked !== undefined);
    if (connected) return this.#left("io server disconnect", undefined);
    this.#forget();
    this.#reserved("connect_error", new TautlineError("refused", "io server disconnect"));
  }

  #linkLost(reason: CloseReason, details: CloseDetails): void {
    const { connected } = this;
    this.#asked = undefined;
    const changed = this.#machine.send("linkLost");
    if (connected) return this.#left(reason, details);
    this.#forget();
    if (changed && details instanceof TautlineError) this.#reserved("connect_error", details);
  }

  #left(reason: CloseReason, details: CloseDetails): void {
    this.#forget();
    this.sender.lost();
    this.#reserved("disconnect", reason, details);
  }

  /** Nothing of the connection that has ended counts any more. */
  #forget(): void {
    this.id = undefined;
    this.#isQuestioned = false;
    // a server that recovers the session says it all again
    this.receiveBuffer.length = 0;
    this.#epoch++;
  }
}
