import { Emitter } from "../emitter.js";
import type { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import { CatchAll, type CatchAllListener } from "./catch-all.js";
import { Emission, type EmitOptions, type EmitTarget } from "./emit-options.js";
import type {
  AckAnswer,
  AllButLast,
  EventArgs,
  EventNames,
  EventsMap,
  WithReserved,
} from "./event-types.js";
import type { Link } from "./link.js";
import { disconnection } from "./outcomes.js";
import { EventReader, type EventsOptions, type EventSource, nextEvent } from "./reading.js";
import type { Sender } from "./sender.js";
import { waitFor, type WaitOptions } from "./waiting.js";

/** Events that the library emits on a socket. */
export interface SocketReservedEvents {
  connect(): void;
  /** The connection could not be made, or the server refused the namespace (then `data` is the middleware's). */
  connect_error(error: TautlineError): void;
  disconnect(reason: CloseReason, details?: CloseDetails): void;
  /** A packet was dropped: its buffer was full. */
  overflow(error: TautlineError, ...args: unknown[]): void;
  /** A packet was dropped: it had waited for longer than its time to live. */
  expired(error: TautlineError, ...args: unknown[]): void;
}

/** How often, in milliseconds, `drained()` looks: hosts don't tell when a WebSocket has sent. */
const DRAIN_INTERVAL = 20;
const PLAIN: EmitOptions = {};

/** What an app does with a socket that is none of connecting and leaving: sending and listening. */
export abstract class Conversation<ListenEvents extends EventsMap, EmitEvents extends EventsMap>
  extends Emitter<WithReserved<ListenEvents, SocketReservedEvents>>
  implements EmitTarget
{
  /** Undefined until somebody listens to everything. */
  protected incoming: CatchAll | undefined;
  abstract readonly active: boolean;
  protected abstract readonly sender: Sender;
  protected abstract readonly link: Link;
  /** Who is told when the socket isn't active any more. */
  private _endings: Set<() => void> | undefined;

  /**
   * Sends an event. Arguments may be anything that JSON can hold, and binary data anywhere in them. When the last one
   * is a function, it is called with the server's answer. While there is no connection, the packet waits.
   *
   * @throws TautlineError `reserved-event`, `unserializable`, `too-many-attachments`; `overflow` when the buffer is full
   * @example socket.emit("chat", "hello", (answer) => {});
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventArgs<EmitEvents, Event>
  ): this;
  emit(...args: unknown[]): this {
    this.sender.emit(args, PLAIN);
    return this;
  }

  /** Sends the event "message". */
  send(...args: unknown[]): this {
    args.unshift("message");
    this.sender.emit(args, PLAIN);
    return this;
  }

  /**
   * Sends an event and resolves with the first argument of the server's answer. It always settles.
   *
   * @throws TautlineError (rejects) `ack-timeout`, `disconnected`, `aborted`, `evicted`, `expired`, `overflow`; its
   * `delivery` tells whether the packet can have arrived
   */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventArgs<EmitEvents, Event>>
  ): Promise<AckAnswer<EmitEvents, Event>> {
    return this.sender.request([event, ...(args as unknown[])], PLAIN) as Promise<
      AckAnswer<EmitEvents, Event>
    >;
  }

  /** {@link emit} with options; what the views of {@link timeout} and the others call. */
  emitWith(options: EmitOptions, args: unknown[]): void {
    this.sender.emit(args, options);
  }

  /** {@link emitWithAck} with options. */
  requestWith(options: EmitOptions, args: unknown[]): Promise<unknown> {
    return this.sender.request(args, options);
  }

  /** A view whose acks fail after `ms` milliseconds; its ack callbacks are error-first. */
  timeout(ms: number): Emission<this, EmitEvents, true> {
    return new Emission(this, { timeout: ms });
  }

  /** A view that drops a packet rather than let it wait. */
  get volatile(): Emission<this, EmitEvents> {
    return new Emission(this, { volatile: true });
  }

  compress(compress: boolean): Emission<this, EmitEvents> {
    return new Emission(this, { compress });
  }

  /** A view whose emits can be aborted. @see Emission.signal */
  signal(signal: AbortSignal): Emission<this, EmitEvents> {
    return new Emission(this, { signal });
  }

  /** A view whose packets may wait for `ms` milliseconds only. */
  ttl(ms: number): Emission<this, EmitEvents> {
    return new Emission(this, { ttl: ms });
  }

  /** A view of whose packets only the newest waits. @example socket.key("cursor").emit("cursor", x, y) */
  key(key: string): Emission<this, EmitEvents> {
    return new Emission(this, { key });
  }

  /** What waits for a connection, decoded: a copy, oldest first. */
  get sendBuffer(): SocketPacket[] {
    return this.sender.waiting
      .filter(({ barrier }) => !barrier)
      .map((packet) => this.sender.read(packet));
  }

  /** Empties {@link sendBuffer}: `socket.sendBuffer = []`. Anything else can't be put there. */
  set sendBuffer(packets: readonly never[]) {
    if (!packets.length) this.clearBuffer();
  }

  /**
   * Drops packets that wait; their acks fail with `evicted`.
   *
   * @param filter - which ones; by default all
   * @returns how many
   */
  clearBuffer(filter?: (packet: SocketPacket) => boolean): number {
    return this.sender.clear((packet) => !filter || filter(this.sender.read(packet)));
  }

  /** Bytes that wait in this socket, and in the connection that it shares. */
  get bufferedAmount(): number {
    return this.sender.bytes + this.link.bufferedAmount;
  }

  /**
   * Resolves once fewer than `below` bytes wait: for senders that would otherwise pile up.
   *
   * @param options - `below`: bytes, default 65536; `signal`
   * @throws TautlineError (rejects) `aborted`, `disconnected`
   */
  drained({ below = 65536, signal }: { below?: number; signal?: AbortSignal } = {}): Promise<void> {
    const { timers } = this.link;
    return waitFor(timers, { signal }, (settle) => {
      let timer: Cancel | undefined;
      const ended = (): void => settle(disconnection());
      const look = (): void => {
        if (this.bufferedAmount < below) settle();
        // nobody is about to send anything
        else if (!this.active) ended();
        else timer = timers.after(DRAIN_INTERVAL, look);
      };
      const stop = this._onEnd(ended);
      look();
      return () => {
        timer?.();
        stop();
      };
    });
  }

  /**
   * Resolves once the server has received everything that was emitted before: received, not handled.
   *
   * @param options - `timeout` in milliseconds, `signal`
   * @throws TautlineError (rejects) `ack-timeout`, `aborted`, `disconnected`
   */
  flush(options: WaitOptions = {}): Promise<void> {
    return this.sender.barrier(options);
  }

  /**
   * The events of one name, for `for await`. It ends when the socket is disconnected for good.
   *
   * @example for await (const [text] of socket.events("chat")) show(text);
   */
  events<Event extends EventNames<ListenEvents>>(
    event: Event,
    options?: EventsOptions,
  ): EventReader<EventArgs<ListenEvents, Event>> {
    return new EventReader(this._source, event, options);
  }

  /**
   * The arguments of the next event of this name.
   *
   * @throws TautlineError (rejects) `ack-timeout`, `aborted`, `disconnected`
   */
  next<Event extends EventNames<ListenEvents>>(
    event: Event,
    options?: WaitOptions,
  ): Promise<EventArgs<ListenEvents, Event>> {
    return nextEvent(this._source, event, options);
  }

  private get _source(): EventSource {
    return {
      timers: this.link.timers,
      listen: (event, listener) => {
        this.on(event as never, listener as never);
        return () => this.off(event as never, listener as never);
      },
      onEnd: (ended) => this._onEnd(ended),
    };
  }

  /** The socket isn't active any more. */
  protected ended(): void {
    for (const ended of [...(this._endings ?? [])]) ended();
  }

  private _onEnd(ended: () => void): Cancel {
    const endings = (this._endings ??= new Set());
    endings.add(ended);
    return () => endings.delete(ended);
  }

  onAny(listener: CatchAllListener): this {
    (this.incoming ??= new CatchAll()).add(listener);
    return this;
  }
  prependAny(listener: CatchAllListener): this {
    (this.incoming ??= new CatchAll()).prepend(listener);
    return this;
  }
  /** Removes one, or all. */
  offAny(listener?: CatchAllListener): this {
    this.incoming?.remove(listener);
    return this;
  }
  listenersAny(): CatchAllListener[] {
    return this.incoming?.listeners ?? [];
  }
  onAnyOutgoing(listener: CatchAllListener): this {
    (this.sender.outgoing ??= new CatchAll()).add(listener);
    return this;
  }
  prependAnyOutgoing(listener: CatchAllListener): this {
    (this.sender.outgoing ??= new CatchAll()).prepend(listener);
    return this;
  }
  offAnyOutgoing(listener?: CatchAllListener): this {
    this.sender.outgoing?.remove(listener);
    return this;
  }
  listenersAnyOutgoing(): CatchAllListener[] {
    return this.sender.outgoing?.listeners ?? [];
  }
}
