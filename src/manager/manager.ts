import { call } from "../emitter.js";
import { Connector } from "../engine/candidates.js";
import { forgetFailures } from "../engine/memory.js";
import type { TransportRegistry } from "../engine/options.js";
import { Session } from "../engine/session.js";
import { TautlineError } from "../errors.js";
import { Machine, type Table } from "../machine.js";
import { hostTimers, preciseNow } from "../platform/browser.js";
import { browserSignals } from "../platform/browser-signals.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { type Codec, DefaultCodec, ParserCodec } from "../protocol/codec.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { AckCallback } from "../socket/acks.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import type { Link } from "../socket/link.js";
import { Socket, type SocketOptions } from "../socket/socket.js";
import type { ManagerEvents, ManagerState } from "./events.js";
import { Namespaces } from "./namespaces.js";
import type { ManagerOptions } from "./options.js";
import { Probes } from "./probe.js";
import { Reconnecting } from "./reconnection.js";
import { Sockets } from "./sockets.js";
import { type ManagerStats, Stats } from "./stats.js";
import { Wakefulness } from "./wakefulness.js";

export type ManagerEvent =
  | "connect"
  | "opened"
  | "lost"
  | "exhausted"
  | "delayElapsed"
  | "wake"
  | "networkLost"
  | "sleep"
  | "disconnect";

/** See docs/states.md. */
export const managerTable: Table<ManagerState, ManagerEvent> = {
  closed: { connect: "opening" },
  opening: {
    opened: "open",
    lost: "waiting",
    exhausted: "failed",
    sleep: "offline",
    disconnect: "closed",
  },
  open: { lost: "waiting", exhausted: "failed", sleep: "offline", disconnect: "closed" },
  waiting: {
    delayElapsed: "opening",
    connect: "opening",
    wake: "opening",
    networkLost: "offline",
    sleep: "offline",
    disconnect: "closed",
  },
  offline: {
    delayElapsed: "opening",
    wake: "opening",
    connect: "opening",
    disconnect: "closed",
  },
  failed: { connect: "opening", disconnect: "closed" },
};

/** A host may be wrong about being offline: it is tried all the same, once in so many milliseconds. */
const OFFLINE_DELAY = 30_000;

/** Keeps one connection alive and carries many namespaces over it. */
export class Manager extends Reconnecting {
  /** The current session; undefined before the first. */
  engine: Session | undefined;

  readonly #address: string | undefined;
  readonly #timers: Timers;
  readonly #codec: Codec;
  readonly #link: Link;
  readonly #namespaces = new Namespaces();
  readonly #sockets = new Sockets<Socket<never, never, Manager>>();
  readonly #machine: Machine<ManagerState, ManagerEvent, string>;
  readonly #probes: Probes;
  readonly #stats = new Stats();
  readonly #wakefulness: Wakefulness;
  /** Reconnects since the connection was last open; 0 while it is a first connect. */
  #attempt = 0;
  /** Of the state "waiting", in milliseconds. */
  #delay = 0;
  /** The line was found dead: there is nothing to wait for. */
  #isUrgent = false;
  /** Of the state "opening": the end of its patience. */
  #giveUp: Cancel | undefined;
  /** A liveness probe is on its way. */
  #check: Cancel | undefined;
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
    super(typeof address === "object" ? address : options);
    const { opts } = this;
    const timers = (this.#timers = hostTimers(opts.useNativeTimers, opts.autoUnref));
    this.#address = typeof address === "object" ? undefined : address;
    // what is wrong with the options is said now, not at the first connect
    this.#connector().candidates();
    this.#codec = this.#makeCodec();
    this.#probes = new Probes(
      (type, nsp) => this.#codec.encode(type, nsp),
      (encoded) => this.engine?.queue(encoded, true),
    );
    const { network = browserSignals } = opts;
    this.#wakefulness = new Wakefulness(
      network || undefined,
      {
        wake: () => this.#machine.send("wake", "wake"),
        networkLost: () => this.#machine.send("networkLost", "offline"),
        networkChanged: () => {
          forgetFailures();
          this.engine?.retryUpgrade();
        },
        doubt: () => this.#doubt(),
        sleep: () => this.#sleep(),
      },
      timers,
    );
    this.#link = this.#makeLink();
    this.#machine = new Machine(
      managerTable,
      "closed",
      {
        opening: () => () => this.#giveUp?.(),
        open: () => this.#opened(),
        waiting: () => this.#waiting(),
        offline: () => timers.after(OFFLINE_DELAY, this.#retry),
      },
      (state, old, _event, why) => this.#changed(state, old, why),
    );
    if (opts.autoConnect !== false) this.open();
  }

  /** The classes behind the names in the `transports` option. */
  protected get transports(): TransportRegistry {
    return {};
  }

  /** See docs/states.md; the event `state` tells of changes. */
  get state(): ManagerState {
    return this.#machine.state;
  }

  /**
   * Connects, when it isn't connected or connecting; ends waiting.
   *
   * @param done - called once with the error, or without one. With a callback, a first connect that fails isn't
   * repeated: that is then for the caller to decide
   */
  open(done?: (error?: TautlineError) => void): this {
    if (done && this.state !== "open" && this.state !== "opening") this.#callbacks.push(done);
    this.#machine.send("connect", "connect");
    return this;
  }

  /** The same as {@link open}. */
  connect(done?: (error?: TautlineError) => void): this {
    return this.open(done);
  }

  /**
   * The socket of a namespace: the same one each time; it is connected again when it was disconnected. One that was
   * disconnected for good is forgotten together with the app's last reference to it.
   */
  socket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    nsp: string,
    options?: SocketOptions,
  ): Socket<Listen, Emit, this> {
    let socket = this.#sockets.get(nsp) as Socket<Listen, Emit, this> | undefined;
    if (!socket) {
      socket = new Socket<Listen, Emit, this>(this, this.#link, nsp, options);
      this.#sockets.set(nsp, socket as never);
    }
    if (this.opts.autoConnect !== false) socket.connect();
    return socket;
  }

  /** True when `socket(nsp)` has been called before. */
  hasSocket(nsp: string): boolean {
    return this.#sockets.get(nsp) !== undefined;
  }

  /** Closes the connection and stays away until somebody connects. */
  _close(): void {
    if (!this.#machine.send("disconnect", "disconnect")) return;
    this.engine?.close();
    this.#ended("forced close", undefined);
  }

  /**
   * Measures the round-trip time: one packet that every Socket.IO server answers.
   *
   * @returns milliseconds; rejects with `disconnected` when there is no connection, or it is lost meanwhile
   */
  rtt(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.state !== "open")
        return reject(new TautlineError("disconnected", "there is no connection to measure"));
      this.#probe((error, ms) => (error ? reject(error) : resolve(ms)));
    });
  }

  /** A snapshot of what happened so far. */
  stats(): ManagerStats {
    const { engine, state } = this;
    const { past, last, smoothed, reconnects, openedAt } = this.#stats;
    const isOpen = state === "open";
    const now = isOpen && engine ? engine.traffic : undefined;
    let bufferedPackets = 0;
    this.#namespaces.forEach((member) => (bufferedPackets += member.buffered));
    return {
      state,
      transport: isOpen ? engine?.transport.name : undefined,
      rtt: { last, smoothed },
      packetsIn: past.packetsIn + (now?.packetsIn ?? 0),
      packetsOut: past.packetsOut + (now?.packetsOut ?? 0),
      bytesIn: past.bytesIn + (now?.bytesIn ?? 0),
      bytesOut: past.bytesOut + (now?.bytesOut ?? 0),
      reconnects,
      connectedFor: isOpen ? Date.now() - openedAt : 0,
      bufferedPackets,
      bufferedAmount: this.#link.bufferedAmount,
    };
  }

  /** Calls the listeners of an event. */
  emit<K extends keyof ManagerEvents>(event: K, ...args: Parameters<ManagerEvents[K]>): this {
    this.dispatch([event, ...args]);
    return this;
  }

  protected override listenersChanged(): void {
    this.#observed = this.hasListeners("packet");
  }

  #makeCodec(): Codec {
    return this.opts.parser ? new ParserCodec(this.opts.parser) : new DefaultCodec();
  }

  /** Made anew for each session: the options may be changed in between. */
  #connector(): Connector {
    return new Connector(this.#address, this.opts, this.transports, this.#timers);
  }

  #makeLink(): Link {
    const isOpen = (): boolean => this.state === "open";
    const buffered = (): number => (isOpen() ? (this.engine?.bufferedAmount ?? 0) : 0);
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
        const reader = this.#makeCodec();
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
      probe: (answered) => this.#probes.begin(answered),
      backoff: () => this.makeBackoff(),
      join: (member) => {
        this.#namespaces.add(member);
        this.#sockets.hold(member.nsp);
        if (isOpen()) member.linkOpened();
        else if (this.state === "closed" || this.state === "failed")
          this.#machine.send("connect", "connect");
      },
      leave: (member, expectsAnswer) => {
        this.#namespaces.remove(member, expectsAnswer);
        if (!expectsAnswer) this.#sockets.loosen(member.nsp);
        if (this.#namespaces.isIdle) this._close();
      },
    };
  }

  // -- states

  /** Begins the session of the state "opening". */
  #open(): void {
    let connector: Connector;
    try {
      connector = this.#connector();
      connector.candidates();
    } catch (error) {
      return this.#failed(error as TautlineError);
    }
    const session: Session = new Session(
      connector,
      {
        opened: () => session === this.engine && this.#machine.send("opened", "opened"),
        message: (frame) => this.#read(session, frame),
        drained: () => this.#namespaces.unblock(),
        pinged: () => this.announce("ping"),
        doubted: () => this.#doubt(),
        failed: (error) => session === this.engine && this.#failed(error),
        lost: (reason, details) => session === this.engine && this.#lost(reason, details),
      },
      this.#timers,
    );
    this.engine = session;
    const timeout = this.timeout();
    if (timeout !== false) this.#giveUp = this.#timers.after(timeout, () => session.giveUp());
    session.open();
  }

  /** The entry of "open": a connection that lasts proves that the server is well. */
  #opened(): Cancel {
    const proven = this.#timers.after(this.opts.minUptime ?? 5000, () => this.backoff.reset());
    this.#stats.openedAt = Date.now();
    return () => {
      proven();
      this.#check?.();
      this.#check = undefined;
      if (this.engine) this.#stats.add(this.engine.traffic);
    };
  }

  #waiting(): Cancel {
    const delay = this.backoff.next();
    // another transport is tried at once, but only once: both may be failing
    const fallsBack = this.engine?.fallsBack && this.backoff.attempts === 1;
    this.#delay = this.#isUrgent || fallsBack ? 0 : delay;
    this.#isUrgent = false;
    return this.#timers.after(this.#delay, this.#retry);
  }

  readonly #retry = (): unknown => this.#machine.send("delayElapsed", "delayElapsed");

  #changed(state: ManagerState, old: ManagerState, why: string): void {
    const { engine } = this;
    if (state === "closed" || state === "failed") {
      this.#attempt = 0;
      this.backoff.reset();
      this.#wakefulness.stop();
      this.announce("state", state, old, why);
      if (state === "closed")
        this.#settle(new TautlineError("disconnected", "the manager was closed"));
      return;
    }
    this.#wakefulness.start();
    if (state === "opening") {
      if (old === "waiting" || old === "offline") this.#attempt++;
      const attempt = this.#attempt;
      this.announce("state", state, old, why, attempt);
      if (attempt) this.announce("reconnect_attempt", attempt);
      // the listeners may have thought otherwise
      if (this.state === "opening" && engine === this.engine) this.#open();
    } else if (state === "open") {
      const attempt = this.#attempt;
      this.#attempt = 0;
      if (attempt) this.#stats.reconnects++;
      this.announce("state", state, old, why);
      if (this.state === "open") this.#namespaces.forEach((member) => member.linkOpened());
      this.announce("open");
      this.#settle();
      if (attempt) this.announce("reconnect", attempt);
    } else if (state === "waiting") {
      if (this.#wakefulness.isOffline && this.#machine.send("networkLost", "offline")) return;
      this.announce("state", state, old, why, this.#attempt + 1, this.#delay);
    } else this.announce("state", state, old, why);
  }

  /** The connection could not be made. */
  #failed(error: TautlineError): void {
    const attempt = this.#attempt;
    const wanted = this.reconnection() && (attempt > 0 || !this.#callbacks.length);
    const again = wanted && attempt < this.reconnectionAttempts();
    if (!this.#machine.send(again ? "lost" : "exhausted", error.code)) return;
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
    if (!this.#machine.send(again ? "lost" : "exhausted", reason)) return;
    this.#ended(reason, details);
    if (wanted && !again) this.announce("reconnect_failed");
  }

  /** Says so to everybody who had the connection. */
  #ended(reason: CloseReason, details: CloseDetails): void {
    this.#codec.reset();
    this.#probes.lost();
    this.#namespaces.forEach((member) => member.linkLost(reason, details));
    for (const nsp of this.#namespaces.forgetLeavers()) this.#sockets.loosen(nsp);
    this.announce("close", reason, details);
  }

  #settle(error?: TautlineError): void {
    for (const done of this.#callbacks.splice(0))
      call(done as AckCallback, undefined, error ? [error] : []);
  }

  // -- the line

  #read(session: Session, frame: string | BinaryData): void {
    let packet: SocketPacket | undefined;
    try {
      packet = typeof frame === "string" ? this.#codec.text(frame, 1) : this.#codec.binary(frame);
    } catch (error) {
      return session.end("parse error", error as TautlineError);
    }
    // a session that says goodbye may still hear things, of which nobody knows any more
    if (!packet || session !== this.engine || this.state !== "open") return;
    if (this.#observed) this.announce("packet", packet);
    const member = this.#namespaces.get(packet.nsp);
    if (member) member.receive(packet);
    else this.#probes.receive(packet);
  }

  #probe(answered: (error: TautlineError | undefined, ms: number) => void): void {
    const start = preciseNow();
    const encoded = this.#probes.begin((error) => {
      const ms = preciseNow() - start;
      if (!error) this.#stats.measured(ms);
      answered(error, ms);
    });
    this.engine?.queue(encoded, true);
  }

  /** Is the line alive? Whatever comes in answers that; silence ends it. */
  #doubt(): void {
    const { engine } = this;
    if (this.state !== "open" || !engine || this.#check) return;
    const heard = engine.traffic.packetsIn;
    const decide = (): void => {
      this.#check = undefined;
      if (engine.traffic.packetsIn > heard) return engine.prove();
      this.#isUrgent = true;
      engine.end("ping timeout", { description: "the server did not answer a probe" });
    };
    this.#check = this.#timers.after(this.opts.probeTimeout ?? 2000, decide);
    this.#probe((error) => {
      if (error || !this.#check) return;
      this.#check();
      this.#check = undefined;
      engine.prove();
    });
  }

  /** The page goes into the cache: an open connection would keep it out, or come back as a zombie. */
  #sleep(): void {
    const wasOpen = this.state === "open";
    if (!this.#machine.send("sleep", "sleep")) return;
    this.engine?.close();
    if (wasOpen) this.#ended("transport close", { description: "the page was put away" });
  }
}
