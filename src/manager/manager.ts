import { Connection } from "../connection/connection.js";
import type { ConnectionEvents, ConnectionState } from "../connection/events.js";
import type { ConnectionOptions, ConnectionSettings } from "../connection/options.js";
import type { Parts } from "../connection/parts.js";
import { Emitter } from "../emitter.js";
import type { Session } from "../engine/session.js";
import type { TautlineError } from "../errors.js";
import { checkNamespace } from "../options/check-namespace.js";
import { checkOption, checkOptions } from "../options/check-options.js";
import { missingPart } from "../options/missing-part.js";
import { host, hostTimers } from "../platform/browser.js";
import { DefaultCodec } from "../protocol/default-codec.js";
import type { CustomParser } from "../protocol/parser-codec.js";
import type { DeliveryPolicy, OwnerHost } from "../pipeline/policy.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import { Socket } from "../socket/socket.js";
import type { SocketOptions } from "../socket/socket-options.js";
import type { Share, ShareMember } from "./share.js";

/** How a manager keeps its connection, and how it is made. */
export interface ManagerOptions extends ConnectionOptions {
  /** Connect at once. @default true */
  autoConnect?: boolean;
  /** `io()`: a connection of its own. @default false */
  forceNew?: boolean;
  /** `io()`: whether to share a connection with other namespaces of the same server. @default true */
  multiplex?: boolean;
  /** An `{Encoder, Decoder}` to use instead of the protocol's own, on both sides. */
  parser?: CustomParser;
  /** Binary values in one packet, both ways; servers have a limit of their own, 10 by default. @default 10 */
  maxAttachments?: number;
  /** `shared({ key })` of `tautline/shared`: the tabs of one user have one connection. @default each has its own */
  share?: Share;
}

const NO_PARTS: Parts = {};

/** Keeps one connection alive and carries many namespaces over it. */
export class Manager<
  ListenEvents extends EventsMap = DefaultEventsMap,
  EmitEvents extends EventsMap = ListenEvents,
>
  extends Emitter<ConnectionEvents>
  implements ConnectionSettings
{
  /** The options as they were given. */
  readonly opts: ManagerOptions;
  /** http(s) or ws(s): where the next connect goes. Without it, the options or the page say where. */
  uri: string | undefined;
  /** Internal: used by other parts of Tautline. */
  readonly connection: Connection;
  private readonly _sockets = new Map<string, Socket>();
  private readonly _shared: ShareMember | undefined;

  /**
   * @param uri - http(s) or ws(s); without it, the options or the page say where
   * @throws TautlineError `invalid-option`
   */
  constructor(uri?: string, options?: ManagerOptions);
  constructor(options?: ManagerOptions);
  constructor(uri?: string | ManagerOptions, options?: ManagerOptions);
  constructor(uri?: string | ManagerOptions, options: ManagerOptions = {}) {
    super();
    const given = (uri && typeof uri === "object" ? uri : options) ?? {};
    if (given !== uri) checkOption("uri", uri ?? undefined);
    const { parts } = this;
    parts.checks?.(given);
    this.opts = { path: "/socket.io", ...checkOptions(given) };
    this.uri = typeof uri === "object" ? undefined : uri;
    const { parser, maxAttachments, useNativeTimers, autoUnref, autoConnect, share } = this.opts;
    if (parser && !parts.parser) throw missingPart("parser", ["parser", "tautline/slim"]);
    const timers = hostTimers(useNativeTimers, autoUnref);
    const codec = parser && parts.parser ? parts.parser(parser) : new DefaultCodec(maxAttachments);
    const shared = (this._shared = share?.join(this, parts, timers, codec));
    this.connection = new Connection(
      shared?.settings ?? this,
      shared?.parts ?? parts,
      timers,
      codec,
      (event, ...args) => this.dispatch([event, ...args]),
    );
    host.tautlineNetwork?.(this);
    if (autoConnect !== false) this.open();
  }

  /** What this build is made of. */
  protected get parts(): Parts {
    return NO_PARTS;
  }

  /** The current Engine.IO session. Undefined before the first, though its type, as in socket.io-client, doesn't say so. */
  get engine(): Session {
    return this.connection.session as Session;
  }

  /** See docs/states.md; the event `state` tells of changes. */
  get state(): ConnectionState {
    return this.connection.state;
  }

  /**
   * Connects, when it isn't connected or connecting; ends waiting.
   *
   * @param done - called once with the error, or without one. With a callback, a first connect that fails isn't
   * repeated: that is then for the caller to decide
   */
  open(done?: (error?: TautlineError) => void): this {
    this.connection.open(done);
    return this;
  }

  /** The same as {@link open}. */
  connect(done?: (error?: TautlineError) => void): this {
    return this.open(done);
  }

  /**
   * The socket of a namespace: the same one each time, whose options are those of the first time; it is connected again
   * when it was disconnected.
   *
   * @throws TautlineError `invalid-option`
   */
  socket<Listen extends EventsMap = ListenEvents, Emit extends EventsMap = EmitEvents>(
    nsp: string,
    options: SocketOptions = {},
  ): Socket<Listen, Emit, this> {
    let socket = this._sockets.get(nsp);
    if (!socket) {
      checkNamespace(nsp);
      const checked = checkOptions(options);
      const create = this._policyOf(nsp, checked);
      socket = new Socket(this, this.connection, nsp, checked, create) as Socket;
      this._sockets.set(nsp, socket);
      this.connection.channels.add(socket.channel);
      this._shared?.adopt(socket);
      host.tautlineNetwork?.(socket);
    }
    if (this.opts.autoConnect !== false) socket.connect();
    return socket as never;
  }

  /** True when `socket(nsp)` has been called before. */
  hasSocket(nsp: string): boolean {
    return this._sockets.has(nsp);
  }

  /** Closes the connection until the next `connect()`. */
  _close(): void {
    this.connection.close();
  }

  /** The same as {@link _close}. */
  disconnect(): void {
    this._close();
  }

  /** Calls the listeners of an event. */
  emit<K extends keyof ConnectionEvents>(event: K, ...args: Parameters<ConnectionEvents[K]>): this {
    this.dispatch([event, ...args]);
    return this;
  }

  protected override listenersChanged(): void {
    this.connection.isObserved = this.hasListeners("packet");
  }

  /** Whether to reconnect. False ends waiting for a reconnect. */
  reconnection(): boolean;
  reconnection(value: boolean): this;
  reconnection(value?: boolean): boolean | this {
    if (value === false) this.connection.stopWaiting();
    return this._option("reconnection", value, true);
  }
  /** How often, before it gives up. */
  reconnectionAttempts(): number;
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(value?: number): number | this {
    return this._option("reconnectionAttempts", value, Infinity);
  }
  /** The first delay, in milliseconds. */
  reconnectionDelay(): number;
  reconnectionDelay(value: number): this;
  reconnectionDelay(value?: number): number | this {
    return this._option("reconnectionDelay", value, 1000);
  }
  /** The longest delay, in milliseconds. */
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(value?: number): number | this {
    return this._option("reconnectionDelayMax", value, 5000);
  }
  /** From 0 to 1: the jitter of a delay. */
  randomizationFactor(): number;
  randomizationFactor(value: number): this;
  randomizationFactor(value?: number): number | this {
    return this._option("randomizationFactor", value, 0.5);
  }
  /** Milliseconds that a connect may take; false: no limit. */
  timeout(): number | false;
  timeout(value: number | false): this;
  timeout(value?: number | false): number | false | this {
    return this._option("timeout", value, 20_000);
  }

  private _option<K extends keyof ManagerOptions>(
    name: K,
    value: ManagerOptions[K] | undefined,
    fallback: NonNullable<ManagerOptions[K]>,
  ): NonNullable<ManagerOptions[K]> | this {
    if (value === undefined) return this.opts[name] ?? fallback;
    checkOption(name, value);
    this.opts[name] = value;
    return this;
  }

  private _policyOf(
    nsp: string,
    { delivery, retries, outbox }: SocketOptions,
  ): ((host: OwnerHost) => DeliveryPolicy | undefined) | undefined {
    const { parts } = this;
    if (retries && !parts.retries) throw missingPart("retries", ["retries", "tautline/slim"]);
    if (!delivery && !retries && !outbox) return undefined;
    return (host) => {
      let policy = delivery?.createPolicy(host);
      if (retries) policy = parts.retries?.(host, retries, policy);
      return outbox ? outbox.wrap(host, nsp, policy) : policy;
    };
  }
}
