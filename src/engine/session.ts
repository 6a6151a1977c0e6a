import { Emitter } from "../emitter.js";
import { type Attempt, TautlineError } from "../errors.js";
import { Machine, type Table } from "../machine.js";
import { listenGlobal, tickNow } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { decodeBase64 } from "../protocol/base64.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import {
  type BinaryData,
  describeFrame,
  type EngineFrame,
  type EnginePacket,
  EnginePacketType,
} from "../protocol/engine-packet.js";
import type { Handshake } from "../protocol/handshake.js";
import { parseError } from "../protocol/packet-decoder.js";
import type { Encoded } from "../protocol/socket-packet.js";
import { deaf, type Transport, type TransportFailure } from "../transports/transport.js";
import type { Connector } from "./candidates.js";
import { attemptCode, explain, investigate } from "./diagnosis.js";
import { Heartbeat } from "./heartbeat.js";
import { TransportMemory } from "./memory.js";
import type { EngineOptions } from "./options.js";
import { Race } from "./transport-manager.js";
import { Upgrade } from "./upgrade.js";
import { UpgradeSchedule } from "./upgrade-schedule.js";
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

/** The events of `manager.engine`, as in socket.io-client. */
export interface SessionEvents {
  open(): void;
  handshake(data: Handshake): void;
  /** An engine packet arrived. */
  packet(packet: EnginePacket): void;
  /** An engine packet is about to be written. */
  packetCreate(packet: EnginePacket): void;
  data(data: string | BinaryData): void;
  message(data: string | BinaryData): void;
  drain(): void;
  flush(): void;
  heartbeat(): void;
  ping(): void;
  pong(): void;
  error(error: TautlineError): void;
  upgrading(transport: Transport): void;
  upgrade(transport: Transport): void;
  upgradeError(error: TautlineError): void;
  close(reason: CloseReason, details?: CloseDetails): void;
}

/** What a session needs of its owner, the manager. */
export interface SessionOwner {
  opened(): unknown;
  /** A text message; the Socket.IO packet begins at index 1. */
  text(packet: string): void;
  binary(data: BinaryData): void;
  /** There is room for more. */
  drained(): void;
  pinged(): void;
  /** It never opened. */
  failed(error: TautlineError): unknown;
  /** It was open. */
  lost(reason: CloseReason, details: CloseDetails): unknown;
}

interface Ending {
  reason: CloseReason;
  details?: CloseDetails;
}

/** A diagnosis that takes longer, in milliseconds, is done without. */
const DIAGNOSIS_TIMEOUT = 2000;

/** A stream that carried a connection for as long as this, in milliseconds, is to be trusted. */
const PROVEN = 5000;

const MESSAGE = 52;

/** One Engine.IO session, over the transport that won. */
export class Session extends Emitter<SessionEvents> {
  readonly #connector: Connector;
  readonly #owner: SessionOwner;
  readonly #timers: Timers;
  /** Given by the server; "" before the handshake. */
  id = "";
  /** The transport in use, or the one that is being tried. */
  transport!: Transport;
  readonly binaryType = "arraybuffer";
  readonly opts: EngineOptions;
  handshake: Handshake | undefined;

  readonly #machine: Machine<SessionState, SessionEvent, Ending | undefined>;
  readonly #race: Race;
  readonly #memory: TransportMemory;
  readonly #heartbeat: Heartbeat;
  readonly #buffer = new WriteBuffer();
  /** The transport, while packets may go straight to it. */
  #stream: Transport | undefined;
  #upgrade: Upgrade | undefined;
  #leaving: Transport | undefined;
  readonly #upgrades: UpgradeSchedule;
  #investigation: Cancel | undefined;
  #flushQueued = false;
  /** When the transport in use took over, in milliseconds since the epoch. */
  #since = 0;
  #fallsBack = false;
  /** Somebody listens to what is received; to what is sent. */
  #observed = false;
  #announced = false;

  constructor(connector: Connector, owner: SessionOwner, timers: Timers) {
    super();
    this.#connector = connector;
    this.#owner = owner;
    this.#timers = timers;
    const { options } = connector;
    this.opts = options;
    this.#memory = new TransportMemory(connector.place, options.rememberUpgrade);
    this.#heartbeat = new Heartbeat(timers, () => this.end("ping timeout"));
    this.#upgrades = new UpgradeSchedule(timers, () => this.#probe());
    this.#machine = new Machine(
      sessionTable,
      "opening",
      {
        open: () => this.#entered(),
        closing: () => this.#drainThenClose(),
        closed: () => this.#release(),
      },
      (state, old, _event, ending) => this.#changed(state, old, ending),
    );
    this.#race = new Race(
      {
        candidates: this.#inOrder(),
        headStart: this.#headStart(),
        memory: this.#memory,
        timers,
      },
      {
        trying: (transport) => {
          this.transport = transport;
        },
        won: (transport, handshake) => this.#won(transport, handshake),
        lost: (failures) => void this.#explain(failures),
      },
    );
  }

  get readyState(): SessionState {
    return this.#machine.state;
  }

  /** Frames that wait for the next HTTP body. */
  get writeBuffer(): readonly EngineFrame[] {
    return this.#buffer.frames;
  }

  get hostname(): string {
    return this.#connector.hostname;
  }
  get port(): string {
    return this.#connector.port;
  }
  get secure(): boolean {
    return this.#connector.secure;
  }

  /** Everything that was tried and failed on the way to this session. */
  get attempts(): readonly Attempt[] {
    return this.#race.attempts;
  }

  /** Bytes that were written and haven't left yet, as far as the transport tells. */
  get bufferedAmount(): number {
    return this.#buffer.bytes + this.transport.bufferedAmount;
  }

  /** It ended because of its transport, and the next session will open with another one: no need to wait. */
  get fallsBack(): boolean {
    return this.#fallsBack;
  }

  /** Begins; called once. */
  open(): void {
    this.#race.start();
  }

  /**
   * Hands over one Socket.IO packet.
   *
   * @returns false when nothing was taken, because the transport is busy or down: `drained` or `lost` will follow
   */
  deliver(encoded: Encoded, compress = true): boolean {
    if (this.#heartbeat.isMissed(tickNow())) {
      queueMicrotask(() => this.checkHeartbeat());
      return false;
    }
    const stream = this.#stream;
    if (stream === undefined) {
      const { transport } = this;
      if (this.readyState !== "open" || !transport.writable || !this.#buffer.hasRoom) return false;
    } else if (typeof encoded === "string" && !this.#announced)
      return stream.send(EnginePacketType.message + encoded);
    else if (!stream.writable) return false;
    this.queue(encoded, compress);
    return true;
  }

  /** Hands over one Socket.IO packet, whatever waits already. */
  queue(encoded: Encoded, compress = true): void {
    if (typeof encoded === "string") this.#write(EnginePacketType.message + encoded, compress);
    else
      for (const frame of encoded)
        this.#write(typeof frame === "string" ? EnginePacketType.message + frame : frame, compress);
  }

  /** Sends a message past Socket.IO. `flushed` is called when it was handed to the transport. */
  write(data: string | BinaryData, options?: { compress?: boolean }, flushed?: () => void): this {
    this.queue([data], options?.compress);
    if (flushed) queueMicrotask(flushed);
    return this;
  }

  /** The same as {@link write}. */
  send(data: string | BinaryData, options?: { compress?: boolean }, flushed?: () => void): this {
    return this.write(data, options, flushed);
  }

  /** Ends the session: what was written before is sent first. The reason is "forced close". */
  close(): this {
    this.#machine.send("close", { reason: "forced close" });
    return this;
  }

  /** Ends the session at once. */
  end(reason: CloseReason, details?: CloseDetails): void {
    this.#machine.send("lost", { reason, details });
  }

  /** Gives up opening: the time is over. */
  giveUp(): void {
    if (this.readyState !== "opening") return;
    this.#race.stop();
    this.#fail(explain(this.attempts as Attempt[], []));
  }

  /** Ends the session when the server has not pinged in time: for moments when timers can't be trusted. */
  checkHeartbeat(): void {
    if (this.#heartbeat.isMissed(Date.now())) this.end("ping timeout");
  }

  /** The network is another one: an upgrade that failed is tried again now. */
  retryUpgrade(): void {
    if (this.readyState === "open") this.#upgrades.now();
  }

  /** Calls the listeners of an event; "data" is also decoded, as if the server had sent it. */
  emit(event: keyof SessionEvents, ...args: unknown[]): this {
    this.dispatch([event, ...args]);
    if (event === "data")
      if (typeof args[0] === "string") this.#owner.text(EnginePacketType.message + args[0]);
      else this.#owner.binary(args[0] as BinaryData);
    return this;
  }

  protected override listenersChanged(): void {
    this.#observed =
      this.hasListeners("packet") ||
      this.hasListeners("data") ||
      this.hasListeners("message") ||
      this.hasListeners("heartbeat");
    this.#announced =
      this.hasListeners("packetCreate") || this.hasListeners("flush") || this.hasListeners("drain");
  }

  // -- opening

  /** What failed lately goes last; with `rememberUpgrade`, what worked lately goes first. */
  #inOrder(): ReturnType<Connector["candidates"]> {
    const rank = (name: string): number => {
      const note = this.#memory.recall(name);
      if (note?.worked === false) return 1;
      return note && this.opts.rememberUpgrade && name !== "polling" ? -1 : 0;
    };
    return this.#connector.candidates().sort((a, b) => rank(a.name) - rank(b.name));
  }

  /** Polling is never raced against: it can only fail. */
  #headStart(): number {
    return this.#inOrder()[0]?.name === "polling" ? Infinity : (this.opts.fallbackDelay ?? 1000);
  }

  #won(transport: Transport, handshake: Handshake): void {
    this.transport = transport;
    this.id = handshake.sid;
    this.handshake = handshake;
    transport.query.sid = handshake.sid;
    transport.sink = {
      opened() {},
      text: (packet) => this.#text(packet),
      binary: (data) => this.#binary(data),
      drained: () => this.#drained(),
      closed: (failure) => this.#transportLost(failure),
    };
    this.#buffer.maxPayload = handshake.maxPayload;
    this.#since = Date.now();
    if (transport.streams) this.#stream = transport;
    this.#machine.send("handshake", undefined);
  }

  async #explain(failures: TransportFailure[]): Promise<void> {
    const attempts = this.attempts as Attempt[];
    const abort = new AbortController();
    const cancel = this.#timers.after(DIAGNOSIS_TIMEOUT, () => abort.abort());
    this.#investigation = () => {
      cancel();
      abort.abort();
    };
    const code = await investigate(attempts, this.#connector.probeTarget(), abort.signal);
    cancel();
    this.#fail(explain(attempts, failures, code));
  }

  #fail(error: TautlineError): void {
    this.#machine.send("lost", { reason: "transport error", details: error });
  }

  // -- states

  #entered(): Cancel {
    const { pingInterval, pingTimeout } = this.handshake as Handshake;
    this.#heartbeat.start(pingInterval + pingTimeout);
    return this.opts.closeOnBeforeunload
      ? listenGlobal("beforeunload", () => this.transport.close())
      : () => {};
  }

  #drainThenClose(): void {
    this.#heartbeat.stop();
    if (this.#upgrade?.state !== "switching") this.#upgrade?.cancel();
    this.#flush();
    this.#closeWhenDrained();
  }

  #closeWhenDrained(): void {
    if (this.readyState !== "closing") return;
    if (!this.#buffer.frames.length && (this.transport.streams || this.transport.writable))
      this.#machine.send("drained", { reason: "forced close" });
  }

  #release(): void {
    this.#heartbeat.stop();
    this.#upgrades.stop();
    this.#investigation?.();
    this.#race.stop();
    this.#stream = undefined;
    this.#upgrade?.cancel();
    this.#leaving?.close();
    this.#buffer.takeAll();
    // undefined when it is closed before it began
    (this.transport as Transport | undefined)?.close();
  }

  #changed(state: SessionState, old: SessionState, ending: Ending | undefined): void {
    if (state === "open") {
      this.announce("handshake", this.handshake as Handshake);
      this.announce("open");
      this.#owner.opened();
      if (this.opts.upgrade !== false && !this.transport.streams) this.#startUpgrades();
    } else if (state === "closed" && ending) {
      const { reason, details } = ending;
      if (details instanceof TautlineError) this.announce("error", details);
      this.announce("close", reason, details);
      if (old !== "opening") this.#owner.lost(reason, details);
      else
        this.#owner.failed(
          details instanceof TautlineError ? details : new TautlineError("transport-close", reason),
        );
    }
  }

  // -- receiving

  #text(packet: string): void {
    if (this.#observed) this.#observe(packet);
    switch (packet.charCodeAt(0)) {
      case MESSAGE:
        this.#owner.text(packet);
        break;
      case 50: // ping
        this.#heartbeat.beat();
        this.#write(EnginePacketType.pong, true);
        this.announce("ping");
        this.announce("pong");
        this.#owner.pinged();
        break;
      case 49: // close: on a stream, the closing of the stream itself counts
        if (!this.transport.streams)
          this.end("transport close", { description: "transport closed by the server" });
        break;
      case 51: // pong, upgrade, noop
      case 53:
      case 54:
        break;
      case 98: // "b"
        try {
          this.#binary(decodeBase64(packet.slice(1)));
        } catch (error) {
          this.end("parse error", error as TautlineError);
        }
        break;
      default:
        this.end("parse error", parseError(packet, "not an engine packet of an open session"));
    }
  }

  #binary(data: BinaryData): void {
    if (this.#observed) this.#observe(data);
    this.#owner.binary(data);
  }

  #observe(frame: EngineFrame): void {
    const packet = describeFrame(frame);
    if (!packet) return;
    this.announce("packet", packet);
    this.announce("heartbeat");
    if (packet.type !== "message") return;
    this.announce("data", packet.data ?? "");
    this.announce("message", packet.data ?? "");
  }

  #transportLost(failure: TransportFailure): void {
    const { kind, message, description, context, cause } = failure;
    const code = kind === "error" ? attemptCode(failure) : undefined;
    this.#judge(code === "session-unknown");
    if (kind === "close") return this.end("transport close", { description, context });
    const error = new TautlineError(
      code === "session-unknown" ? code : "transport-error",
      message,
      { type: "TransportError", description, context, cause },
    );
    this.end("transport error", error);
  }

  /** What the loss of an open connection says about its transport. */
  #judge(unknownSession: boolean): void {
    const { name, streams } = this.transport;
    const uptime = Date.now() - this.#since;
    if (unknownSession) {
      // the load balancer sends polling elsewhere each time, and so it did with a probe: WebSocket may get through
      this.#memory.forgetAllBut(name);
      this.#memory.note(name, false, uptime);
    } else if (!streams) return;
    else if (uptime < PROVEN) this.#memory.note(name, false, uptime);
    else return this.#memory.prove(name, uptime);
    this.#fallsBack = this.#inOrder()[0]?.name !== name;
  }

  // -- sending

  #write(frame: EngineFrame, compress: boolean): void {
    if (this.#announced) {
      const packet = describeFrame(frame);
      if (packet) this.announce("packetCreate", { ...packet, options: { compress } });
    }
    if (this.#stream) this.#stream.send(frame);
    else if (this.readyState === "open" || this.readyState === "closing") this.#buffer.push(frame);
    if (this.#flushQueued || (this.#stream && !this.#announced)) return;
    // at the end of the tick, so that what is emitted together travels together
    this.#flushQueued = true;
    queueMicrotask(() => {
      this.#flushQueued = false;
      if (this.#stream) this.#emptied();
      else this.#flush();
    });
  }

  #flush(): void {
    const { transport } = this;
    if (!this.#buffer.frames.length || !transport.writable || this.#upgrade?.state === "pausing")
      return;
    transport.write(this.#buffer.takeBatch());
    this.announce("flush");
  }

  #emptied(): void {
    this.announce("flush");
    this.announce("drain");
  }

  #drained(): void {
    this.#upgrade?.proceed();
    this.#flush();
    if (this.#buffer.frames.length) return;
    this.announce("drain");
    this.#closeWhenDrained();
    this.#owner.drained();
    this.#flush();
  }

  // -- upgrading

  #startUpgrades(): void {
    const [candidate] = this.#better();
    if (!candidate) return;
    const { name } = candidate;
    const refused = this.attempts.some(
      ({ transport, code }) => transport === name && code !== "timeout",
    );
    // refused just now, or seen to die again and again
    if (refused || (this.#memory.recall(name)?.fails ?? 0) > 1) this.#upgrades.later();
    else this.#upgrades.now();
  }

  /** The transports of the list that the server offers, without the one in use. */
  #better(): ReturnType<Connector["candidates"]> {
    const { upgrades } = this.handshake as Handshake;
    return this.#connector
      .candidates()
      .filter(({ name }) => name !== this.transport.name && upgrades.includes(name));
  }

  #probe(): void {
    const [candidate] = this.#better();
    if (this.readyState !== "open" || this.transport.streams || !candidate) return;
    const next = candidate.create(this.id);
    const startedAt = Date.now();
    const current = this.transport;
    const { sink } = current;
    this.#upgrade = new Upgrade(
      {
        timers: this.#timers,
        current,
        patience: (this.handshake as Handshake).pingTimeout,
        answered: () => this.announce("upgrading", next),
        switched: () => {
          this.#upgrades.stop();
          this.#memory.note(next.name, true, Date.now() - startedAt);
          this.#leaving = current;
          // what the server still says on the old transport counts, but not its farewell
          current.sink = { ...sink, text: (packet) => packet !== "1" && sink.text(packet) };
          this.transport = this.#stream = next;
          this.#since = Date.now();
          for (const frame of this.#buffer.takeAll()) next.send(frame);
          this.announce("upgrade", next);
          this.#owner.drained();
        },
        completed: () => {
          this.#leaving = undefined;
          current.sink = deaf;
          return sink;
        },
        abandoned: ({ message, description, context, cause }) => {
          this.#memory.note(next.name, false, Date.now() - startedAt);
          this.#upgrades.later();
          this.announce(
            "upgradeError",
            new TautlineError("websocket-blocked", message, {
              type: "TransportError",
              description,
              context,
              cause,
            }),
          );
          this.#flush();
        },
        failed: (failure) => this.#transportLost(failure),
      },
      next,
    );
    this.#upgrade.start();
  }
}
