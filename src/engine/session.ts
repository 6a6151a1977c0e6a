import { type Attempt, TautlineError } from "../errors.js";
import { type Chart, Machine, type Table } from "../machine.js";
import { listenTo, tickNow } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { decodeBase64 } from "../protocol/base64.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { type BinaryData, type EngineFrame, EnginePacketType } from "../protocol/engine-packet.js";
import type { Handshake } from "../protocol/handshake.js";
import { parseError } from "../protocol/packet-decoder.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { Transport, TransportFailure, TransportSink } from "../transports/transport.js";
import type { Connector } from "./candidates.js";
import { attemptCode, transportError } from "./diagnosis.js";
import type { SessionEvents, SessionOwner } from "./events.js";
import { Heartbeat, type HeartbeatOwner } from "./heartbeat.js";
import { TransportMemory } from "./memory.js";
import { inOrder, Opening } from "./opening.js";
import { Observed } from "./observed.js";
import type { EngineOptions } from "./options.js";
import { Upgrader } from "./upgrader.js";
import { WriteBuffer } from "./write-buffer.js";

export type SessionState = "opening" | "open" | "closing" | "closed";
export type SessionEvent = "handshake" | "close" | "drained" | "lost";

/** See docs/states.md. A session is single-use. */
export const sessionTable: Table<SessionState, SessionEvent> = {
  opening: { handshake: "open", close: "closed", lost: "closed" },
  open: { close: "closing", lost: "closed" },
  closing: { drained: "closed", lost: "closed" },
  closed: {},
};

interface Ending {
  reason: CloseReason;
  details?: CloseDetails;
}

/** A stream that carried a connection for as long as this, in milliseconds, is to be trusted. */
const PROVEN = 5000;

/** A farewell may take as many milliseconds. */
const CLOSE_TIMEOUT = 5000;

/** python-engineio refuses an HTTP body with more packets than this. */
const MAX_PACKETS = 16;

const MESSAGE = 52;
/** "b" */
const BASE64 = 98;
/** The buffer of those who stream: nothing is ever put into it. */
const UNUSED = new WriteBuffer(0, 0);
const NONE: readonly Attempt[] = [];
const FORCED: Ending = { reason: "forced close" };

/** One Engine.IO session, over the transport that won. */
export class Session extends Observed {
  /** What transport and heartbeat see of their session: nested, so that it reaches what is private. */
  private static readonly _Port = class implements TransportSink, HeartbeatOwner {
    private readonly _session: Session;

    constructor(session: Session) {
      this._session = session;
    }

    opened(): void {}
    text(packet: string): void {
      this._session._text(packet);
    }
    binary(data: BinaryData): void {
      this._session._binary(data);
    }
    drained(): void {
      this._session._drained();
    }
    closed(failure: TransportFailure): void {
      this._session._transportLost(failure);
    }
    missed(): void {
      this._session.end("ping timeout");
    }
    doubted(): void {
      this._session._owner.doubt();
    }
  };

  private static readonly _chart: Chart<SessionState, SessionEvent, Ending | undefined, Session> = {
    table: sessionTable,
    entries: {
      open: (_, session) => session._entered(),
      closing: (_, session) => session._closing(),
      closed: (_, session) => session._release(),
    },
    changed: (state, old, _event, ending, session) => session._changed(state, old, ending),
  };

  /** Given by the server; "" before the handshake. */
  id = "";
  /** The transport in use, or the one that is being tried; undefined before the first try. */
  transport!: Transport;
  readonly binaryType = "arraybuffer";
  readonly opts: EngineOptions;
  handshake: Handshake | undefined;

  private readonly _connector: Connector;
  private readonly _owner: SessionOwner<Session>;
  private readonly _timers: Timers;
  private readonly _machine: Machine<SessionState, SessionEvent, Ending | undefined, Session>;
  private readonly _memory: TransportMemory;
  /** Until it has come to an end. */
  private _opening: Opening | undefined;
  private _attempts = NONE;
  private readonly _port: TransportSink & HeartbeatOwner;
  private readonly _heartbeat: Heartbeat;
  private _buffer = UNUSED;
  private _upgrader: Upgrader | undefined;
  /** The transport, while packets may go straight to it. */
  private _stream: Transport | undefined;
  private _flushQueued = false;
  /** When the transport in use took over, in milliseconds since the epoch. */
  private _since = 0;
  private _fallsBack = false;

  constructor(connector: Connector, owner: SessionOwner<Session>, timers: Timers) {
    super();
    this._connector = connector;
    this._owner = owner;
    this._timers = timers;
    this.opts = connector.options;
    this._memory = new TransportMemory(connector.place, this.opts.rememberUpgrade);
    this._port = new Session._Port(this);
    this._heartbeat = new Heartbeat(timers, this._port);
    this._machine = new Machine<SessionState, SessionEvent, Ending | undefined, Session>(
      Session._chart,
      "opening",
      this,
    );
    this._opening = new Opening(
      connector,
      this._memory,
      {
        trying: (transport) => {
          this.transport = transport;
        },
        won: (transport, handshake) => this._won(transport, handshake),
        failed: (error) => this.end("transport error", error),
      },
      timers,
    );
  }

  get readyState(): SessionState {
    return this._machine.state;
  }

  /** Frames that wait for the next HTTP body. */
  get writeBuffer(): readonly EngineFrame[] {
    return this._buffer.frames;
  }

  get hostname(): string {
    return this._connector.hostname;
  }
  get port(): string {
    return this._connector.port;
  }
  get secure(): boolean {
    return this._connector.secure;
  }

  /** Everything that was tried and failed on the way to this session. */
  get attempts(): readonly Attempt[] {
    return this._opening?.attempts ?? this._attempts;
  }

  /** Bytes that were written and haven't left yet, as far as the transport tells. */
  get bufferedAmount(): number {
    return this._buffer.bytes + ((this.transport as Transport | undefined)?.bufferedAmount ?? 0);
  }

  /** It ended because of its transport, and the next session will open with another one: no need to wait. */
  get fallsBack(): boolean {
    return this._fallsBack;
  }

  /** Begins; called once. */
  open(): void {
    this._opening?.start();
  }

  /**
   * Hands over one Socket.IO packet.
   *
   * @returns false when nothing was taken, because the transport is busy or down: `drained` or `lost` will follow
   */
  deliver(encoded: Encoded, compress: boolean): boolean {
    if (this._heartbeat.isMissed(tickNow())) {
      queueMicrotask(() => this._owner.doubt());
      return false;
    }
    const stream = this._stream;
    if (stream === undefined) {
      const { transport } = this;
      if (this.readyState !== "open" || !transport.writable || !this._buffer.hasRoom) return false;
    } else if (typeof encoded === "string" && !this.isAnnounced) {
      const frame = EnginePacketType.message + encoded;
      if (!stream.send(frame)) return false;
      this.sent(frame, compress);
      return true;
    } else if (!stream.writable) return false;
    this.queue(encoded, compress);
    return true;
  }

  /** Hands over one Socket.IO packet, whatever waits already. */
  queue(encoded: Encoded, compress: boolean): void {
    if (typeof encoded === "string") this._write(EnginePacketType.message + encoded, compress);
    else
      for (const frame of encoded)
        this._write(typeof frame === "string" ? EnginePacketType.message + frame : frame, compress);
  }

  /** Sends a message past Socket.IO. `flushed` is called when it was handed over. */
  write(data: string | BinaryData, options?: { compress?: boolean }, flushed?: () => void): this {
    this.queue([data], options?.compress ?? true);
    if (flushed) queueMicrotask(flushed);
    return this;
  }

  /** The same as {@link write}. */
  send(data: string | BinaryData, options?: { compress?: boolean }, flushed?: () => void): this {
    return this.write(data, options, flushed);
  }

  /** Ends the session: what was written before is sent first. The reason is "forced close". */
  close(): this {
    this._machine.send("close", FORCED);
    return this;
  }

  /** Ends the session at once. */
  end(reason: CloseReason, details?: CloseDetails): void {
    this._machine.send("lost", { reason, details });
  }

  /** Gives up opening: the time is over. */
  giveUp(): void {
    if (this.readyState === "opening") this._opening?.giveUp();
  }

  /** A sign of life that isn't a ping. */
  prove(): void {
    if (this.readyState !== "open") return;
    this._heartbeat.beat();
    this._owner.drained();
  }

  /** The network is another one: an upgrade that failed is tried again now. */
  retryUpgrade(): void {
    if (this.readyState === "open") this._upgrader?.now();
  }

  /** Calls the listeners of an event; "data" is also decoded, as if the server had sent it. */
  emit(event: keyof SessionEvents, ...args: unknown[]): this {
    this.dispatch([event, ...args]);
    const [data] = args;
    if (event === "data")
      this._owner.message(
        this,
        typeof data === "string" ? EnginePacketType.message + data : (data as BinaryData),
      );
    return this;
  }

  // -- states

  private _won(transport: Transport, handshake: Handshake): void {
    this.id = handshake.sid;
    this.handshake = handshake;
    this._carry(transport);
    transport.query.sid = handshake.sid;
    transport.sink = this._port;
    this._endOpening();
    const { maxPacketsPerRequest = MAX_PACKETS } = this.opts;
    if (!transport.streams)
      this._buffer = new WriteBuffer(maxPacketsPerRequest, handshake.maxPayload);
    this._machine.send("handshake", undefined);
  }

  /** Nothing of it is kept but what failed on the way. */
  private _endOpening(): void {
    const opening = this._opening;
    if (!opening) return;
    opening.stop();
    if (opening.attempts.length) this._attempts = opening.attempts;
    this._opening = undefined;
  }

  private _carry(transport: Transport): void {
    this.transport = transport;
    this._since = Date.now();
    if (transport.streams) this._stream = transport;
  }

  private _entered(): Cancel | undefined {
    const { pingInterval, pingTimeout } = this.handshake as Handshake;
    this._heartbeat.start(pingInterval + pingTimeout);
    if (!this.opts.closeOnBeforeunload) return undefined;
    return listenTo(globalThis, "beforeunload", () => this.transport.close());
  }

  /** What can't be handed over in time stays behind. */
  private _closing(): Cancel {
    this._heartbeat.stop();
    return this._timers.after(CLOSE_TIMEOUT, () => this._machine.send("drained", FORCED));
  }

  private _release(): void {
    this._heartbeat.stop();
    this._endOpening();
    this._stream = undefined;
    this._upgrader?.stop();
    this._buffer.takeAll();
    // undefined when it is closed before it began
    (this.transport as Transport | undefined)?.close();
  }

  private _changed(state: SessionState, old: SessionState, ending: Ending | undefined): void {
    if (state === "open") {
      this.announce("handshake", this.handshake as Handshake);
      this.announce("open");
      this._owner.opened(this);
      if (this.readyState === "open") this._startUpgrades();
    } else if (state === "closing") {
      this._upgrader?.settle();
      this._flush();
      this._closeWhenDrained();
    } else if (ending) {
      const { reason, details } = ending;
      const error = details instanceof TautlineError ? details : undefined;
      if (error) this.announce("error", error);
      this.announce("close", reason, details);
      if (old !== "opening") this._owner.lost(this, reason, details);
      else this._owner.failed(this, error ?? new TautlineError("transport-close", reason));
    }
  }

  private _closeWhenDrained(): void {
    if (this.readyState !== "closing" || this._buffer.frames.length) return;
    if (this.transport.streams || this.transport.writable) this._machine.send("drained", FORCED);
  }

  // -- receiving

  private _text(packet: string): void {
    const type = packet.charCodeAt(0);
    if (type === BASE64) return this._base64(packet);
    this.received(packet);
    switch (type) {
      case MESSAGE:
        this._owner.message(this, packet);
        break;
      case 50: // ping
        this._heartbeat.beat();
        this._write(EnginePacketType.pong, true);
        this.announce("ping");
        this.announce("pong");
        this._owner.pinged();
        break;
      case 49: // close: on a stream, the closing of the stream itself counts
        if (!this.transport.streams)
          this.end("transport close", { description: "transport closed by the server" });
        break;
      case 51: // pong, upgrade, noop
      case 53:
      case 54:
        break;
      default:
        this.end("parse error", parseError(packet, "not an engine packet of an open session"));
    }
  }

  private _base64(packet: string): void {
    let data: ArrayBuffer;
    try {
      data = decodeBase64(packet.slice(1));
    } catch (error) {
      return this.end("parse error", error as TautlineError);
    }
    this._binary(data);
  }

  private _binary(data: BinaryData): void {
    this.received(data);
    this._owner.message(this, data);
  }

  private _transportLost(failure: TransportFailure): void {
    const { kind, description, context, cause } = failure;
    if (cause instanceof TautlineError) return this.end("parse error", cause);
    const code = kind === "error" ? attemptCode(failure) : undefined;
    this._judge(code === "session-unknown");
    if (kind === "close") return this.end("transport close", { description, context });
    const known = code === "session-unknown" ? code : "transport-error";
    this.end("transport error", transportError(known, failure));
  }

  /** What the loss of an open connection says about its transport. */
  private _judge(unknownSession: boolean): void {
    const { name, streams } = this.transport;
    const uptime = Date.now() - this._since;
    if (unknownSession) {
      // the load balancer sends polling elsewhere each time, and so it did with a probe: WebSocket may get through
      this._memory.forgetAllBut(name);
      this._memory.note(name, false, uptime);
    } else if (!streams) return;
    else if (uptime < PROVEN) this._memory.note(name, false, uptime);
    else return this._memory.prove(name, uptime);
    this._fallsBack = inOrder(this._connector, this._memory)[0]?.name !== name;
  }

  // -- sending

  private _write(frame: EngineFrame, compress: boolean): void {
    this.sent(frame, compress);
    if (this._stream) this._stream.send(frame);
    else if (this.readyState === "open" || this.readyState === "closing") this._buffer.push(frame);
    if (this._flushQueued || (this._stream && !this.isAnnounced)) return;
    // at the end of the tick, so that what is emitted together travels together
    this._flushQueued = true;
    queueMicrotask(() => {
      this._flushQueued = false;
      if (!this._stream) return this._flush();
      this.announce("flush");
      this.announce("drain");
    });
  }

  private _flush(): void {
    const { transport } = this;
    if (!this._buffer.frames.length || !transport.writable || this._upgrader?.isPausing) return;
    transport.write(this._buffer.takeBatch());
    this.announce("flush");
  }

  private _drained(): void {
    this._upgrader?.proceed();
    // whoever waits fills the body up before it leaves
    if (this._buffer.hasRoom) this._owner.drained();
    if (!this._buffer.frames.length) {
      this.announce("drain");
      this._closeWhenDrained();
    }
    this._flush();
  }

  // -- upgrading

  private _startUpgrades(): void {
    const { transport } = this;
    const { upgrades, pingTimeout } = this.handshake as Handshake;
    if (transport.streams) return;
    this._upgrader = new Upgrader({
      id: this.id,
      transport,
      timers: this._timers,
      connector: this._connector,
      memory: this._memory,
      offered: upgrades,
      patience: pingTimeout,
      answered: (next) => this.announce("upgrading", next),
      switched: (next) => {
        this._carry(next);
        for (const frame of this._buffer.takeAll()) next.send(frame);
        this.announce("upgrade", next);
        this._owner.drained();
      },
      stayed: (error) => {
        this.announce("upgradeError", error);
        this._flush();
      },
      failed: (failure) => this._transportLost(failure),
    });
    this._upgrader.start(this.attempts);
  }
}
