import type { Durable } from "../durable/durable.js";
import { Channel } from "../connection/channel.js";
import type { ChannelOwner } from "../connection/channel-options.js";
import type { ChannelLine } from "../connection/channel-line.js";
import type { Auth } from "../connection/auth.js";
import type { ChannelState } from "../connection/channel-table.js";
import type { Shared } from "../connection/events.js";
import type { Report } from "../connection/report.js";
import { Emitter } from "../emitter.js";
import { checkEmpty, checkOption } from "../options/check-options.js";
import { missingPart } from "../options/missing-part.js";
import type { EmitOptions } from "../pipeline/emit-options.js";
import type { DeliveryPolicy, OwnerHost } from "../pipeline/policy.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import { CatchAll, type CatchAllListener } from "./catch-all.js";
import { Emission, type EmitTarget } from "./emission.js";
import type {
  AckAnswer,
  AllButLast,
  DefaultEventsMap,
  EventArgs,
  EventNames,
  EventsMap,
} from "./event-types.js";
import type { SocketOptions } from "./socket-options.js";
import type { SocketReservedEvents } from "./socket-events.js";

const NO_OPTIONS: SocketOptions = {};
const PLAIN: EmitOptions = {};

/** One namespace, as the app sees it. `socket.io` is its manager. */
export class Socket<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  Io = unknown,
>
  extends Emitter<SocketReservedEvents, ListenEvents>
  implements EmitTarget, ChannelOwner
{
  /** Read at each CONNECT; may be replaced at any time. */
  auth: Auth;
  /** Internal: used by other parts of Tautline. */
  readonly channel: Channel;
  /** With the `share` option: what this tab is to the connection. `manager.on("shared")` tells of changes. */
  declare readonly shared?: Shared;
  // undefined until somebody listens to everything
  private _incoming: CatchAll | undefined;
  private _outgoing: CatchAll | undefined;

  /** Made by `manager.socket()` and `io()`. */
  constructor(
    readonly io: Io,
    line: ChannelLine,
    readonly nsp: string,
    options: SocketOptions = NO_OPTIONS,
    createPolicy?: (host: OwnerHost) => DeliveryPolicy | undefined,
  ) {
    super();
    this.auth = options.auth ?? {};
    this.channel = new Channel(line, nsp, options, this, createPolicy);
  }

  /** Internal: the events of its channel. */
  tell(args: unknown[], isOwn: boolean): void {
    if (!isOwn) this._incoming?.notify(this as unknown as Socket, args);
    this.dispatch(args);
  }

  /** Given by the server; undefined while there is no connection. */
  get id(): string | undefined {
    return this.channel.id;
  }

  get connected(): boolean {
    return this.channel.isConnected;
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  /** True while it is connected, or connects as soon as the manager does, which may have given up (`io.state`). */
  get active(): boolean {
    return this.channel.isActive;
  }

  /** True when the server still had the session, and everything that was missed has been received. */
  get recovered(): boolean {
    return this.channel.recovered;
  }

  /** Connects, unless it is connected or about to. */
  connect(): this {
    this.channel.connect();
    return this;
  }

  /** The same as {@link connect}. */
  open(): this {
    return this.connect();
  }

  /**
   * Leaves the namespace, without reconnecting; the last socket that leaves closes the connection. What was emitted
   * before is still sent; to be certain, call `await flush(socket)` of `tautline/delivery` first.
   */
  disconnect(): this {
    this.channel.disconnect();
    return this;
  }

  /** The same as {@link disconnect}. */
  close(): this {
    return this.disconnect();
  }

  /**
   * The state of its namespace, as docs/states.md names them. "unauthorized": the server has refused what `auth` returned
   * three times, or `auth` has thrown that code itself; `connect()` begins again.
   */
  get state(): ChannelState {
    return this.channel.state;
  }

  /**
   * Calls `auth` for fresh data and sends it to the server over the open connection. This needs `onReauth()` of
   * `tautline/server` at the server. Otherwise the server gets fresh data with the next CONNECT.
   *
   * @returns whether the server has taken it; false also after 5 s without an answer, and when there is no connection or it
   * is lost meanwhile
   * @throws TautlineError (rejects) `refused` when the server's helper refuses it; `auth-failed` when `auth` throws or rejects, or
   * `unauthorized` when it throws that; `invalid-option`, `unserializable` and `too-large` when `auth` gives what cannot be sent.
   * The connection stays
   */
  reauth(): Promise<boolean> {
    return this.channel.reauth();
  }

  /**
   * Emits packets that survive a reload: see docs/durable.md.
   *
   * @throws TautlineError `invalid-option` without the option `outbox`
   */
  get durable(): Durable<EmitEvents> {
    const { policy } = this.channel.pipeline;
    if (!policy?.durable) throw missingPart("outbox", ["indexedDb", "tautline/durable"]);
    return policy.durable as Durable<EmitEvents>;
  }

  // -- emitting

  /**
   * Sends an event. Arguments may be anything that JSON can hold, and binary data anywhere in them. When the last one
   * is a function, it is called with the server's answer. While there is no connection, the packet waits.
   *
   * @throws TautlineError `reserved-event`, `invalid-event`, `unserializable`, `too-many-attachments`, `too-large`;
   * `overflow` when the buffer is full
   * @example socket.emit("chat", "hello", (answer) => {});
   */
  emit<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: EventArgs<EmitEvents, Event>
  ): this;
  emit(...args: unknown[]): this {
    this.channel.pipeline.emit(args, PLAIN);
    return this;
  }

  /** Sends the event "message". */
  send(...args: unknown[]): this {
    args.unshift("message");
    this.channel.pipeline.emit(args, PLAIN);
    return this;
  }

  /**
   * Sends an event and resolves with the first argument of the server's answer. It always settles: at once with
   * `disconnected` when the socket was disconnected or refused, or its manager has given up.
   *
   * @throws TautlineError (rejects) `ack-timeout`, `disconnected`, `aborted`, `evicted`, `expired`, `overflow`,
   * `too-large`, `undeliverable`; its `delivery` tells whether the packet can have arrived
   */
  emitWithAck<Event extends EventNames<EmitEvents>>(
    event: Event,
    ...args: AllButLast<EventArgs<EmitEvents, Event>>
  ): Promise<AckAnswer<EmitEvents, Event>> {
    return this.requestWith(PLAIN, [event, ...(args as unknown[])]) as Promise<
      AckAnswer<EmitEvents, Event>
    >;
  }

  /** {@link emit} with options; what the views of {@link timeout} and the others call. */
  emitWith(options: EmitOptions, args: unknown[]): void {
    this.channel.pipeline.emit(args, options);
  }

  /** {@link emitWithAck} with options. */
  requestWith(options: EmitOptions, args: unknown[]): Promise<unknown> {
    return this.channel.pipeline.request(args, options);
  }

  /** A view whose acks fail after `ms` milliseconds; its ack callbacks are error-first. */
  timeout(ms: number): Emission<this, EmitEvents, true> {
    return this._view().timeout(ms);
  }

  /** A view that drops a packet rather than let it wait. */
  get volatile(): Emission<this, EmitEvents> {
    return this._view().volatile;
  }

  /** A view whose packets the transport should compress, or not. Browsers ignore it. */
  compress(compress: boolean): Emission<this, EmitEvents> {
    return this._view().compress(compress);
  }

  /** A view whose emits can be aborted. @see Emission.signal */
  signal(signal: AbortSignal): Emission<this, EmitEvents> {
    return this._view().signal(signal);
  }

  /** A view whose packets may wait for `ms` milliseconds only. */
  ttl(ms: number): Emission<this, EmitEvents> {
    return this._view().ttl(ms);
  }

  /** A view: of its waiting packets only the newest is kept. @example socket.key("cursor").emit("cursor", x, y) */
  key(key: string): Emission<this, EmitEvents> {
    return this._view().key(key);
  }

  private _view(): Emission<this, EmitEvents> {
    return new Emission(this, PLAIN);
  }

  // -- what waits

  /** What waits for a connection, decoded: a copy, oldest first. */
  get sendBuffer(): SocketPacket[] {
    return this.channel.pipeline.waiting;
  }

  /**
   * Empties {@link sendBuffer}: `socket.sendBuffer = []`.
   *
   * @throws TautlineError `invalid-option` for anything else: {@link clearBuffer} drops some
   */
  set sendBuffer(packets: SocketPacket[]) {
    checkEmpty("sendBuffer", packets);
    this.clearBuffer();
  }

  /** Events that came before the namespace was entered: see docs/api.md. */
  get receiveBuffer(): unknown[][] {
    return this.channel.early;
  }

  /**
   * Empties {@link receiveBuffer}: `socket.receiveBuffer = []`.
   *
   * @throws TautlineError `invalid-option` for anything else
   */
  set receiveBuffer(events: unknown[][]) {
    checkEmpty("receiveBuffer", events);
    this.channel.early.length = 0;
  }

  /**
   * Drops packets that wait; their acks fail with `evicted`.
   *
   * @param filter - which ones; by default all
   * @returns how many
   * @throws TautlineError `invalid-option` when the filter is no function
   */
  clearBuffer(filter?: (packet: SocketPacket) => boolean): number {
    checkOption("filter", filter ?? undefined);
    return this.channel.pipeline.clear(filter);
  }

  /** Bytes that wait in this socket, and in the connection that it shares. */
  get bufferedAmount(): number {
    return this.channel.bufferedAmount;
  }

  /**
   * What happened on its connection, for a bug report: see docs/recorder.md. Undefined unless `record()` of `tautline/recorder`
   * records the connection.
   */
  report(): Report | undefined {
    return this.channel.tap?.report();
  }

  // -- listening to everything

  /** Calls `listener(event, ...args)` for each event of the server, before the listeners of the event. */
  onAny(listener: CatchAllListener): this {
    (this._incoming ??= new CatchAll()).add(listener);
    return this;
  }
  /** The same, before the listeners that are there. */
  prependAny(listener: CatchAllListener): this {
    (this._incoming ??= new CatchAll()).prepend(listener);
    return this;
  }
  /** Removes one, or all. */
  offAny(listener?: CatchAllListener): this {
    this._incoming?.remove(listener);
    return this;
  }
  listenersAny(): CatchAllListener[] {
    return this._incoming?.listeners ?? [];
  }
  /** Calls `listener(event, ...args)` for each event that is handed to the connection. */
  onAnyOutgoing(listener: CatchAllListener): this {
    this._observeOutgoing().add(listener);
    return this;
  }
  /** The same, before the listeners that are there. */
  prependAnyOutgoing(listener: CatchAllListener): this {
    this._observeOutgoing().prepend(listener);
    return this;
  }
  /** Removes one, or all. */
  offAnyOutgoing(listener?: CatchAllListener): this {
    this._outgoing?.remove(listener);
    return this;
  }
  listenersAnyOutgoing(): CatchAllListener[] {
    return this._outgoing?.listeners ?? [];
  }

  private _observeOutgoing(): CatchAll {
    const outgoing = (this._outgoing ??= new CatchAll());
    this.channel.pipeline.outgoing = (args) => outgoing.notify(this, args);
    return outgoing;
  }
}
