import type { TautlineError } from "../errors.js";
import { afterYield, listenTo, monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { holdsBlob } from "../protocol/blobs.js";
import { checkEventName, PacketType, type SocketPacket } from "../protocol/socket-packet.js";
import { type AckCallback, Acks } from "./acks.js";
import { Drops } from "./drops.js";
import type { EmitOptions } from "./emit-options.js";
import { type LifetimeOwner, Lifetimes } from "./lifetimes.js";
import type { Line } from "./line.js";
import { type MarkerHost, Markers } from "./markers.js";
import { outcome, type OutcomeCode } from "./outcomes.js";
import { type Bounds, boundsOf, Outbox } from "./outbox.js";
import { advance, deliveryOf, endingOf, isTooLarge, type Packet, release } from "./packet.js";
import type { PipelineHost, PipelineOptions } from "./pipeline-host.js";
import { whyPointless } from "./pointless.js";
import type { DeliveryPolicy, OwnerHost } from "./policy.js";
import { copyOf, type EventPacket, readBack, readPacket } from "./reading-packets.js";

/** A flush goes on for about so many milliseconds before it lets the page breathe. */
const SLICE = 12;
/** The clock is looked at once in so many packets. */
const CLOCK_EVERY = 64;

/** The one way of everything that an app emits: made, waiting, sent, acked, ended (docs/states.md). */
export class Pipeline implements OwnerHost, MarkerHost, LifetimeOwner {
  readonly bounds: Bounds;
  readonly ackTimeout: number | undefined;
  readonly line: Line;
  readonly policy: DeliveryPolicy | undefined;
  /** Told of each packet that is handed over, with its arguments. */
  outgoing: ((args: unknown[]) => void) | undefined;
  /** Stands before the ack of an event; `canFail`: an error, or null, comes first. */
  beforeAck: ((event: unknown, ack: AckCallback, canFail: boolean) => AckCallback) | undefined;
  private readonly _host: PipelineHost;
  // undefined until they are needed: most sockets ask nothing, and nothing of theirs waits
  private _acks: Acks | undefined;
  private _outbox: Outbox | undefined;
  private _lifetimes: Lifetimes | undefined;
  private _markers: Markers | undefined;
  private _drops: Drops | undefined;
  private _pause: Cancel | undefined;

  /** @param createPolicy - what becomes of packets that were sent; undefined: at most once */
  constructor(
    line: Line,
    host: PipelineHost,
    options: PipelineOptions,
    createPolicy: ((host: OwnerHost) => DeliveryPolicy | undefined) | undefined,
  ) {
    this.line = line;
    this._host = host;
    this.bounds = boundsOf(options.buffer);
    this.ackTimeout = options.ackTimeout;
    this.policy = createPolicy?.(this);
  }

  get timers(): Line["timers"] {
    return this.line.timers;
  }

  get outbox(): Outbox {
    return (this._outbox ??= new Outbox(this.bounds));
  }

  get acks(): Acks {
    return (this._acks ??= new Acks(this.timers, (id) => this._timedOut(id)));
  }

  /** Barriers and the farewell. */
  get markers(): Markers {
    return (this._markers ??= new Markers(this));
  }

  /** What waits, oldest first, as the app emitted it: a copy. */
  get waiting(): SocketPacket[] {
    return this._packets.map((packet) => this._read(packet));
  }

  get size(): number {
    return this._outbox?.packets ?? 0;
  }

  get bytes(): number {
    return this._outbox?.bytes ?? 0;
  }

  /** The app has left, but what it emitted before is still to be sent. */
  get isLeaving(): boolean {
    return this._markers?.isLeaving ?? false;
  }

  // -- emitting

  /**
   * @param isErrorFirst - the ack takes an error first, whatever the options are
   * @throws TautlineError `reserved-event`, `invalid-event`, `unserializable`, `too-many-attachments`, `too-large`, `overflow`
   */
  emit(args: unknown[], options: EmitOptions, isErrorFirst = false): void {
    const last = args.length - 1;
    const ack = typeof args[last] === "function" ? (args.pop() as AckCallback) : undefined;
    this._make(args, options, ack, isErrorFirst);
  }

  /** Emits and settles with the answer. */
  request(args: unknown[], options: EmitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: AckCallback = (error, answer) =>
        error ? reject(error as TautlineError) : resolve(answer);
      this.emit([...args, done], options, true);
    });
  }

  /** @throws TautlineError `unserializable`, `too-many-attachments`, `too-large` */
  ask(args: unknown[], answered: AckCallback): Cancel {
    const { line } = this;
    const id = this.acks.nextId();
    const encoded = line.codec.encode(PacketType.EVENT, this._host.nsp, args, id);
    if (isTooLarge(encoded, line.maxPayload)) throw outcome("too-large", "not-sent");
    // a question does not wait for a Blob to be read
    if (holdsBlob(encoded)) throw outcome("unserializable", "not-sent");
    this.acks.add(id, answered, false, undefined);
    line.transmit(encoded, true, this._host, true);
    return () => this.acks.fail(id, outcome("aborted", "maybe-sent"));
  }

  private _make(
    args: unknown[],
    options: EmitOptions,
    ack: AckCallback | undefined,
    isErrorFirst: boolean,
  ): void {
    checkEventName(args[0]);
    const { line, _host: host } = this;
    const { volatile: isVolatile, signal, compress = true } = options;
    const policy = isVolatile ? undefined : this.policy;
    const acksAll = policy?.acksAll;
    // taken before the arguments are encoded: what their toJSON emits gets another one
    const id = ack || acksAll ? this.acks.nextId() : undefined;
    const tagged = policy?.tag ? policy.tag(args) : args;
    const encoded = line.codec.encode(PacketType.EVENT, host.nsp, tagged, id, compress);
    if (isTooLarge(encoded, line.maxPayload)) throw outcome("too-large", "not-sent");
    let pointless = whyPointless(options, host, line, this.bytes);
    if (id !== undefined) {
      const timeout = options.timeout ?? this.ackTimeout;
      const canFail = !!ack && (isErrorFirst || timeout !== undefined || !!acksAll);
      if (canFail && host.isOver) pointless ??= outcome("disconnected", "not-sent");
      const told = (ack && this.beforeAck?.(args[0], ack, canFail)) ?? ack ?? (() => {});
      this.acks.add(id, told, canFail, acksAll || pointless ? undefined : timeout);
      if (pointless) this.acks.fail(id, pointless);
    }
    if (pointless) return;
    const isStraight = !this._outbox?.size && host.isReady;
    if (isStraight && !policy && !holdsBlob(encoded) && line.transmit(encoded, compress, host)) {
      this.outgoing?.(args);
      if (signal && id !== undefined) this._watchAck(signal, id);
      return;
    }
    const packet: Packet = { state: "made", encoded: copyOf(encoded), bytes: 0, id, options };
    this._watch(packet);
    if (isStraight && policy?.isOpen !== false && this._handOver(packet)) this.outgoing?.(args);
    else this._keep(packet);
  }

  /** Puts it into the outbox, where there is room. Listeners are told last: what they emit queues behind this packet. */
  private _keep(packet: Packet): void {
    const { outbox, _drops: drops } = this;
    // while a listener is told of a drop, nothing is evicted: otherwise one drop would follow another
    const gone = outbox.roomFor(packet, !drops?.generation);
    if (!gone) return this._refuse(packet);
    const { key } = packet.options;
    for (const one of gone) outbox.remove(one);
    outbox.add(packet);
    advance(packet, "kept");
    for (const one of gone)
      if (key !== undefined && one.options.key === key) this._end(one, "evicted");
      else this._tell(this._end(one, "overflow"), one);
  }

  private _refuse(packet: Packet): void {
    const generation = this._drops?.generation ?? 0;
    const canFail = this._canFail(packet);
    const error = this._end(packet, "overflow");
    // a listener that emits at each drop would never end: `emit` throws instead
    const isTold = generation < 2;
    if (isTold) this._tell(error, packet, generation);
    if (!canFail && (!isTold || this.bounds.overflow === "reject")) throw error as TautlineError;
  }

  /** The time to live and the abort signal of a packet, for as long as it lives. */
  private _watch(packet: Packet): void {
    const { id, options } = packet;
    const { signal, ttl = this.bounds.ttl } = options;
    if (ttl === Infinity && !signal) return;
    const stop = (this._lifetimes ??= new Lifetimes(this.timers, this)).watch(packet, ttl, signal);
    if (id === undefined) packet.release = stop;
    else this._acks?.whenSettled(id, stop);
  }

  /** Aborting gives up the ack of a packet that is on its way. */
  private _watchAck(signal: AbortSignal, id: number): void {
    const abort = (): void => this._acks?.fail(id, outcome("aborted", "maybe-sent", signal.reason));
    // by a listener that was called because of this packet
    if (signal.aborted) return abort();
    this._acks?.whenSettled(id, listenTo(signal, "abort", abort));
  }

  // -- sending

  /** Sends what waits, in slices; what is emitted meanwhile goes behind it. */
  flush(): void {
    this._pause?.();
    this._pause = undefined;
    const outbox = this._outbox;
    if (!outbox) return;
    const { version } = outbox;
    const start = monotonicNow();
    let count = 0;
    for (const packet of outbox) {
      // a listener has put something in front
      if (version !== outbox.version) return this.flush();
      if (!this._host.isReady || (!packet.pass && this.policy?.isOpen === false)) return;
      if (++count % CLOCK_EVERY === 0 && monotonicNow() - start > SLICE) {
        this._pause = afterYield(this.timers, () => this.flush());
        return;
      }
      if (this._lifetimes?.end(packet)) continue;
      if (!this._handOver(packet)) return;
      if (this.outgoing && !packet.pass) this.outgoing(this._read(packet).data);
    }
  }

  /** False when it was not taken. */
  private _handOver(packet: Packet): boolean {
    const { line, policy, _host: host } = this;
    const { encoded, options, pass } = packet;
    if (pass) {
      if (!pass()) return false;
    } else if (holdsBlob(encoded)) {
      readPacket(
        packet,
        (cause) => this.fail(packet, "unserializable", cause),
        () => this.flush(),
      );
      return false;
    } else if (isTooLarge(encoded, line.maxPayload)) {
      this.fail(packet, "too-large");
      return true;
    } else if (!line.transmit(encoded, options.compress ?? true, host)) {
      line.wait(host);
      return false;
    }
    this._outbox?.remove(packet);
    advance(packet, "handedOver");
    if (pass) return true;
    if (policy && !options.volatile) policy.sent(packet);
    else if (packet.id === undefined) release(packet);
    return true;
  }

  probe(answered: (error?: TautlineError) => void): void {
    this.line.probe(answered);
  }

  /** Calls `settle` once the server has received everything that was emitted before. Returns what takes that back. */
  barrier(settle: (error?: TautlineError) => void): Cancel {
    if (this._host.isOver) {
      settle(outcome("disconnected"));
      return () => {};
    }
    const cancel = this.markers.barrier(settle);
    this.flush();
    return cancel;
  }

  // -- what comes back

  answered(id: number, args: unknown[]): void {
    const { policy } = this;
    // an earlier try was answered: it needn't be sent again
    const returned = this._outbox?.withAck(id);
    if (returned && advance(returned, "answered")) this._outbox?.remove(returned);
    policy?.answered(id);
    this._acks?.answer(id, args);
    if (policy) this.flush();
  }

  takeBack(packets: readonly Packet[]): void {
    const newest = new Map<string | undefined, Packet>();
    for (const packet of packets) newest.set(packet.options.key, packet);
    const wanted = packets.filter((packet) => {
      const { key } = packet.options;
      if (!advance(packet, "takenBack") || this._lifetimes?.end(packet)) return false;
      if (key !== undefined && (this._outbox?.withKey(key) ?? newest.get(key)) !== packet)
        this._end(packet, "evicted");
      return packet.state === "returned";
    });
    if (wanted.length) this.outbox.addFirst(wanted);
  }

  fail(packet: Packet, code: OutcomeCode, cause?: unknown): void {
    const isTold = this._canFail(packet);
    const error = this._end(packet, code, cause);
    if (!isTold) this._tell(error, packet);
  }

  /**
   * The stay is over: what may be lost is sent again, or its acks fail; plain acks are forgotten.
   *
   * @param isReceived - nothing but answers is lost: what waits, barriers too, waits for the next stay
   */
  lost(reason?: CloseReason, details?: CloseDetails, isReceived = false): void {
    const { policy, _markers: markers } = this;
    this._pause?.();
    const barriers = markers?.lost() ?? [];
    const returned = policy?.lost(reason, details) ?? [];
    const isLossy = policy?.isLossy ?? !policy;
    // barriers first: who is told of a packet that doesn't come back may leave, and ends them
    if (!isLossy) this.takeBack(barriers);
    else markers?.cancel(barriers, "maybe-sent");
    this.takeBack(returned);
    for (const id of this._acks?.ids ?? [])
      if (!this._outbox?.withAck(id)) this._acks?.fail(id, outcome("disconnected", "maybe-sent"));
    // last: who is told that an ack failed may ask for a barrier, behind what is lost already
    for (const packet of this._all) if (packet.options.volatile) this._end(packet, "disconnected");
    if (isLossy && !isReceived) this._markers?.cancel(this._all, "maybe-sent");
    this._acks?.rest();
  }

  /**
   * No answer can arrive any more: acks that can fail do so. Packets without such an ack go on waiting.
   *
   * @param isDraining - what waits is still sent
   */
  abandon(cause: unknown, isDraining: boolean): void {
    const { policy } = this;
    const isKept = isDraining && !policy?.acksAll;
    this._markers?.cancel([...this._markers.takeAsked(), ...this._all], undefined, cause);
    if (!isKept)
      for (const packet of this._all)
        if (this._canFail(packet)) this._end(packet, "disconnected", cause);
    for (const id of this._acks?.ids ?? []) {
      if (!this._acks?.canFail(id)) continue;
      const sent = policy?.find(id);
      // the app knows: it is not sent again
      if (sent) this._end(sent, "disconnected", cause);
      else this._acks.fail(id, outcome("disconnected", "maybe-sent", cause));
    }
    this._acks?.rest();
  }

  /** Drops what waits, or those for which `filter` says so. Returns how many. */
  clear(filter?: (packet: SocketPacket) => boolean): number {
    const isChosen = (packet: Packet): unknown => !filter || filter(this._read(packet));
    return this._packets.filter((packet) => isChosen(packet) && this._end(packet, "evicted"))
      .length;
  }

  // -- the end of a packet

  expire(packet: Packet): void {
    this._tell(this._end(packet, "expired"), packet);
  }

  abort(packet: Packet): void {
    this._end(packet, "aborted", packet.options.signal?.reason);
  }

  private _timedOut(id: number): void {
    const packet = this._outbox?.withAck(id) ?? this.policy?.find(id);
    if (packet) this._end(packet, "ack-timeout");
    else this._acks?.fail(id, outcome("ack-timeout", "maybe-sent"));
  }

  /** The one place where the life of a packet ends before it is answered. Undefined when its state doesn't allow it. */
  private _end(packet: Packet, code: OutcomeCode, cause?: unknown): TautlineError | undefined {
    const error = outcome(code, deliveryOf(packet), cause);
    if (!advance(packet, endingOf(code))) return undefined;
    this._outbox?.remove(packet);
    this.policy?.ended(packet, code);
    if (packet.id !== undefined) this._acks?.fail(packet.id, error);
    return error;
  }

  private _canFail({ id }: Packet): boolean {
    return id !== undefined && !!this._acks?.canFail(id);
  }

  private _tell(error: TautlineError | undefined, packet: Packet, generation?: number): void {
    if (!error) return;
    this._drops ??= new Drops((cause, dropped) => this._host.dropped(cause, this._read(dropped)));
    this._drops.tell(error, packet, generation);
  }

  /** A packet as the app emitted it. */
  private _read({ encoded }: Packet): EventPacket {
    const packet = readBack(this.line.codec, encoded, this._host.nsp);
    this.policy?.untag?.(packet.data);
    return packet;
  }

  /** What waits, with the markers. */
  private get _all(): Packet[] {
    return [...(this._outbox ?? [])];
  }

  private get _packets(): Packet[] {
    return this._all.filter(({ pass }) => !pass);
  }
}
