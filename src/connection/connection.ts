import type { SessionOwner } from "../engine/events.js";
import type { Outage } from "../engine/parts.js";
import type { Session } from "../engine/session.js";
import { call, TautlineError } from "../errors.js";
import { type Chart, Machine } from "../machine.js";
import { isLoopback } from "../url.js";
import { atEndOfTick } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { type CloseDetails, type CloseReason, PAGE_PUT_AWAY } from "../protocol/close-reason.js";
import type { Codec } from "../protocol/codec.js";
import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import type { LineUser, ProbeAnswer } from "../pipeline/line.js";
import { outcome } from "../pipeline/outcomes.js";
import type { ChannelLine, LineMember } from "./channel-line.js";
import { Channels } from "./channels.js";
import { Contest } from "./contest.js";
import { type Change, type ConnectionEvent, connectionTable } from "./connection-table.js";
import type { ConnectionState, Tell } from "./events.js";
import type { ConnectionSettings } from "./options.js";
import type { Parts } from "./parts.js";
import { Probes } from "./probes.js";
import { Retirement } from "./retirement.js";
import { Schedule } from "./schedule.js";
import type { Tap } from "./tap.js";
import type { Vigil, Watched } from "./vigil.js";

/** A host may report "offline" wrongly: the interval of attempts in that state, in milliseconds. */
const OFFLINE_DELAY = 30_000;

/** Keeps one session after another alive, and knows which namespaces it carries. */
export class Connection implements ChannelLine, SessionOwner<Session>, Watched {
  private static readonly _chart: Chart<ConnectionState, ConnectionEvent, Change, Connection> = {
    table: connectionTable,
    moved: (change, { state, tap }, old, event) => tap?.moved(state, old, event, change),
    entries: {
      opening: () => (connection) => connection._contest.end(),
      open: (_, { schedule, _vigil }) => {
        schedule.opened();
        return () => {
          schedule.ended();
          _vigil?.rest();
        };
      },
      waiting: ({ delay = 0 }, connection) => connection._retryAfter(delay),
      offline: (_, connection) => connection._retryAfter(OFFLINE_DELAY),
    },
    announcements: {
      closed: (change, connection, old) => {
        connection._tellOver("closed", change, old);
        connection._settle(new TautlineError("disconnected", "the manager was closed"));
      },
      failed: (change, connection, old) => connection._tellOver("failed", change, old),
      opening: (change, connection, old) => connection._tellOpening(change, old),
      open: (change, connection, old) => connection._tellOpen(change, old),
      waiting: (change, connection, old) => connection._tellWaiting(change, old),
      offline: ({ why }, connection, old) => connection._tell("state", "offline", old, why),
    },
  };

  readonly timers: Timers;
  readonly codec: Codec;
  readonly channels = new Channels();
  readonly schedule: Schedule;
  /** The current session; undefined before the first. */
  session: Session | undefined;
  /** Somebody listens to the packets that come in. */
  isObserved = false;
  /** Called with the milliseconds that the answer to a probe took. */
  measured: ((ms: number) => void) | undefined;
  /** Sees everything; of `tautline/recorder`. */
  tap: Tap | undefined;
  private readonly _settings: ConnectionSettings;
  private readonly _parts: Parts;
  private readonly _tell: Tell;
  private readonly _machine: Machine<ConnectionState, ConnectionEvent, Change, Connection>;
  private readonly _vigil: Vigil | undefined;
  /** Of the session; undefined until something is asked of it. */
  private _probes: Probes | undefined;
  /** How many packets of sockets the session has taken. */
  private _handedOver = 0;
  private _retirement: Retirement | undefined;
  /** What is known of the present outage. */
  private readonly _outage: Outage = new Map();
  private readonly _contest: Contest;
  /** Of open(): called when the attempt that is under way has ended. */
  private _callbacks: ((error?: TautlineError) => void)[] | undefined;

  constructor(
    settings: ConnectionSettings,
    parts: Parts,
    timers: Timers,
    codec: Codec,
    tell: Tell,
  ) {
    this._settings = settings;
    this._parts = parts;
    this.timers = timers;
    this.codec = codec;
    this._tell = (event, ...args) => {
      this.tap?.told(event, args);
      tell(event, ...args);
    };
    this.schedule = new Schedule(settings, timers);
    this._machine = new Machine(Connection._chart, "closed", this as Connection);
    this._vigil = parts.signals?.(settings.opts.network, this);
    this._contest = new Contest(settings, parts, timers, codec, this);
  }

  get state(): ConnectionState {
    return this._machine.state;
  }

  get isOpen(): boolean {
    return this._machine.state === "open";
  }

  get isOver(): boolean {
    const { state } = this;
    return state === "closed" || state === "failed";
  }

  get bufferedAmount(): number {
    return this.isOpen ? (this.session?.bufferedAmount ?? 0) : 0;
  }

  get maxPayload(): number {
    return this.session?.maxPayload ?? 0;
  }

  get heard(): number {
    return this.session?.heard ?? 0;
  }

  // -- what the manager asks

  /** @see Manager.open */
  open(done?: (error?: TautlineError) => void): void {
    const { state } = this;
    if (done && state !== "open" && state !== "opening") (this._callbacks ??= []).push(done);
    this._machine.send("connect", { why: "connect" });
  }

  /** Closes the connection until the next `connect()`. */
  close(): void {
    const { session, isConfirmed, _probes: probes } = this;
    if (!this._machine.send("disconnect", { why: "disconnect" })) return;
    this._ended("forced close", undefined);
    if (!session) return;
    this._retirement ??= new Retirement(this.timers);
    this._retirement.retire(session, isConfirmed, probes ?? this._createProbes(session));
  }

  /** Waits for no reconnect any more. */
  stopWaiting(): void {
    const { state } = this;
    if (state !== "waiting" && state !== "offline") return;
    this._machine.send("exhausted", { why: "reconnection" });
    this.channels.forEach((channel) => channel.lineLost("forced close", undefined));
  }

  // -- what channels and their pipelines ask

  transmit(encoded: Encoded, compress: boolean, user: unknown, isUrgent = false): boolean {
    if (!this.session?.transmit(encoded, compress, isUrgent, user)) return false;
    if (!isUrgent) this._handedOver++;
    this.tap?.packets.sent(encoded);
    return true;
  }

  get isConfirmed(): boolean {
    return this._handedOver === (this._probes?.confirmed ?? 0);
  }

  discard(channel: LineMember): void {
    this.session?.discard(channel);
  }

  wait(user: LineUser): void {
    this.channels.block(user);
  }

  probe(answered: ProbeAnswer): void {
    // a listener may ask while others are still told of the loss: these would be the probes of the next session
    if (!this.isOpen) return answered(outcome("disconnected", "maybe-sent"));
    const sentAt = this.timers.now();
    this._probes ??= this._createProbes(this.session);
    this._probes.send((error) => {
      if (!error) {
        const ms = this.timers.now() - sentAt;
        this.measured?.(ms);
        this.tap?.note({ kind: "probe", ms });
      }
      answered(error);
    }, this._handedOver);
  }

  delayAfter(attempts: number): number {
    return this.schedule.after(attempts);
  }

  join(channel: LineMember): void {
    this.channels.join(channel);
    if (this.isOpen) channel.lineOpened();
    else if (this.isOver) this.open();
  }

  renew(channel: LineMember): void {
    if (this.channels.isAlone(channel)) this.close();
  }

  leave(channel: LineMember): void {
    if (this.channels.leave(channel)) this.close();
  }

  dropped(error: TautlineError, packet: SocketPacket): void {
    this._tell("drop", error, packet);
  }

  // -- what a session tells; what an older one has to say is of no interest

  opened(session: Session): void {
    if (!this._contest.won(session)) return;
    this.session = session;
    this._machine.send("opened", { why: "opened" });
  }

  packet(session: Session, packet: SocketPacket): void {
    // a session that is closing may still receive packets, which are ignored
    if (session !== this.session || !this.isOpen) {
      this._retirement?.receive(session, packet, this.channels.get(packet.nsp));
      return;
    }
    this.tap?.packets.received(packet);
    if (this.isObserved) this._tell("packet", packet);
    const channel = this.channels.get(packet.nsp);
    if (channel) channel.receive(packet);
    else this._probes?.receive(packet);
  }

  drained(): void {
    this.channels.unblock();
  }

  pinged(session: Session): void {
    if (session === this.session) this._tell("ping");
  }

  doubt(session: Session): void {
    if (session === this.session && this._vigil) this._vigil.doubt();
    else session.end("ping timeout");
  }

  failed(session: Session, error: TautlineError): void {
    const failure = this._contest.lost(session, error);
    if (failure) this._openFailed(failure);
    else this.session = this._contest.first ?? this.session;
  }

  lost(session: Session, reason: CloseReason, details: CloseDetails): void {
    this._retirement?.end(session);
    if (session !== this.session) return;
    const { _settings: settings } = this;
    const isWanted = settings.reconnection();
    const isAgain = isWanted && settings.reconnectionAttempts() > 0;
    const isDoubting = this._vigil?.isDoubting;
    // where a signal of the host caused the probe, the network is the reason
    if (this.isOpen && !isDoubting && this.schedule.isAddressBad(session.isFallingBack))
      this._contest.moveOn();
    // the connection was being probed: reconnect without a delay
    if (!this._over(isAgain, reason, undefined, isDoubting)) return;
    this._ended(reason, details);
    if (isWanted && !isAgain) this._tell("reconnect_failed");
  }

  // -- what the vigil asks

  get probeTimeout(): number {
    return this._settings.opts.probeTimeout ?? 2000;
  }

  wake(): void {
    if (this._machine.send("wake", { why: "wake" })) return;
    // what began while the page slept may hang
    if (this.state === "opening") this._contest.addRival();
  }

  /** A server on this machine needs no network. */
  networkLost(): void {
    if (!isLoopback(this._contest.hostname)) this._machine.send("networkLost", { why: "offline" });
  }

  networkChanged(): void {
    this._parts.memory?.forgetFailures();
    this.session?.retryUpgrade();
  }

  prove(): void {
    this.session?.prove();
  }

  silent(): void {
    this.session?.end("ping timeout", { description: "the server did not answer a probe" });
  }

  /** The page goes into the cache: an open connection would prevent that, or be dead when the page returns. */
  sleep(): void {
    const wasOpen = this.isOpen;
    if (!this._machine.send("sleep", { why: "sleep" })) return;
    this.session?.close();
    if (wasOpen) this._ended("transport close", PAGE_PUT_AWAY);
  }

  // -- states

  /** Begins the session of the state "opening". */
  private _open(): void {
    try {
      this._contest.begin(this._outage, (session) => (this.session = session));
    } catch (error) {
      const { transitions } = this._machine;
      // the caller of io() has not added its listeners yet
      atEndOfTick(() => {
        if (transitions === this._machine.transitions)
          this._openFailed(error as TautlineError, true);
      });
    }
  }

  private _retryAfter(ms: number): Cancel {
    return this.timers.after(ms, () => this._machine.send("delayElapsed", { why: "delayElapsed" }));
  }

  /**
   * The connection could not be made.
   *
   * @param isHopeless - nothing was tried: the options don't allow it
   */
  private _openFailed(error: TautlineError, isHopeless = false): void {
    const { _settings: settings } = this;
    const { attempt } = this.schedule;
    const isWanted = settings.reconnection() && (attempt > 0 || !this._callbacks);
    const isAgain = isWanted && !isHopeless && attempt < settings.reconnectionAttempts();
    if (!this._over(isAgain, error.code, error.retryAfter)) return;
    this.channels.forEach((channel) => channel.lineFailed(error));
    this._tell("error", error);
    this._settle(error);
    if (isWanted && !isAgain) this._tell("reconnect_failed");
    if (attempt) this._tell("reconnect_error", error);
  }

  /** There is no session any more. False when that was known already. */
  private _over(isAgain: boolean, why: string, retryAfter?: number, isUrgent = false): boolean {
    const { state, schedule, session } = this;
    if (state !== "opening" && state !== "open") return false;
    if (!isAgain) return this._machine.send("exhausted", { why });
    if (state === "open") schedule.ended();
    const delay = schedule.next(!!session?.isFallingBack, retryAfter);
    return this._machine.send("lost", { why, delay: isUrgent ? 0 : delay });
  }

  /** Notifies all channels that used the connection. */
  private _ended(reason: CloseReason, details: CloseDetails): void {
    const { _probes: probes } = this;
    this._probes = undefined;
    this._handedOver = 0;
    probes?.lost();
    this.channels.forEach((channel) => channel.lineLost(reason, details));
    this._tell("close", reason, details);
  }

  private _createProbes(session: Session | undefined): Probes {
    return new Probes((type, nsp) => session?.transmit(this.codec.encode(type, nsp), true, true));
  }

  private _settle(error?: TautlineError): void {
    const callbacks = this._callbacks ?? [];
    this._callbacks = undefined;
    for (const done of callbacks)
      call(done as (...args: unknown[]) => void, undefined, error ? [error] : []);
  }

  // -- announcements

  private _tellOver(state: "closed" | "failed", { why }: Change, old: ConnectionState): void {
    this.schedule.reset();
    this._outage.clear();
    this._vigil?.stop();
    this._tell("state", state, old, why);
  }

  private _tellOpening({ why }: Change, old: ConnectionState): void {
    const { session, schedule } = this;
    const { transitions } = this._machine;
    this._vigil?.start();
    if (old === "waiting" || old === "offline") schedule.attempt++;
    const { attempt } = schedule;
    this._tell("state", "opening", old, why, attempt);
    if (attempt) this._tell("reconnect_attempt", attempt);
    // a listener may have closed the connection
    if (transitions === this._machine.transitions && session === this.session) this._open();
  }

  private _tellOpen({ why }: Change, old: ConnectionState): void {
    const { schedule, session } = this;
    const { attempt } = schedule;
    // the app's own functions (listeners, `auth`) may end the session in the middle of this
    const isStill = (): boolean => this.isOpen && session === this.session;
    schedule.attempt = 0;
    this._outage.clear();
    this._tell("state", "open", old, why);
    this.channels.forEach((channel) => {
      if (isStill()) channel.lineOpened();
    });
    if (isStill()) this._tell("open");
    this._settle();
    if (attempt && isStill()) this._tell("reconnect", attempt);
  }

  private _tellWaiting({ why, delay }: Change, old: ConnectionState): void {
    this._tell("state", "waiting", old, why, this.schedule.attempt + 1, delay);
    if (this._vigil?.isOffline) this.networkLost();
  }
}
