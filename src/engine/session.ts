import { Emitter } from "../emitter.js";
import { type Attempt, reportError, TautlineError } from "../errors.js";
import { type Chart, Machine } from "../machine.js";
import { atEndOfTick, tickNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { type CloseDetails, type CloseReason, PAGE_LEFT } from "../protocol/close-reason.js";
import { readBlob } from "../protocol/blobs.js";
import { type BinaryData, type EngineFrame, EnginePacketType } from "../protocol/engine-packet.js";
import { isBlob } from "../protocol/engine-payload.js";
import type { Handshake } from "../protocol/handshake.js";
import type { Encoded } from "../protocol/socket-packet.js";
import { shut, type Transport, type TransportFailure } from "../transports/transport.js";
import { type BatchLimits, BatchWriter, packetsPerBody } from "./batch-writer.js";
import type { Connector } from "./connector.js";
import type { SessionEvents, SessionOwner } from "./events.js";
import { attemptCode } from "./failure.js";
import { FRAME_EVENTS, Frames, type FramesOwner } from "./frames.js";
import { Heartbeat } from "./heartbeat.js";
import { leaveWithPage } from "./leave-with-page.js";
import { type Ending, endingOf, judgeLoss } from "./loss.js";
import { Opening } from "./opening.js";
import type { EngineOptions } from "./options.js";
import type { Memory, SessionSetup, SessionUpgrade } from "./parts.js";
import { callbackOf, contentOf, type WriteArguments, type WriteOptions } from "./raw-message.js";
import { type SessionEvent, type SessionState, sessionTable } from "./session-table.js";
import { StreamWriter } from "./stream-writer.js";
import { framesOf, type Writer } from "./writer.js";

/** A closing session may take as many milliseconds without any progress. */
const CLOSE_TIMEOUT = 5000;

const NONE: readonly never[] = [];
const FORCED: Ending = { reason: "forced close" };

/** One Engine.IO session, over the transport that won the race. It is used once, and shares nothing mutable with others. */
export class Session extends Emitter<SessionEvents> {
  private static readonly _chart: Chart<SessionState, SessionEvent, Ending | undefined, Session> = {
    table: sessionTable,
    entries: {
      open: (_, session) => session._enterOpen(),
      closing: (_, session) => session._enterClosing(),
      closed: (_, session) => session._enterClosed(),
    },
    announcements: {
      open: (_, session) => session._tellOpen(),
      closing: (_, session) => session._tellClosing(),
      closed: (ending, session, old) => session._tellClosed(ending ?? FORCED, old),
    },
  };

  /** Given by the server; "" before the handshake. */
  id = "";
  /** The transport in use, or the one that is being tried; undefined before the first try. */
  transport!: Transport;
  /** How binary data arrives: "arraybuffer"; in Node "nodebuffer", which may be changed. */
  binaryType: string;
  readonly opts: EngineOptions;
  handshake: Handshake | undefined;
  /** Bytes that the server takes in one piece; 0: unknown. */
  maxPayload = 0;
  /** Everything that was tried and failed on the way to this session. */
  readonly attempts: readonly Attempt[];
  /** It ended because of its transport, and the next session will open with another one: no need to wait. */
  isFallingBack = false;

  private readonly _connector: Connector;
  private readonly _owner: SessionOwner<Session>;
  private readonly _setup: SessionSetup;
  private readonly _machine: Machine<SessionState, SessionEvent, Ending | undefined, Session>;
  private readonly _memory: Memory | undefined;
  private readonly _heartbeat: Heartbeat;
  private readonly _frames: Frames;
  /** Until it has come to an end. */
  private _opening: Opening | undefined;
  /** Undefined before the handshake. */
  private _writer: Writer | undefined;
  private _upgrade: SessionUpgrade | undefined;
  /** Of the state "closing": the time that is left for what still has to be sent. */
  private _farewell: Cancel | undefined;
  /** When the transport in use took over, on the clock of the timers. */
  private _since = 0;
  private _limits!: BatchLimits;

  constructor(connector: Connector, owner: SessionOwner<Session>, setup: SessionSetup) {
    super();
    const { parts, timers } = setup;
    this._connector = connector;
    this._owner = owner;
    this._setup = setup;
    this.opts = connector.options;
    const memory = parts.memory?.open(connector.place, this.opts.rememberUpgrade);
    this._memory = memory;
    this._heartbeat = new Heartbeat(timers, (isCertain) =>
      isCertain ? this.end("ping timeout") : owner.doubt(this),
    );
    const { binary } = parts;
    const frames: FramesOwner = {
      // a custom transport may go on after it was closed
      announce: (event, ...args) => this.readyState !== "closed" && this.announce(event, ...args),
      packet: (packet) => this.readyState !== "closed" && this._owner.packet(this, packet),
      pinged: () => this._pinged(),
      // on a stream, the closing of the stream itself counts
      left: () =>
        this.transport.streams ||
        this.end("transport close", { description: "transport closed by the server" }),
      failed: (error) => this.end("parse error", error),
      drained: () => this._drained(),
      closed: (failure) => this._transportLost(failure),
    };
    this.binaryType = (binary && this.opts.binaryType) ?? (binary ? "nodebuffer" : "arraybuffer");
    const convert = binary && ((data: BinaryData) => binary(data, this.binaryType));
    this._frames = new Frames(setup.decoder, frames, convert);
    this._machine = new Machine(Session._chart, "opening", this as Session);
    const opening = (this._opening = new Opening(connector, setup, memory, {
      trying: (transport) => {
        this.transport = transport;
      },
      won: (transport, handshake, text) => this._won(transport, handshake, text),
      failed: (error) => this.end("transport error", error),
    }));
    this.attempts = opening.attempts;
  }

  get readyState(): SessionState {
    return this._machine.state;
  }

  /** Frames that wait for the next HTTP body. */
  get writeBuffer(): readonly EngineFrame[] {
    return this._writer?.frames ?? NONE;
  }

  /** Bytes that were written and haven't left yet, as far as the transport tells. */
  get bufferedAmount(): number {
    const transport = this.transport as Transport | undefined;
    return (this._writer?.bytes ?? 0) + (transport?.bufferedAmount ?? 0);
  }

  /** Engine packets received so far. */
  get heard(): number {
    return this._frames.heard;
  }

  /** Bytes of them; text counts a byte a character. */
  get bytesHeard(): number {
    return this._frames.bytes;
  }

  /** Begins; called once. */
  open(): void {
    this._opening?.start();
  }

  /**
   * Hands over one Socket.IO packet, all of its frames or none.
   *
   * @param isUrgent - a packet of the protocol's own: it is taken whatever waits
   * @param owner - whose packet it is: see {@link discard}
   * @returns false when nothing was taken, because the transport is busy or down: `drained` or `lost` will follow
   * @throws TautlineError `unserializable` when a buffer of the packet has become unreadable since it was encoded
   */
  transmit(encoded: Encoded, compress: boolean, isUrgent = false, owner?: unknown): boolean {
    const writer = this._writer;
    if (writer === undefined || this.readyState === "closed") return false;
    if (!isUrgent) {
      if (this.readyState !== "open") return false;
      if (this._heartbeat.isMissed(tickNow(this._setup.timers))) {
        atEndOfTick(() => this._owner.doubt(this));
        return false;
      }
    }
    if (!writer.transmit(encoded, isUrgent, owner)) return false;
    if (this._frames.isObserved) this._tellSent(framesOf(encoded), compress);
    return true;
  }

  /** Takes back what waits of an owner, whose namespace the server has closed: it would close the connection of all. */
  discard(owner: unknown): void {
    this._writer?.discard(owner);
  }

  /**
   * Sends a message past Socket.IO. Before the handshake it waits; after `close()` nothing is sent. A Blob is read first. As in
   * engine.io-client, the callback may stand in place of `options` or of the data, and other values are sent as text. The
   * callback is called when the message was handed over; never if it can't be.
   */
  write(...args: WriteArguments): this {
    const [data, options, flushed] = args;
    const { readyState } = this;
    if (readyState === "opening") return this.once("open", () => this.write(...args));
    if (readyState !== "open") return this;
    const content = contentOf(data);
    if (isBlob(content)) {
      readBlob(content).then((read) => this.write(read, options, flushed), reportError);
      return this;
    }
    const done = callbackOf(args);
    if (done) this.once("flush", done);
    const [frame] = framesOf([content]);
    this._write(frame as EngineFrame, (options as WriteOptions)?.compress ?? true);
    return this;
  }

  /** The same as {@link write}. */
  send(...args: WriteArguments): this {
    return this.write(...args);
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

  /** Gives up opening, where it has not come to an end: the time is over. */
  giveUp(): void {
    this._opening?.giveUp();
  }

  /** A sign of life that isn't a ping. */
  prove(): void {
    if (this.readyState !== "open") return;
    this._heartbeat.beat();
    this._owner.drained(this);
  }

  /** The network is another one: an upgrade that failed is tried again now. */
  retryUpgrade(): void {
    if (this.readyState === "open") this._upgrade?.now();
  }

  /** Calls the listeners of an event; "data" is also decoded, as if the server had sent it. */
  emit(event: keyof SessionEvents, ...args: unknown[]): this {
    this.dispatch([event, ...args]);
    const [data] = args;
    if (event === "data")
      this._frames.message(
        typeof data === "string" ? EnginePacketType.message + data : (data as BinaryData),
      );
    return this;
  }

  protected override listenersChanged(): void {
    this._frames.isObserved = FRAME_EVENTS.some((event) => this.hasListeners(event));
  }

  // -- states

  private _won(transport: Transport, handshake: Handshake, text: string): void {
    const { sid, maxPayload } = handshake;
    const maxPackets = this.opts.maxPacketsPerRequest ?? packetsPerBody(text);
    this._limits = { maxPackets, maxPayload };
    this.id = sid;
    this.handshake = handshake;
    this.maxPayload = maxPayload;
    this._carry(transport);
    transport.query.sid = sid;
    transport.sink = this._frames;
    this._endOpening();
    this._frames.tellReceived(text);
    this._machine.send("handshake", undefined);
  }

  private _endOpening(): void {
    this._opening?.stop();
    this._opening = undefined;
  }

  /** From now on everything is written to this transport. */
  private _carry(transport: Transport): void {
    this.transport = transport;
    this._since = this._setup.timers.now();
    this._writer = transport.streams
      ? new StreamWriter(transport)
      : new BatchWriter(transport, this._limits, {
          mayFlush: () => !this._upgrade?.isPausing,
          flushed: () => this.announce("flush"),
        });
  }

  private _enterOpen(): Cancel | undefined {
    const { pingInterval, pingTimeout } = this.handshake as Handshake;
    this._heartbeat.start(pingInterval + pingTimeout);
    if (!this.opts.closeOnBeforeunload) return undefined;
    return leaveWithPage(
      this._setup.timers,
      () => shut(this.transport),
      () => this.end("transport close", PAGE_LEFT),
    );
  }

  private _enterClosing(): Cancel {
    this._heartbeat.stop();
    // what the app ends by itself has worked
    if (this.transport.streams) this._memory?.prove(this.transport.name);
    this._bide();
    return () => this._farewell?.();
  }

  /** What can't be handed over without progress stays behind. */
  private _bide(): void {
    this._farewell?.();
    this._farewell = this._setup.timers.after(CLOSE_TIMEOUT, () => this._leave());
  }

  private _enterClosed(): void {
    this._heartbeat.stop();
    this._endOpening();
    this._upgrade?.stop();
    // undefined when it is closed before it began
    if (this.transport as Transport | undefined) shut(this.transport);
    this._setup.decoder.destroy();
  }

  private _tellOpen(): void {
    this.announce("handshake", this.handshake as Handshake);
    this.announce("open");
    this._owner.opened(this);
    if (this.readyState === "open") this._startUpgrade();
  }

  private _tellClosing(): void {
    this._frames.settle();
    this._upgrade?.settle();
    this._writer?.flush();
    this._closeWhenIdle();
  }

  private _tellClosed({ reason, details }: Ending, old: SessionState): void {
    const error = details instanceof TautlineError ? details : undefined;
    if (error) this.announce("error", error);
    this.announce("close", reason, details);
    if (old !== "opening") this._owner.lost(this, reason, details);
    else this._owner.failed(this, error ?? new TautlineError("transport-close", reason));
  }

  private _leave(): void {
    this._machine.send("drained", FORCED);
  }

  /** Where the session is closing; in other states nothing happens. */
  private _closeWhenIdle(): void {
    if (this._writer?.isIdle && !this._upgrade?.isMoving) this._leave();
  }

  // -- receiving

  private _pinged(): void {
    this._heartbeat.beat();
    this._write(EnginePacketType.pong, true);
    this.announce("ping");
    this.announce("pong");
    this._owner.pinged(this);
  }

  private _transportLost(failure: TransportFailure): void {
    const { transport, _connector, _memory } = this;
    const code = attemptCode(failure, _connector.hostname);
    const uptime = this._setup.timers.now() - this._since;
    if (_memory && !(failure.cause instanceof TautlineError))
      this.isFallingBack = judgeLoss(code, transport, uptime, _memory, _connector);
    this._machine.send("lost", endingOf(code, failure, this._setup.parts.hints));
  }

  // -- sending

  /** Engine packets, and messages past Socket.IO. */
  private _write(frame: EngineFrame, compress: boolean): void {
    if (this._writer?.write(frame) && this._frames.isObserved) this._tellSent([frame], compress);
  }

  private _tellSent(frames: readonly EngineFrame[], compress: boolean): void {
    this._frames.sent(frames, compress, this.transport.streams);
  }

  private _drained(): void {
    this._upgrade?.proceed();
    if (this.readyState === "closing") this._bide();
    // waiting senders may add to the body before it leaves
    if (this._writer?.hasRoom) this._owner.drained(this);
    if (!this._writer?.frames.length) this.announce("drain");
    this._closeWhenIdle();
    this._writer?.flush();
  }

  // -- upgrading

  private _startUpgrade(): void {
    const { transport, attempts, handshake, _connector, _memory, _setup } = this;
    const { parts, timers } = _setup;
    if (transport.streams) return;
    this._upgrade = parts.upgrade?.({
      connector: _connector,
      timers,
      memory: _memory,
      hints: parts.hints,
      transport,
      attempts,
      handshake: handshake as Handshake,
      isEnding: () => this.readyState !== "open",
      answered: (next) => this.announce("upgrading", next),
      switched: (next) => this._switch(next),
      stayed: (error) => {
        this.announce("upgradeError", error);
        this._writer?.flush();
        this._closeWhenIdle();
      },
    });
    this._upgrade?.start();
  }

  private _switch(next: Transport): void {
    const old = this._writer as BatchWriter;
    this._carry(next);
    for (const frame of old.takeAll()) next.send(frame);
    this.announce("upgrade", next);
    this._owner.drained(this);
    this._closeWhenIdle();
  }
}
