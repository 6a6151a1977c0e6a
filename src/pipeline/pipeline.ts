import { call } from "../emitter.js";
import { reportError, TautlineError } from "../errors.js";
import { afterYield, listenTo, monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import { holdsBlob, readBlobs } from "../protocol/blobs.js";
import { copyBinary } from "../protocol/engine-payload.js";
import {
  checkEventName,
  type Encoded,
  PacketType,
  type SocketPacket,
} from "../protocol/socket-packet.js";
import { type AckCallback, Acks } from "./acks.js";
import { Deadline, Deadlines } from "./deadlines.js";
import type { EmitOptions } from "./emit-options.js";
import type { Line, LineUser } from "./line.js";
import { abortError, disconnectedError, outcome, timeoutError } from "./outcomes.js";
import { type Bounds, boundsOf, type BufferOptions, Outbox } from "./outbox.js";
import {
  advance,
  deliveryOf,
  isTooLarge,
  type Packet,
  type PacketEnding,
  release,
} from "./packet.js";
import type { DeliveryPolicy, PolicyHost } from "./policy.js";

/** A volatile packet is dropped when as many bytes, or more, wait already. */
export const VOLATILE_LIMIT = 64 * 1024;
/** A flush goes on for about so many milliseconds before it lets the page breathe. */
const SLICE = 12;
/** The clock is looked at once in so many packets. */
const CLOCK_EVERY = 64;

/** Socket options that govern what is emitted. */
export interface PipelineOptions {
  /** Milliseconds for every ack that has no timeout of its own. @default off */
  ackTimeout?: number;
  /** Bounds of what waits for a connection. */
  buffer?: BufferOptions;
}

/** What a pipeline needs of its channel. */
export interface PipelineHost extends LineUser {
  readonly nsp: string;
  /** Packets may be handed to the line. */
  readonly isReady: boolean;
  /** Nothing can come any more, until the app connects again. */
  readonly isOver: boolean;
  /** A packet was dropped, and no ack of the app's says so. */
  dropped(error: TautlineError, packet: SocketPacket): void;
}

interface Drop {
  error: TautlineError;
  packet: Packet;
  generation: number;
}

class PacketDeadline extends Deadline {
  constructor(readonly packet: Packet) {
    super();
  }
}

const ignore = (): void => {};

/** The one way of everything that an app emits: made, waiting, sent, acked, ended (docs/states.md). */
export class Pipeline implements PolicyHost {
  readonly bounds: Bounds;
  readonly ackTimeout: number | undefined;
  /** Told of each packet that is handed over, with its arguments. */
  outgoing: ((args: unknown[]) => void) | undefined;
  private readonly _line: Line;
  private readonly _host: PipelineHost;
  private readonly _policy: DeliveryPolicy | undefined;
  // undefined until they are needed: most sockets ask nothing, and nothing of theirs waits
  private _acks: Acks | undefined;
  private _outbox: Outbox | undefined;
  private _deadlines: Deadlines<PacketDeadline> | undefined;
  /** Places in the order whose probe is not answered yet. */
  private _barriers: Set<Packet> | undefined;
  private _farewell: Packet | undefined;
  private _pause: Cancel | undefined;
  /** How many listeners, one inside the other, are being told of a packet that was dropped. */
  /** Dropped packets of which the app is still to be told. */
  private readonly _drops: Drop[] = [];
  /** Of the drop that the app is being told of: 0, or 1 where its packet was emitted by a listener of another drop. */
  private _generation: number | undefined;

  /** @param createPolicy - what becomes of packets that were sent; undefined: at most once */
  constructor(
    line: Line,
    host: PipelineHost,
    options: PipelineOptions,
    createPolicy: ((host: PolicyHost) => DeliveryPolicy | undefined) | undefined,
  ) {
    this._line = line;
    this._host = host;
    this.bounds = boundsOf(options.buffer);
    this.ackTimeout = options.ackTimeout;
    this._policy = createPolicy?.(this);
  }

  get timers(): Line["timers"] {
    return this._line.timers;
  }

  get policy(): DeliveryPolicy | undefined {
    return this._policy;
  }

  /** What waits, oldest first, as the app emitted it: a copy. */
  get waiting(): SocketPacket[] {
    return this._packets.map((packet) => this._read(packet));
  }

  /** How many packets wait. */
  get size(): number {
    return this._outbox?.packets ?? 0;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this._outbox?.bytes ?? 0;
  }

  /** The app has left, but what it emitted before is still to be sent. */
  get isLeaving(): boolean {
    return this._farewell !== undefined;
  }

  // -- emitting

  /**
   * @throws TautlineError `reserved-event`, `invalid-event`, `unserializable`, `too-many-attachments`, `too-large`, `overflow`
   */
  emit(args: unknown[], options: EmitOptions): void {
    const last = args.length - 1;
    const ack = typeof args[last] === "function" ? (args.pop() as AckCallback) : undefined;
    this._make(args, options, ack, false);
  }

  /** Emits and settles with the answer. */
  request(args: unknown[], options: EmitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done: AckCallback = (error, answer) =>
        error ? reject(error as TautlineError) : resolve(answer);
      this._make(args, options, done, true);
    });
  }

  /**
   * Answers an event. The answer may not wait for a connection: another one knows nothing of the question.
   *
   * @param isDue - false when it comes too late, because Blobs had to be read
   */
  reply(id: number, args: unknown[], isDue: () => boolean): void {
    const { _line } = this;
    const encoded = _line.codec.encode(PacketType.ACK, this._host.nsp, args, id);
    if (isTooLarge(encoded, _line.maxPayload)) throw tooLarge(_line.maxPayload);
    if (typeof encoded === "string" || !holdsBlob(encoded))
      _line.transmit(encoded, true, this._host, true);
    else
      readBlobs(encoded).then((read) => {
        if (isDue()) _line.transmit(read, true, this._host, true);
      }, reportError);
  }

  ask(args: unknown[], answered: () => void): void {
    const { _line } = this;
    const id = this._needAcks().nextId();
    this._needAcks().add(id, answered, false, undefined);
    const encoded = _line.codec.encode(PacketType.EVENT, this._host.nsp, args, id);
    _line.transmit(encoded, true, this._host, true);
  }

  private _make(
    args: unknown[],
    options: EmitOptions,
    ack: AckCallback | undefined,
    isErrorFirst: boolean,
  ): void {
    checkEventName(args[0]);
    const { _line: line, _host: host } = this;
    const { volatile: isVolatile, signal, compress = true } = options;
    const policy = isVolatile ? undefined : this._policy;
    const acksAll = policy?.acksAll;
    // taken before the arguments are encoded: what their toJSON emits gets another one
    const id = ack || acksAll ? this._needAcks().nextId() : undefined;
    const tagged = policy?.tag ? policy.tag(args) : args;
    const encoded = line.codec.encode(PacketType.EVENT, host.nsp, tagged, id, compress);
    if (isTooLarge(encoded, line.maxPayload)) throw tooLarge(line.maxPayload);
    if (id !== undefined) {
      const timeout = options.timeout ?? this.ackTimeout;
      const canFail = !!ack && (isErrorFirst || timeout !== undefined || !!acksAll);
      const isHopeless = canFail && host.isOver;
      const deadline = acksAll || isHopeless ? undefined : timeout;
      this._needAcks().add(id, ack ?? ignore, canFail, deadline);
      if (isHopeless) return this._needAcks().fail(id, disconnectedError("not-sent"));
    }
    if ((signal || isVolatile) && this._isPointless(options, id)) return;
    const isStraight = !this._outbox?.size && host.isReady;
    if (isStraight && !policy && !holdsBlob(encoded)) {
      if (line.transmit(encoded, compress, host)) {
        this.outgoing?.(args);
        if (signal && id !== undefined) this._watchAck(signal, id);
        return;
      }
    }
    const packet: Packet = { state: "made", encoded: copyOf(encoded), bytes: 0, id, options };
    this._watch(packet);
    if (isStraight && policy?.isOpen !== false && this._handOver(packet)) this.outgoing?.(args);
    else this._keep(packet);
  }

  /** True when the packet is not to be sent at all; its ack has been told. */
  private _isPointless({ signal, volatile }: EmitOptions, id: number | undefined): boolean {
    let error: TautlineError | undefined;
    if (signal?.aborted) error = abortError(signal, "not-sent");
    else if (
      volatile &&
      !(this._host.isReady && this._line.bufferedAmount + this.bytes < VOLATILE_LIMIT)
    )
      error = outcome(
        "overflow",
        "a volatile packet was dropped: the line is not free",
        "not-sent",
      );
    if (error && id !== undefined) this._acks?.fail(id, error);
    return error !== undefined;
  }

  /** Puts it into the outbox, where there is room. Listeners are told last: what they emit queues behind this packet. */
  private _keep(packet: Packet): void {
    const outbox = this._needOutbox();
    // while a listener is told of a drop, nothing is evicted: otherwise one drop would follow another
    const gone = outbox.roomFor(packet, this._generation === undefined);
    if (!gone) return this._refuse(packet);
    const { key } = packet.options;
    for (const one of gone) outbox.remove(one);
    outbox.add(packet);
    advance(packet, "kept");
    for (const one of gone)
      if (key !== undefined && one.options.key === key) this._outdate(one);
      else
        this._tell(
          this._end(one, "evicted", "overflow", "a newer packet took its place in the full buffer"),
          one,
        );
  }

  private _refuse(packet: Packet): void {
    const { id } = packet;
    const generation = (this._generation ?? -1) + 1;
    const canFail = id !== undefined && this._acks?.canFail(id);
    const error = this._end(packet, "refused", "overflow", "the buffer of the socket is full");
    // a listener that emits at each drop would never come to an end: `emit` tells it
    const isTold = generation < 2;
    if (isTold) this._tell(error, packet, generation);
    if (!canFail && (!isTold || this.bounds.overflow === "reject")) throw error as TautlineError;
  }

  /** The deadline and the abort signal of a packet, for as long as it lives. */
  private _watch(packet: Packet): void {
    const { id, options } = packet;
    const { signal, ttl = this.bounds.ttl } = options;
    const undo: Cancel[] = [];
    if (ttl < Infinity) {
      const deadline = new PacketDeadline(packet);
      packet.expiresAt = monotonicNow() + ttl;
      this._deadlines ??= new Deadlines(this.timers, (passed) => this._expire(passed.packet));
      this._deadlines.add(deadline, ttl);
      undo.push(() => {
        deadline.cancel();
        this._deadlines?.release();
      });
    }
    if (signal) undo.push(listenTo(signal, "abort", () => this._abort(packet)));
    if (!undo.length) return;
    const stopAll = (): void => undo.forEach((stop) => stop());
    if (id === undefined) packet.release = stopAll;
    else this._acks?.whenSettled(id, stopAll);
  }

  /** Aborting gives up the ack of a packet that is on its way. */
  private _watchAck(signal: AbortSignal, id: number): void {
    const abort = (): void => this._acks?.fail(id, abortError(signal, "maybe-sent"));
    // by somebody who was told of what this packet did
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
      if (!this._host.isReady || (!packet.pass && this._policy?.isOpen === false)) return;
      if (++count % CLOCK_EVERY === 0 && monotonicNow() - start > SLICE) {
        this._pause = afterYield(this.timers, () => this.flush());
        return;
      }
      // a timer that was frozen with its page comes too late
      if (this._isExpired(packet)) this._expire(packet);
      // another packet of the signal may have been told first
      else if (packet.options.signal?.aborted) this._abort(packet);
      else if (!this._handOver(packet)) return;
      else if (this.outgoing && !packet.pass) this.outgoing(this._read(packet).data as unknown[]);
    }
  }

  /** False when it was not taken. */
  private _handOver(packet: Packet): boolean {
    const { _line: line } = this;
    const { encoded, options } = packet;
    if (packet.pass) {
      if (!packet.pass()) return false;
    } else if (holdsBlob(encoded)) {
      this._readBlobs(packet);
      return false;
    } else if (isTooLarge(encoded, line.maxPayload)) {
      this.fail(packet, tooLarge(line.maxPayload));
      return true;
    } else if (!line.transmit(encoded, options.compress ?? true, this._host)) {
      line.wait(this._host);
      return false;
    }
    this._outbox?.remove(packet);
    advance(packet, "handedOver");
    if (packet.pass) return true;
    if (this._policy && !options.volatile) this._policy.sent(packet);
    else if (packet.id === undefined) release(packet);
    return true;
  }

  /** What is behind it waits until its Blobs are read. One that can't be read fails alone. */
  private _readBlobs(packet: Packet): void {
    if (packet.isReading) return;
    packet.isReading = true;
    readBlobs(packet.encoded as Exclude<Encoded, string>)
      .then(
        (read) => {
          packet.encoded = read;
        },
        (cause: unknown) =>
          this.fail(
            packet,
            new TautlineError("unserializable", "a Blob or File can't be read", { cause }),
          ),
      )
      .finally(() => this.flush());
  }

  probe(answered: (error?: TautlineError) => void): void {
    this._line.probe(answered);
  }

  /** Calls `settle` once the server has received everything that was emitted before. Returns what takes that back. */
  barrier(settle: (error?: TautlineError) => void): Cancel {
    const outbox = this._needOutbox();
    const place: Packet = {
      ...placeInOrder(),
      pass: () => {
        const covered = this._policy?.mark?.();
        (this._barriers ??= new Set()).add(place);
        this._line.probe((error) => {
          // when it is lost, `lost` says what becomes of it
          if (error || !this._barriers?.delete(place)) return;
          covered?.();
          settle();
        });
        return true;
      },
      cancel: settle,
    };
    const cancel = (): void => {
      outbox.remove(place);
      this._barriers?.delete(place);
    };
    if (this._host.isOver) settle(disconnectedError());
    else {
      outbox.add(place);
      this.flush();
    }
    return cancel;
  }

  /**
   * The app leaves: {@link flush} sends everything that waits. Then, once the server has received it, `done` is called; it
   * never is when the connection is lost.
   */
  leave(done: () => void): void {
    let isAsked = false;
    let isCovered = false;
    const place: Packet = {
      ...placeInOrder(),
      pass: () => {
        if (isCovered || this._line.isConfirmed) {
          this._farewell = undefined;
          done();
          return true;
        }
        if (isAsked) return false;
        isAsked = true;
        const covered = this._policy?.mark?.();
        // socket.io drops events that travel together with the DISCONNECT behind them
        this._line.probe((error) => {
          if (error || this._farewell !== place) return;
          isCovered = true;
          covered?.();
          this.flush();
        });
        return false;
      },
    };
    this._farewell = place;
    // where one packet waits for the ack of the one before, the rest stays for the next connection
    if (this._policy?.acksAll) this._needOutbox().addFirst([place]);
    else this._needOutbox().add(place);
  }

  // -- what comes back

  /** The server answered an ack. */
  answered(id: number, args: unknown[]): void {
    // an earlier try was answered: it needn't be sent again
    const returned = this._outbox?.withAck(id);
    if (returned && advance(returned, "answered")) this._outbox?.remove(returned);
    this._policy?.answered(id);
    this._acks?.answer(id, args);
    if (this._policy) this.flush();
  }

  takeBack(packets: readonly Packet[]): void {
    const newest = new Map<string | undefined, Packet>();
    for (const packet of packets) newest.set(packet.options.key, packet);
    const wanted = packets.filter((packet) => {
      const { key } = packet.options;
      if (!advance(packet, "takenBack")) return false;
      if (this._isExpired(packet)) this._expire(packet);
      else if (key !== undefined && (this._outbox?.withKey(key) ?? newest.get(key)) !== packet)
        this._outdate(packet);
      return packet.state === "returned";
    });
    if (wanted.length) this._needOutbox().addFirst(wanted);
  }

  fail(packet: Packet, { code, message, cause }: TautlineError): void {
    const { id } = packet;
    const isTold = id !== undefined && this._acks?.canFail(id);
    const error = this._end(packet, "refused", code, message, cause);
    if (error && !isTold) this._tell(error, packet);
  }

  /** The connection is gone: what may be lost is sent again, or its acks fail; plain acks are forgotten. */
  lost(reason?: CloseReason, details?: CloseDetails): void {
    this._pause?.();
    if (this._farewell) this._outbox?.remove(this._farewell);
    this._farewell = undefined;
    const barriers = [...(this._barriers ?? [])];
    this._barriers?.clear();
    const returned = this._policy?.lost(reason, details) ?? [];
    // the places first: who is told of a packet that doesn't come back may leave, and ends them
    if (this._policy) this.takeBack(barriers);
    this.takeBack(returned);
    const error = disconnectedError("maybe-sent");
    if (!this._policy) for (const place of barriers) place.cancel?.(error);
    for (const id of this._acks?.ids ?? [])
      if (!this._outbox?.withAck(id)) this._acks?.fail(id, error);
    // last: who is told that an ack failed may ask for a flush, of what is lost already
    for (const packet of this._all) {
      if (packet.options.volatile) this._end(packet, "lost", error.code, error.message);
      // what was sent before it is lost
      else if (!this._policy && packet.cancel && this._outbox?.remove(packet)) packet.cancel(error);
    }
    this._rest();
  }

  /**
   * Nothing can come any more: whoever can be told so is told so. Packets without an ack that can fail go on waiting.
   *
   * @param isDraining - what waits is still sent
   */
  abandon(cause: unknown, isDraining: boolean): void {
    const isKept = isDraining && !this._policy?.acksAll;
    const error = disconnectedError(undefined, cause);
    for (const place of [...(this._barriers ?? [])]) place.cancel?.(error);
    this._barriers?.clear();
    for (const packet of this._all) {
      const { id } = packet;
      if (packet.cancel) {
        this._outbox?.remove(packet);
        packet.cancel(error);
      } else if (id !== undefined && !isKept && this._acks?.canFail(id))
        this._end(packet, "lost", error.code, error.message, cause);
    }
    for (const id of this._acks?.ids ?? []) {
      if (!this._acks?.canFail(id)) continue;
      const sent = this._policy?.find(id);
      // the app knows: it is not sent again
      if (sent) this._end(sent, "lost", error.code, error.message, cause);
      else this._acks.fail(id, disconnectedError("maybe-sent", cause));
    }
    this._rest();
  }

  /** Drops what waits, or those for which `filter` says so. Returns how many. */
  clear(filter?: (packet: SocketPacket) => boolean): number {
    let count = 0;
    for (const packet of this._packets)
      if (
        (!filter || filter(this._read(packet))) &&
        this._end(packet, "evicted", "evicted", "the app cleared the buffer")
      )
        count++;
    return count;
  }

  // -- the end of a packet

  private _timedOut(id: number): void {
    const packet = this._outbox?.withAck(id) ?? this._policy?.find(id);
    const { code, message } = timeoutError();
    if (packet) this._end(packet, "timedOut", code, message);
    else this._acks?.fail(id, timeoutError("maybe-sent"));
  }

  private _isExpired({ expiresAt }: Packet): boolean {
    return expiresAt !== undefined && expiresAt <= monotonicNow();
  }

  /** Its time is over. One that is on its way is looked at again when it comes back. */
  private _expire(packet: Packet): void {
    const error = this._end(
      packet,
      "expired",
      "expired",
      "the packet waited for longer than its time to live",
    );
    if (error) this._tell(error, packet);
  }

  private _abort(packet: Packet): void {
    const { code, message, cause } = abortError(packet.options.signal);
    this._end(packet, "aborted", code, message, cause);
  }

  private _outdate(packet: Packet): void {
    this._end(packet, "evicted", "evicted", "a newer packet of the same key took its place");
  }

  /** The one place where the life of a packet ends before it is answered. Undefined when its state doesn't allow it. */
  private _end(
    packet: Packet,
    event: PacketEnding,
    code: TautlineError["code"],
    message: string,
    cause?: unknown,
  ): TautlineError | undefined {
    const error = outcome(code, message, deliveryOf(packet), cause);
    if (!advance(packet, event)) return undefined;
    this._outbox?.remove(packet);
    this._policy?.ended(packet);
    if (packet.id !== undefined) this._acks?.fail(packet.id, error);
    return error;
  }

  /** Tells the app of a dropped packet: of one after the other, whatever its listeners do. */
  private _tell(error: TautlineError | undefined, packet: Packet, generation = 0): void {
    if (error) this._drops.push({ error, packet, generation });
    if (this._generation !== undefined) return;
    for (let drop = this._drops.shift(); drop; drop = this._drops.shift()) {
      const { error: cause, packet: dropped } = drop;
      this._generation = drop.generation;
      call(() => this._host.dropped(cause, this._read(dropped)), undefined, []);
    }
    this._generation = undefined;
  }

  /** A packet as the app emitted it. */
  private _read({ encoded }: Packet): SocketPacket {
    const { nsp } = this._host;
    let packet: SocketPacket | undefined;
    try {
      const decoder = this._line.codec.decoder();
      const frames = typeof encoded === "string" ? [encoded] : encoded;
      for (const frame of frames)
        packet = typeof frame === "string" ? decoder.text(frame, 0) : decoder.binary(frame);
    } catch {
      // a custom parser that can't read what it wrote
    }
    const data = (packet?.data ?? []) as unknown[];
    this._policy?.untag?.(data);
    return { type: PacketType.EVENT, nsp, ...packet, data };
  }

  private get _all(): Packet[] {
    return [...(this._outbox ?? [])];
  }

  /** What waits, without the places in the order. */
  private get _packets(): Packet[] {
    return this._all.filter(({ pass }) => !pass);
  }

  private _needAcks(): Acks {
    return (this._acks ??= new Acks(this.timers, (id) => this._timedOut(id)));
  }

  private _needOutbox(): Outbox {
    return (this._outbox ??= new Outbox(this.bounds));
  }

  private _rest(): void {
    this._acks?.rest();
  }
}

function placeInOrder(): Packet {
  return { state: "made", encoded: "", bytes: 0, id: undefined, options: {} };
}

/** What the app does with its buffers from now on changes nothing. */
function copyOf(encoded: Encoded): Encoded {
  return typeof encoded === "string" ? encoded : encoded.map(copyBinary);
}

function tooLarge(maxPayload: number): TautlineError {
  return new TautlineError(
    "too-large",
    `the packet is larger than the ${maxPayload} bytes that the server takes: send it in parts`,
    { delivery: "not-sent" },
  );
}
