import { Backoff } from "../backoff.js";
import { call, Emitter } from "../emitter.js";
import { Connector } from "../engine/candidates.js";
import type { TransportRegistry } from "../engine/options.js";
import { Session } from "../engine/session.js";
import type { TautlineError } from "../errors.js";
import { Machine, type Table } from "../machine.js";
import { hostTimers } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { type Codec, DefaultCodec, ParserCodec } from "../protocol/codec.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { AckCallback } from "../socket/acks.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import type { Link } from "../socket/link.js";
import { Socket, type SocketOptions } from "../socket/socket.js";
import { Namespaces } from "./namespaces.js";
import type { ManagerOptions } from "./options.js";

export type ManagerState = "closed" | "opening" | "open" | "waiting" | "offline" | "failed";
export type ManagerEvent =
  | "connect"
  | "opened"
  | "lost"
  | "exhausted"
  | "delayElapsed"
  | "wake"
  | "networkLost"
  | "disconnect";

/** See docs/states.md. */
export const managerTable: Table<ManagerState, ManagerEvent> = {
  closed: { connect: "opening" },
  opening: { opened: "open", lost: "waiting", exhausted: "failed", disconnect: "closed" },
  open: { lost: "waiting", exhausted: "failed", disconnect: "closed" },
  waiting: {
    delayElapsed: "opening",
    connect: "opening",
    wake: "opening",
    networkLost: "offline",
    disconnect: "closed",
  },
  offline: { wake: "opening", connect: "opening", disconnect: "closed" },
  failed: { connect: "opening", disconnect: "closed" },
};

/** The events of a manager, as in socket.io-client. */
export interface ManagerEvents {
  open(): void;
  error(error: TautlineError): void;
  ping(): void;
  /** A Socket.IO packet arrived, of whatever namespace. */
  packet(packet: SocketPacket): void;
  close(reason: CloseReason, details?: CloseDetails): void;
  /** @param attempt - from 1 */
  reconnect_attempt(attempt: number): void;
  reconnect_error(error: TautlineError): void;
  /** `reconnectionAttempts` is used up. */
  reconnect_failed(): void;
  reconnect(attempt: number): void;
}

/** Keeps one connection alive and carries many namespaces over it. */
export class Manager extends Emitter<ManagerEvents> {
  /** The current session; undefined before the first. */
  engine: Session | undefined;
  /** The options as they were given. */
  readonly opts: ManagerOptions;

  readonly #connector: Connector;
  readonly #timers: Timers;
  readonly #codec: Codec;
  readonly #link: Link;
  readonly #namespaces = new Namespaces();
  readonly #sockets = new Map<string, Socket<never, never, Manager>>();
  readonly #machine: Machine<ManagerState, ManagerEvent>;
  readonly #backoff: Backoff;
  /** Reconnects since the connection was last open; 0 while it is a first connect. */
  #attempt = 0;
  /** Of open(): called when the attempt that is under way has ended. */
  readonly #callbacks: ((error?: TautlineError) => void)[] = [];
  #observed = false;

  /**
   * @param address - http(s) or ws(s); without it, the options or the page say where
   * @throws TautlineError `invalid-option`
   */
  constructor(address?: string, options?: ManagerOptions);
  constructor(options?: ManagerOptions);
  constructor(address?: string | ManagerOptions, options: ManagerOptions = {}) {
    super();
    const given = typeof address === "object" ? address : options;
    this.opts = { ...given, path: given.path ?? "/socket.io" };
    const { useNativeTimers, autoUnref, parser } = this.opts;
    this.#timers = hostTimers(useNativeTimers, autoUnref);
    this.#connector = new Connector(
      typeof address === "object" ? undefined : address,
      this.opts,
      this.transports,
      this.#timers,
    );
    this.#connector.candidates();
    this.#codec = parser ? new ParserCodec(parser) : new DefaultCodec();
    const {
      reconnectionDelay = 1000,
      reconnectionDelayMax = 5000,
      randomizationFactor = 0.5,
    } = given;
    this.#backoff = new Backoff({
      min: reconnectionDelay,
      max: reconnectionDelayMax,
      jitter: randomizationFactor,
    });
    this.#link = this.#makeLink();
    this.#machine = new Machine(
      managerTable,
      "closed",
      {
        opening: () => this.#opening(),
        open: () => this.#opened(),
        waiting: () => this.#waiting(),
      },
      (state, old) => this.#changed(state, old),
    );
    if (this.opts.autoConnect !== false) this.open();
  }

  /** The classes behind the names in the `transports` option. */
  protected get transports(): TransportRegistry {
    return {};
  }

  /**
   * Connects, when it isn't connected or connecting.
   *
   * @param done - called once with the error, or without one. With a callback, a first connect that fails isn't
   * repeated: that is then for the caller to decide
   */
  open(done?: (error?: TautlineError) => void): this {
    const { state } = this.#machine;
    if (done && state !== "open" && state !== "opening") this.#callbacks.push(done);
    this.#machine.send("connect");
    return this;
  }

  /** The same as {@link open}. */
  connect(done?: (error?: TautlineError) => void): this {
    return this.open(done);
  }

  /** The socket of a namespace: the same one each time; it is connected again when it was disconnected. */
  socket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    nsp: string,
    options?: SocketOptions,
  ): Socket<Listen, Emit, this> {
    let socket = this.#sockets.get(nsp) as Socket<Listen, Emit, this> | undefined;
    if (!socket) {
      socket = new Socket<Listen, Emit, this>(this, this.#link, nsp, { ...this.opts, ...options });
      this.#sockets.set(nsp, socket as never);
    }
    if (this.opts.autoConnect !== false) socket.connect();
    return socket;
  }

  /** True when `socket(nsp)` has been called before. */
  hasSocket(nsp: string): boolean {
    return this.#sockets.has(nsp);
  }

  /** Closes the connection and stays away until somebody connects. */
  _close(): void {
    if (!this.#machine.send("disconnect")) return;
    this.engine?.close();
    this.#ended("forced close", undefined);
  }

  /** Whether to reconnect. */
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): boolean | this {
    return this.#option("reconnection", value, true);
  }
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): number | this {
    return this.#option("reconnectionAttempts", value, Infinity);
  }
  /** In milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): number | this {
    if (value !== undefined) this.#backoff.options.min = value;
    return this.#option("reconnectionDelay", value, 1000);
  }
  /** In milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): number | this {
    if (value !== undefined) this.#backoff.options.max = value;
    return this.#option("reconnectionDelayMax", value, 5000);
  }
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): number | this {
    if (value !== undefined) this.#backoff.options.jitter = value;
    return this.#option("randomizationFactor", value, 0.5);
  }
  /** In milliseconds; false: never. */
  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): number | false | this {
    return this.#option("timeout", value, 20_000);
  }

  /** Calls the listeners of an event. */
  emit<K extends keyof ManagerEvents>(event: K, ...args: Parameters<ManagerEvents[K]>): this {
    this.dispatch([event, ...args]);
    return this;
  }

  protected override listenersChanged(): void {
    this.#observed = this.hasListeners("packet");
  }

  #option<K extends keyof ManagerOptions>(
    name: K,
    value: ManagerOptions[K] | undefined,
    fallback: NonNullable<ManagerOptions[K]>,
  ): NonNullable<ManagerOptions[K]> | this {
    if (value === undefined) return this.opts[name] ?? fallback;
    this.opts[name] = value;
    return this;
  }

  // -- the link to the sockets

  #makeLink(): Link {
    const isOpen = (): boolean => this.#machine.state === "open";
    const buffered = (): number => this.engine?.bufferedAmount ?? 0;
    const codec = this.#codec;
    return {
      timers: this.#timers,
      get isOpen() {
        return isOpen();
      },
      get bufferedAmount() {
        return buffered();
      },
      encode: (type, nsp, data, id, compress) => codec.encode(type, nsp, data, id, compress),
      decode: (encoded) => {
        const reader = this.opts.parser ? new ParserCodec(this.opts.parser) : new DefaultCodec();
        if (typeof encoded === "string") return reader.text(encoded, 0);
        let packet: SocketPacket | undefined;
        for (const frame of encoded)
          packet = typeof frame === "string" ? reader.text(frame, 0) : reader.binary(frame);
        return packet;
      },
      deliver: (member, encoded, compress) => {
        if (this.engine?.deliver(encoded, compress)) return true;
        this.#namespaces.block(member);
        return false;
      },
      queue: (encoded, compress) => this.engine?.queue(encoded, compress),
      join: (member) => {
        this.#namespaces.add(member);
        if (isOpen()) member.linkOpened();
        else if (this.#machine.state === "closed" || this.#machine.state === "failed")
          this.#machine.send("connect");
      },
      leave: (member, expectsAnswer) => {
        this.#namespaces.remove(member, expectsAnswer);
        if (this.#namespaces.isIdle) this._close();
      },
    };
  }

  // -- states

  #opening(): Cancel {
    const session: Session = new Session(
      this.#connector,
      {
        opened: () => session === this.engine && this.#machine.send("opened"),
        text: (frame) => {
          let packet: SocketPacket | undefined;
          try {
            packet = this.#codec.text(frame, 1);
          } catch (error) {
            return session.end("parse error", error as TautlineError);
          }
          if (packet && session === this.engine) this.#route(packet);
        },
        binary: (data) => {
          let packet: SocketPacket | undefined;
          try {
            packet = this.#codec.binary(data);
          } catch (error) {
            return session.end("parse error", error as TautlineError);
          }
          if (packet && session === this.engine) this.#route(packet);
        },
        drained: () => this.#namespaces.unblock(),
        pinged: () => this.announce("ping"),
        failed: (error) => session === this.engine && this.#failed(error),
        lost: (reason, details) => session === this.engine && this.#lost(reason, details),
      },
      this.#timers,
    );
    this.engine = session;
    const timeout = this.timeout();
    return timeout === false ? () => {} : this.#timers.after(timeout, () => session.giveUp());
  }

  #waiting(): Cancel {
    const delay = this.#backoff.next();
    return this.#timers.after(this.engine?.fallsBack ? 0 : delay, () =>
      this.#machine.send("delayElapsed"),
    );
  }

  /** The entry of "open": a connection that lasts proves that the server is well. */
  #opened(): Cancel {
    return this.#timers.after(this.opts.minUptime ?? 5000, () => this.#backoff.reset());
  }

  #changed(state: ManagerState, old: ManagerState): void {
    if (state === "opening") {
      const { engine } = this;
      if (old === "waiting" || old === "offline")
        this.announce("reconnect_attempt", ++this.#attempt);
      // the listener may have thought otherwise
      if (this.#machine.state === "opening" && engine === this.engine) engine?.open();
    } else if (state === "open") {
      const attempt = this.#attempt;
      this.#attempt = 0;
      this.#namespaces.forEach((member) => member.linkOpened());
      this.announce("open");
      this.#settle();
      if (attempt) this.announce("reconnect", attempt);
    } else if (state === "closed" || state === "failed") {
      this.#attempt = 0;
      this.#backoff.reset();
    }
  }

  /** The connection could not be made. */
  #failed(error: TautlineError): void {
    const attempt = this.#attempt;
    const wanted = this.reconnection() && (attempt > 0 || !this.#callbacks.length);
    const again = wanted && attempt < this.reconnectionAttempts();
    if (!this.#machine.send(again ? "lost" : "exhausted")) return;
    this.#namespaces.forEach((member) => member.linkFailed(error));
    this.announce("error", error);
    this.#settle(error);
    if (wanted && !again) this.announce("reconnect_failed");
    if (attempt) this.announce("reconnect_error", error);
  }

  /** The connection was there, and is gone. */
  #lost(reason: CloseReason, details: CloseDetails): void {
    const wanted = this.reconnection();
    const again = wanted && this.reconnectionAttempts() > 0;
    if (!this.#machine.send(again ? "lost" : "exhausted")) return;
    this.#ended(reason, details);
    if (wanted && !again) this.announce("reconnect_failed");
  }

  #ended(reason: CloseReason, details: CloseDetails): void {
    this.#codec.reset();
    this.#namespaces.forEach((member) => member.linkLost(reason, details));
    this.#namespaces.forgetLeavers();
    this.announce("close", reason, details);
  }

  #route(packet: SocketPacket): void {
    if (this.#observed) this.announce("packet", packet);
    this.#namespaces.get(packet.nsp)?.receive(packet);
  }

  #settle(error?: TautlineError): void {
    for (const done of this.#callbacks.splice(0))
      call(done as AckCallback, undefined, error ? [error] : []);
  }
}
