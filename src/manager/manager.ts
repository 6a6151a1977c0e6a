import { call } from "../emitter.js";
import { Connector } from "../engine/connector.js";
import type { EngineParts } from "../engine/parts.js";
import type { SessionOwner } from "../engine/events.js";
import { Session } from "../engine/session.js";
import { TautlineError } from "../errors.js";
import { type Chart, Machine, type Table } from "../machine.js";
import { hostTimers } from "../platform/browser.js";
import { browserSignals } from "../platform/browser-signals.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { Codec } from "../protocol/codec.js";
import { DefaultCodec } from "../protocol/default-codec.js";
import type { EnginePacket } from "../protocol/engine-packet.js";
import { binaryLength } from "../protocol/engine-payload.js";
import { ParserCodec } from "../protocol/parser-codec.js";
import type { Encoded, PacketType, SocketPacket } from "../protocol/socket-packet.js";
import type { AckCallback } from "../socket/acks.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import type { Link, LinkMember } from "../socket/link.js";
import { Socket, type SocketOptions } from "../socket/socket.js";
import type { ManagerEvents, ManagerState } from "./events.js";
import { Liveness } from "./liveness.js";
import { Namespaces } from "./namespaces.js";
import type { ManagerOptions } from "./options.js";
import type { ProbeAnswer } from "./probe.js";
import { Reconnecting } from "./reconnection.js";
import { type ManagerStats, Stats, type Traffic } from "./stats.js";
import { type Sleeper, Wakefulness } from "./wakefulness.js";

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

const NO_PARTS: EngineParts = {};

/** What went over a session. */
const traffics = new WeakMap<Session, Traffic>();
function trafficOf(session: Session): Traffic {
  return traffics.get(session) as Traffic;
}
function countTraffic(session: Session): void {
  const traffic: Traffic = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0 };
  const size = ({ data }: EnginePacket): number =>
    data === undefined ? 1 : typeof data === "string" ? data.length + 1 : binaryLength(data);
  session.on("packet", (packet) => {
    traffic.packetsIn++;
    traffic.bytesIn += size(packet);
  });
  session.on("packetCreate", (packet) => {
    traffic.packetsOut++;
    traffic.bytesOut += size(packet);
  });
  traffics.set(session, traffic);
}

/** Keeps one connection alive and carries many namespaces over it. */
export class Manager extends Reconnecting {
  /** What sockets, sessions and signals see of a manager: nested, so that it reaches what is private. */
  private static readonly _Port = class implements Link, SessionOwner<Session>, Sleeper {
    private readonly _manager: Manager;
    readonly timers: Timers;

    constructor(manager: Manager) {
      this._manager = manager;
      this.timers = manager._timers;
    }

    get isOpen(): boolean {
      return this._manager.state === "open";
    }
    get bufferedAmount(): number {
      return this.isOpen ? (this._manager.engine?.bufferedAmount ?? 0) : 0;
    }
    encode(
      type: PacketType,
      nsp: string,
      data?: unknown,
      id?: number,
      compress?: boolean,
    ): Encoded {
      return this._manager._codec.encode(type, nsp, data, id, compress);
    }
    decode(encoded: Encoded): SocketPacket | undefined {
      const reader = this._manager._codec.decoder();
      if (typeof encoded === "string") return reader.text(encoded, 0);
      let packet: SocketPacket | undefined;
      for (const frame of encoded)
        packet = typeof frame === "string" ? reader.text(frame, 0) : reader.binary(frame);
      return packet;
    }
    deliver(member: LinkMember, encoded: Encoded, compress: boolean): boolean {
      if (this._manager.engine?.transmit(encoded, compress)) return true;
      this._manager._namespaces.block(member);
      return false;
    }
    queue(encoded: Encoded, compress: boolean): void {
      this._manager.engine?.transmit(encoded, compress, true);
    }
    probe(answered: ProbeAnswer): Encoded {
      return this._manager._line.begin(answered);
    }
    delayAfter(attempts: number): number {
      return this._manager.delayAfter(attempts);
    }
    join(member: LinkMember): void {
      const manager = this._manager;
      manager._namespaces.add(member);
      if (this.isOpen) member.linkOpened();
      else if (manager.state === "closed" || manager.state === "failed") manager.open();
    }
    leave(member: LinkMember, expectsAnswer: boolean): void {
      const manager = this._manager;
      manager._namespaces.remove(member, expectsAnswer);
      if (manager._namespaces.isIdle) manager._close();
    }

    // what becomes of a session; what an older one has to say is of no interest
    opened(session: Session): void {
      if (session === this._manager.engine) this._manager._machine.send("opened", "opened");
    }
    packet(session: Session, packet: SocketPacket): void {
      this._manager._read(session, packet);
    }
    drained(): void {
      this._manager._namespaces.unblock();
    }
    pinged(): void {
      this._manager.announce("ping");
    }
    failed(session: Session, error: TautlineError): void {
      if (session === this._manager.engine) this._manager._failed(error);
    }
    lost(session: Session, reason: CloseReason, details: CloseDetails): void {
      if (session === this._manager.engine) this._manager._lost(reason, details);
    }

    doubt(): void {
      this._manager._doubt();
    }
    wake(): void {
      this._manager._machine.send("wake", "wake");
    }
    networkLost(): void {
      this._manager._machine.send("networkLost", "offline");
    }
    networkChanged(): void {
      this._manager.parts.memory?.forgetFailures();
      this._manager.engine?.retryUpgrade();
    }
    sleep(): void {
      this._manager._sleep();
    }
  };

  private static readonly _chart: Chart<ManagerState, ManagerEvent, string, Manager> = {
    table: managerTable,
    entries: {
      opening: () => (manager) => manager._forgetPatience(),
      open: (_, manager) => {
        manager._stats.openedAt = Date.now();
        return Manager._left;
      },
      waiting: (_, manager) => manager._waiting(),
      offline: (_, manager) => manager._retryAfter(OFFLINE_DELAY),
    },
    changed: (state, old, _event, why, manager) => manager._changed(state, old, why),
  };

  /** The state "open" is over. */
  private static readonly _left = (manager: Manager): void => {
    const { opts, engine } = manager;
    // a connection that lasted proves that the server is well
    const uptime = Date.now() - manager._stats.openedAt;
    if (uptime >= (opts.minUptime ?? 5000)) manager._delays = 0;
    manager._liveness?.rest();
    if (engine) manager._stats.add(trafficOf(engine));
  };

  /** The current session; undefined before the first. */
  engine: Session | undefined;

  private readonly _address: string | undefined;
  private readonly _timers: Timers;
  private readonly _codec: Codec;
  private readonly _port: Link & SessionOwner<Session> & Sleeper;
  private readonly _namespaces = new Namespaces();
  private readonly _machine: Machine<ManagerState, ManagerEvent, string, Manager>;
  /** Undefined until something is asked of the line. */
  private _liveness: Liveness | undefined;
  private readonly _stats = new Stats();
  private readonly _wakefulness: Wakefulness;
  /** Reconnects since the connection was last open; 0 while it is a first connect. */
  private _attempt = 0;
  /** How many delays there were since the connection last proved that the server is well. */
  private _delays = 0;
  /** Of the state "waiting", in milliseconds. */
  private _delay = 0;
  /** The line was found dead: there is nothing to wait for. */
  private _isUrgent = false;
  /** Of the state "opening": the end of its patience. */
  private _giveUp: Cancel | undefined;
  /** Of open(): called when the attempt that is under way has ended. */
  private _callbacks: ((error?: TautlineError) => void)[] | undefined;
  private _observed = false;

  /**
   * @param address - http(s) or ws(s); without it, the options or the page say where
   * @throws TautlineError `invalid-option`
   */
  constructor(address?: string, options?: ManagerOptions);
  constructor(options?: ManagerOptions);
  constructor(address?: string | ManagerOptions, options: ManagerOptions = {}) {
    super(typeof address === "object" ? address : options);
    const { opts } = this;
    const timers = (this._timers = hostTimers(opts.useNativeTimers, opts.autoUnref));
    this._address = typeof address === "object" ? undefined : address;
    // what is wrong with the options is said now, not at the first connect
    this._connector().candidates();
    this._codec = this._makeCodec();
    const { network = browserSignals } = opts;
    this._port = new Manager._Port(this);
    this._wakefulness = new Wakefulness(network || undefined, this._port, timers);
    this._machine = new Machine<ManagerState, ManagerEvent, string, Manager>(
      Manager._chart,
      "closed",
      this,
    );
    if (opts.autoConnect !== false) this.open();
  }

  /** What the entry hands in. */
  protected get parts(): EngineParts {
    return NO_PARTS;
  }

  /** See docs/states.md; the event `state` tells of changes. */
  get state(): ManagerState {
    return this._machine.state;
  }

  /**
   * Connects, when it isn't connected or connecting; ends waiting.
   *
   * @param done - called once with the error, or without one. With a callback, a first connect that fails isn't
   * repeated: that is then for the caller to decide
   */
  open(done?: (error?: TautlineError) => void): this {
    if (done && this.state !== "open" && this.state !== "opening")
      (this._callbacks ??= []).push(done);
    this._machine.send("connect", "connect");
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
    const known = this._namespaces.find(nsp) as Socket<Listen, Emit, this> | undefined;
    const socket = known ?? new Socket<Listen, Emit, this>(this, this._port, nsp, options);
    if (this.opts.autoConnect !== false) socket.connect();
    else if (!known) this._namespaces.keep(nsp, socket);
    return socket;
  }

  /** True when `socket(nsp)` has been called before. */
  hasSocket(nsp: string): boolean {
    return this._namespaces.find(nsp) !== undefined;
  }

  /** Closes the connection and stays away until somebody connects. */
  _close(): void {
    if (!this._machine.send("disconnect", "disconnect")) return;
    this.engine?.close();
    this._ended("forced close", undefined);
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
      this._line.measure((error, ms) => (error ? reject(error) : resolve(ms)));
    });
  }

  /** A snapshot of what happened so far. */
  stats(): ManagerStats {
    const { engine, state } = this;
    const { last, smoothed, reconnects, openedAt } = this._stats;
    const isOpen = state === "open";
    let bufferedPackets = 0;
    this._namespaces.forEach((member) => (bufferedPackets += member.buffered));
    return {
      state,
      transport: isOpen ? engine?.transport.name : undefined,
      rtt: { last, smoothed },
      ...this._stats.total(isOpen && engine ? trafficOf(engine) : undefined),
      reconnects,
      connectedFor: isOpen ? Date.now() - openedAt : 0,
      bufferedPackets,
      bufferedAmount: this._port.bufferedAmount,
    };
  }

  /** Calls the listeners of an event. */
  emit<K extends keyof ManagerEvents>(event: K, ...args: Parameters<ManagerEvents[K]>): this {
    this.dispatch([event, ...args]);
    return this;
  }

  protected override listenersChanged(): void {
    this._observed = this.hasListeners("packet");
  }

  private get _line(): Liveness {
    return (this._liveness ??= new Liveness(this._port, this._stats));
  }

  private _makeCodec(): Codec {
    return this.opts.parser ? new ParserCodec(this.opts.parser) : new DefaultCodec();
  }

  /** Made anew for each session: the options may be changed in between. */
  private _connector(): Connector {
    return new Connector(this._address, this.opts, this.parts.transports ?? {}, this._timers);
  }

  // -- states

  /** Begins the session of the state "opening". */
  private _open(): void {
    let connector: Connector;
    try {
      connector = this._connector();
      connector.candidates();
    } catch (error) {
      return this._failed(error as TautlineError);
    }
    const session = new Session(connector, this._port, {
      parts: this.parts,
      decoder: this._codec.decoder(),
      timers: this._timers,
      isDiagnosed: false,
    });
    countTraffic(session);
    this.engine = session;
    const timeout = this.timeout();
    if (timeout !== false) this._giveUp = this._timers.after(timeout, () => session.giveUp());
    session.open();
  }

  private _forgetPatience(): void {
    this._giveUp?.();
    this._giveUp = undefined;
  }

  private _waiting(): Cancel {
    const delay = this.delayAfter(this._delays++);
    // another transport is tried at once, but only once: both may be failing
    const fallsBack = this.engine?.isFallingBack && this._delays === 1;
    this._delay = this._isUrgent || fallsBack ? 0 : delay;
    this._isUrgent = false;
    return this._retryAfter(this._delay);
  }

  private _retryAfter(ms: number): Cancel {
    return this._timers.after(ms, () => this._machine.send("delayElapsed", "delayElapsed"));
  }

  private _changed(state: ManagerState, old: ManagerState, why: string): void {
    const { engine } = this;
    if (state === "closed" || state === "failed") {
      this._attempt = 0;
      this._delays = 0;
      this._wakefulness.stop();
      this.announce("state", state, old, why);
      if (state === "closed")
        this._settle(new TautlineError("disconnected", "the manager was closed"));
      return;
    }
    this._wakefulness.start();
    if (state === "opening") {
      if (old === "waiting" || old === "offline") this._attempt++;
      const attempt = this._attempt;
      this.announce("state", state, old, why, attempt);
      if (attempt) this.announce("reconnect_attempt", attempt);
      // the listeners may have thought otherwise
      if (this.state === "opening" && engine === this.engine) this._open();
    } else if (state === "open") {
      const attempt = this._attempt;
      this._attempt = 0;
      if (attempt) this._stats.reconnects++;
      this.announce("state", state, old, why);
      if (this.state === "open") this._namespaces.forEach((member) => member.linkOpened());
      this.announce("open");
      this._settle();
      if (attempt) this.announce("reconnect", attempt);
    } else if (state === "waiting") {
      this.announce("state", state, old, why, this._attempt + 1, this._delay);
      if (this._wakefulness.isOffline) this._machine.send("networkLost", "offline");
    } else this.announce("state", state, old, why);
  }

  /** The connection could not be made. */
  private _failed(error: TautlineError): void {
    const attempt = this._attempt;
    const wanted = this.reconnection() && (attempt > 0 || !this._callbacks);
    const again = wanted && attempt < this.reconnectionAttempts();
    if (!this._machine.send(again ? "lost" : "exhausted", error.code)) return;
    this._namespaces.forEach((member) => member.linkFailed(error));
    this.announce("error", error);
    this._settle(error);
    if (wanted && !again) this.announce("reconnect_failed");
    if (attempt) this.announce("reconnect_error", error);
  }

  /** The connection was there, and is gone. */
  private _lost(reason: CloseReason, details: CloseDetails): void {
    const wanted = this.reconnection();
    const again = wanted && this.reconnectionAttempts() > 0;
    // it was in doubt, and this is the answer: what died while the page was frozen says so when it wakes
    if (this._liveness?.isDoubting) this._isUrgent = again;
    if (!this._machine.send(again ? "lost" : "exhausted", reason)) return;
    this._ended(reason, details);
    if (wanted && !again) this.announce("reconnect_failed");
  }

  /** Says so to everybody who had the connection. */
  private _ended(reason: CloseReason, details: CloseDetails): void {
    this._liveness?.lost();
    this._namespaces.forEach((member) => member.linkLost(reason, details));
    this._namespaces.forgetLeavers();
    this.announce("close", reason, details);
  }

  private _settle(error?: TautlineError): void {
    const callbacks = this._callbacks ?? [];
    this._callbacks = undefined;
    for (const done of callbacks) call(done as AckCallback, undefined, error ? [error] : []);
  }

  // -- the line

  private _read(session: Session, packet: SocketPacket): void {
    // a session that says goodbye may still hear things, of which nobody knows any more
    if (session !== this.engine || this.state !== "open") return;
    if (this._observed) this.announce("packet", packet);
    const member = this._namespaces.get(packet.nsp);
    if (member) member.receive(packet);
    else this._liveness?.receive(packet);
  }

  /** Is the line alive? Silence ends it. */
  private _doubt(): void {
    const { engine } = this;
    if (this.state !== "open" || !engine) return;
    this._line.doubt(engine, this.opts.probeTimeout ?? 2000, () => {
      this._isUrgent = true;
      engine.end("ping timeout", { description: "the server did not answer a probe" });
    });
  }

  /** The page goes into the cache: an open connection would keep it out, or come back as a zombie. */
  private _sleep(): void {
    const wasOpen = this.state === "open";
    if (!this._machine.send("sleep", "sleep")) return;
    this.engine?.close();
    if (wasOpen) this._ended("transport close", { description: "the page was put away" });
  }
}
