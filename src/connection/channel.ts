import { TautlineError } from "../errors.js";
import { type Chart, Machine } from "../machine.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { outcome } from "../pipeline/outcomes.js";
import { isTooLarge } from "../pipeline/packet.js";
import { Pipeline } from "../pipeline/pipeline.js";
import type { PipelineHost } from "../pipeline/pipeline-host.js";
import { replyTo } from "../pipeline/reply.js";
import type { DeliveryPolicy, OwnerHost } from "../pipeline/policy.js";
import { Admission } from "./admission.js";
import type { ChannelLine, LineMember } from "./channel-line.js";
import type { ChannelOptions, ChannelOwner } from "./channel-options.js";
import { type ChannelEvent, type ChannelState, channelTable } from "./channel-table.js";
import { watchProgress } from "./progress.js";
import { lostBeforeAnswer, oldServer, refusal } from "./refusals.js";
import { Reauth } from "./reauth.js";
import { Recovery } from "./recovery.js";
import type { Tap } from "./tap.js";

/** How many events may wait before a namespace is entered. */
const MAX_EARLY = 10_000;
/** Leaving a namespace ends after this many milliseconds without progress. */
const FAREWELL = 5000;
/** One namespace on a connection: entering, leaving, and what is heard and said in between. */
export class Channel implements PipelineHost, LineMember {
  private static readonly _chart: Chart<ChannelState, ChannelEvent, void, Channel> = {
    table: channelTable,
    moved: (_, { nsp, state, _line }, old, event) =>
      _line.tap?.channelMoved(nsp, state, old, event),
    entries: {
      authorizing: (_, channel) => () => channel._cancelQuestion?.(),
      connected: (_, channel) => () => channel._reauth?.lost(),
      retrying: (_, channel) => channel._wait(),
      leaving: (_, channel) => channel._watchFarewell(),
    },
    announcements: {
      authorizing: (_, channel) => channel._authorize(),
      rejoining: (_, channel) => channel._rejoin(),
      disconnected: (_, channel) => channel._line.leave(channel),
      unauthorized: (_, channel) => channel._line.leave(channel),
      left: (_, channel) => channel._line.leave(channel),
    },
  };

  /** True when the server still had the session, and everything that was missed has been received. */
  recovered = false;
  /** Events that came before the namespace was entered: what a recovered session had missed, or while a question was open. */
  readonly early: unknown[][] = [];
  readonly pipeline: Pipeline;
  private readonly _line: ChannelLine;
  private readonly _options: ChannelOptions;
  private readonly _owner: ChannelOwner;
  private readonly _machine: Machine<ChannelState, ChannelEvent, void, Channel>;
  /** Given by the server for one stay. */
  private _sid: string | undefined;
  /** For servers that keep sessions. To continue the session of another client, it is set before connecting. */
  recovery: Recovery | undefined;
  private readonly _admission: Admission;
  private _cancelQuestion: Cancel | undefined;
  private _reauth: Reauth | undefined;
  /** Who is told when nothing can come any more. */
  private _endings: Set<(cause?: unknown) => void> | undefined;

  constructor(
    line: ChannelLine,
    readonly nsp: string,
    options: ChannelOptions,
    owner: ChannelOwner,
    createPolicy?: (host: OwnerHost) => DeliveryPolicy | undefined,
  ) {
    this._line = line;
    this._options = options;
    this._owner = owner;
    this._admission = new Admission(owner, options);
    this._machine = new Machine(Channel._chart, "idle", this as Channel);
    this.pipeline = new Pipeline(line, this, options, createPolicy);
  }

  get state(): ChannelState {
    return this._machine.state;
  }

  get isConnected(): boolean {
    return this._machine.state === "connected";
  }

  /** It is connected or will connect by itself. */
  get isActive(): boolean {
    const { state } = this;
    return state !== "idle" && !this._isGone(state);
  }

  get isOver(): boolean {
    const { state } = this;
    return this._isGone(state) || (state === "pending" && this._line.isOver);
  }

  get isReady(): boolean {
    return this._machine.state === "connected" || this.pipeline.isLeaving;
  }

  get id(): string | undefined {
    return this.isConnected ? this._sid : undefined;
  }

  get timers(): Timers {
    return this._line.timers;
  }

  get tap(): Tap | undefined {
    return this._line.tap;
  }

  /** Bytes that wait in this channel, and in the connection that it shares. */
  get bufferedAmount(): number {
    return this.pipeline.bytes + this._line.bufferedAmount;
  }

  connect(): void {
    // alone on the connection, it gets another one: the settings may have changed
    if (this.state === "leaving") this._line.renew(this);
    if (!this.isActive) this._admission.reset();
    // one that waits for a connection which has given up, or was closed, starts it again
    if (this._machine.send("connect") || this.state === "pending") this._line.join(this);
  }

  /** Leaves the namespace: what was emitted before is sent first. */
  disconnect(): void {
    const { isConnected, state } = this;
    const isQuestioned = state === "questioned";
    if (isQuestioned) this._sayGoodbye();
    if (!this._machine.send("disconnect")) return;
    this.early.length = 0;
    if (isQuestioned) this.pipeline.lost();
    // before the app is notified: packets that it emits then come after the DISCONNECT
    if (isConnected) this.pipeline.markers.leave(() => this._farewellSent());
    this._end(undefined, isConnected);
    if (isConnected) {
      this.pipeline.flush();
      this._owner.tell(["disconnect", "io client disconnect", undefined], true);
    }
    // an answer that is still due does not keep the connection open; a farewell does
    else if (this.state === "leaving" && !this.pipeline.isLeaving) this._line.leave(this);
  }

  /** See `Socket.reauth()`. */
  reauth(): Promise<boolean> {
    if (!this.isConnected) return Promise.resolve(false);
    return (this._reauth ??= new Reauth(this.timers, this._admission, this.pipeline)).begin();
  }

  /** Calls `ended` once when nothing can come any more: at once when that is so already. Returns what takes it back. */
  whenOver(ended: (cause?: unknown) => void): Cancel {
    if (this.isOver) {
      ended();
      return () => {};
    }
    const endings = (this._endings ??= new Set());
    endings.add(ended);
    return () => endings.delete(ended);
  }

  // -- what the connection tells

  lineOpened(): void {
    this._machine.send("lineOpened");
  }

  lineLost(reason: CloseReason, details: CloseDetails): void {
    const { state, isConnected } = this;
    const isLost = this._machine.send("lineLost");
    if (isLost) {
      this.early.length = 0;
      this.pipeline.lost(reason, details);
    }
    // a channel that waited for a connection is also notified that there will be none
    if (this._line.isOver && this.state === "pending") this._end(details, false);
    if (!isLost) return;
    if (isConnected) return this._owner.tell(["disconnect", reason, details], true);
    if (state === "authorizing" || state === "asking" || state === "questioned")
      this._owner.tell(["connect_error", lostBeforeAnswer(reason, details)], true);
  }

  /** The connection could not be made. */
  lineFailed(error: TautlineError): void {
    if (!this.isActive) return;
    if (this.isOver) this._end(error, false);
    this._owner.tell(["connect_error", error], true);
  }

  drained(): void {
    this.pipeline.flush();
  }

  dropped(error: TautlineError, packet: SocketPacket): void {
    this._line.dropped(error, packet);
  }

  /** A packet for this namespace. */
  receive(packet: SocketPacket): void {
    const { type, data, id } = packet;
    switch (type) {
      case PacketType.EVENT:
      case PacketType.BINARY_EVENT:
        return this._event(data as unknown[], id);
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        // packets of an earlier session are ignored
        if (this.isReady || this.state === "questioned")
          this.pipeline.answered(id as number, data as unknown[]);
        return;
      case PacketType.CONNECT:
        return this._accepted(data);
      case PacketType.CONNECT_ERROR:
        return this._refused(data);
      case PacketType.DISCONNECT:
        return this._expelled();
    }
  }

  // -- entering

  private _wait(): Cancel {
    const delay = this._admission.nextDelay((attempts) => this._line.delayAfter(attempts));
    this._line.tap?.note({ kind: "wait", nsp: this.nsp, delay });
    return this.timers.after(delay, () => this._machine.send("delayElapsed"));
  }

  /** Asks for the auth data and sends CONNECT, unless it has been left meanwhile. */
  private _authorize(): void {
    const { transitions } = this._machine;
    const isStale = (): boolean => transitions !== this._machine.transitions;
    const fail = (error: TautlineError): void => {
      if (!isStale()) this._refuse(error);
    };
    const cancel = this._admission.ask(
      this._sid === undefined,
      (data) => {
        if (isStale()) return;
        try {
          this._ask(data);
        } catch (error) {
          fail(error as TautlineError);
        }
      },
      fail,
    );
    if (isStale()) cancel();
    else this._cancelQuestion = cancel;
  }

  /** @throws TautlineError `unserializable`, `too-large` */
  private _ask(auth: object | undefined): void {
    const { codec, maxPayload } = this._line;
    const payload = this.recovery ? this.recovery.extend(auth) : auth;
    const isEmpty = !payload || !Object.keys(payload).length;
    const encoded = codec.encode(PacketType.CONNECT, this.nsp, isEmpty ? undefined : payload);
    // the server would close the connection of all
    if (isTooLarge(encoded, maxPayload)) throw outcome("too-large", "not-sent");
    this._line.transmit(encoded, true, this, true);
    this._machine.send("asked");
  }

  private _accepted(data: unknown): void {
    const { state, pipeline } = this;
    if (state === "leaving" || state === "returning") {
      // the answer to a CONNECT that is not wanted any more
      if (!pipeline.isLeaving) this._farewellSent();
      return;
    }
    if (state !== "asking" && state !== "connected") return;
    const { sid, pid } = (data ?? {}) as { sid?: unknown; pid?: unknown };
    if (typeof sid !== "string") {
      return this._owner.tell(["connect_error", oldServer()], true);
    }
    this._sid = sid;
    this._recover(pid);
    const { policy } = pipeline;
    if (!policy?.question || state === "connected") return this._enter();
    this._machine.send("questioned");
    const { transitions } = this._machine;
    policy.question((error) => {
      if (transitions !== this._machine.transitions) return;
      if (!error) return this._enter();
      this._sayGoodbye();
      this._refuse(error);
    });
  }

  /** A server that has the session sends what was missed before its answer; from any other, that is not ours. */
  private _recover(pid: unknown): void {
    const isKept = typeof pid === "string";
    this.recovered = isKept && !!this.recovery?.isContinuedBy(pid);
    if (!this.recovered) this.early.length = 0;
    if (!isKept) this.recovery = undefined;
    else this.recovery ??= new Recovery(pid);
  }

  private _enter(): void {
    this._machine.send("accepted");
    this._admission.reset();
    for (const args of this.early.splice(0)) if (this.isConnected) this._hear(args);
    if (this.isConnected) this.pipeline.flush();
    if (this.isConnected) this._owner.tell(["connect"], true);
  }

  private _refused(data: unknown): void {
    if (this.state !== "asking") {
      // neither CONNECT nor DISCONNECT is needed any more
      if (this._machine.send("refused")) this.pipeline.lost(undefined, undefined, true);
      return;
    }
    this._refuse(refusal(data));
  }

  private _refuse(refused: TautlineError): void {
    const { transitions } = this._machine;
    const { error, isAgain, isExhausted } = this._admission.verdict(refused);
    // the app's own function may have left
    if (transitions !== this._machine.transitions) return;
    this._line.tap?.note({ kind: "refused", nsp: this.nsp, code: error.code });
    if (!(isAgain && this._machine.send("retry"))) {
      this._machine.send(isExhausted ? "exhausted" : "refused");
      this.pipeline.lost();
      this._end(error, false);
    }
    this._owner.tell(["connect_error", error], true);
  }

  // -- receiving

  private _event(args: unknown[], id: number | undefined): void {
    if (id != null) {
      const sid = this._sid;
      // the answer goes out only on the connection that the event came from
      args.push(replyTo(id, this._line, this, () => this.isConnected && sid === this._sid));
    }
    if (this.isConnected) return this._hear(args);
    const isQuestioned = this.state === "questioned";
    if (!isQuestioned && !(this.state === "asking" && this.recovery)) return;
    if (this.early.push(args) <= MAX_EARLY) return;
    this.early.length = 0;
    // more than can wait: the session counts as a new one, or is not entered
    this.recovery = undefined;
    if (!isQuestioned) return;
    this._sayGoodbye();
    this._refuse(new TautlineError("overflow", "more events than can wait came with the connect"));
  }

  private _hear(args: unknown[]): void {
    this._owner.tell(args, false);
    this.recovery?.heard(args);
  }

  // -- leaving

  private _sayGoodbye(): void {
    const { _line } = this;
    _line.transmit(_line.codec.encode(PacketType.DISCONNECT, this.nsp), true, this, true);
  }

  /** @param isReceived - the server has everything that was emitted before */
  private _farewellSent(isReceived = true): void {
    this._sayGoodbye();
    this.pipeline.lost(undefined, undefined, isReceived);
    this._machine.send("toldServer");
  }

  /** A server that takes nothing any more is not waited for. */
  private _watchFarewell(): Cancel {
    const { pipeline, _line } = this;
    return watchProgress(
      _line.timers,
      FAREWELL,
      () => [pipeline.bytes, _line.bufferedAmount, _line.heard].join(),
      () => pipeline.isLeaving && this._farewellSent(false),
    );
  }

  /** The server may handle a CONNECT sooner than the DISCONNECT before it, and would close the connection of everybody. */
  private _rejoin(): void {
    this._line.probe((error) => {
      if (!error) this._machine.send("released");
    });
  }

  private _expelled(): void {
    const { isConnected, state } = this;
    // what is sent now to a namespace that the server has closed makes it close the connection of all
    this._line.discard(this);
    if (!this._machine.send("expelled")) return;
    this.early.length = 0;
    this.pipeline.lost();
    if (state === "leaving" || state === "returning") return;
    const error = new TautlineError("refused", "io server disconnect");
    this._end(isConnected ? undefined : error, false);
    if (isConnected) this._owner.tell(["disconnect", "io server disconnect", undefined], true);
    else this._owner.tell(["connect_error", error], true);
  }

  /** No events can arrive until the app connects again. */
  private _end(cause: unknown, isDraining: boolean): void {
    this.pipeline.abandon(cause, isDraining);
    const endings = [...(this._endings ?? [])];
    this._endings?.clear();
    for (const ended of endings) ended(cause);
  }

  private _isGone(state: ChannelState): boolean {
    return (
      state === "disconnected" ||
      state === "unauthorized" ||
      state === "leaving" ||
      state === "left"
    );
  }
}
