import { TautlineError } from "../errors.js";
import { type Chart, Machine } from "../machine.js";
import { host, timersOf } from "../platform/browser.js";
import type { Cancel, WebSocketLike } from "../platform/platform.js";
import { ABNORMAL_CLOSURE, NORMAL_CLOSURE } from "../protocol/close-codes.js";
import { spread } from "../spread.js";
import { type Closing, closeEventOf, errorEventOf, eventOf } from "./events.js";
import { checkOptions } from "./check-options.js";
import { isTransient } from "./explain-close.js";
import { HostInterface } from "./host-interface.js";
import { checked, drop, hangUp, keep, sizeOf } from "./host-sockets.js";
import {
  type ProtocolsSource,
  type UrlSource,
  type WebSocketData,
  type WebSocketOptions,
} from "./options.js";
import type { Watch } from "./watch.js";
import { type WebSocketEventName, websocketTable, type WebSocketState } from "./websocket-table.js";

/** What comes with an event of the machine. */
interface Change {
  socket?: WebSocketLike | undefined;
  error?: TautlineError | undefined;
  /** Of the connection that is over. */
  close?: Event | undefined | false;
  delay?: number;
  code?: number | undefined;
  reason?: string | undefined;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the chart is one for sockets of all messages
type AnySocket = ReconnectingWebSocket<any, any>;
type Tell = (change: Change, ws: AnySocket, old: WebSocketState) => void;

/** States in which there is a connection, or soon one; in all others it is 3, `CLOSED`. */
const READY_STATES: { readonly [state in WebSocketState]?: number } = {
  opening: 0,
  open: 1,
  closing: 2,
};

/** Milliseconds that a host has for a close handshake. Known hosts take less. */
const CLOSE_TIMEOUT = 60_000;

const timers = timersOf(() => globalThis);

/**
 * A WebSocket that reconnects, for servers of any kind: the interface of the host's `WebSocket`, with one connection after
 * the other. docs/websocket.md lists what differs.
 *
 * `In`, `Out`: what a codec makes of messages.
 *
 * @example
 * const ws = new ReconnectingWebSocket("wss://example.com/feed");
 * ws.onmessage = ({ data }) => show(data);
 * ws.send("hello"); // waits until there is a connection
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as the host's MessageEvent
export class ReconnectingWebSocket<In = any, Out = WebSocketData> extends HostInterface<In> {
  private static readonly _tell: Tell = (change, ws, old) => ws._announce(change, old);
  private static readonly _chart: Chart<WebSocketState, WebSocketEventName, Change, AnySocket> = {
    table: websocketTable,
    entries: {
      opening: (change, ws) => ws._dial(change),
      open: (_, ws) =>
        timers.after(ws._options.minUptime ?? 5000, () => {
          ws._tries = 0;
        }),
      waiting: ({ delay = 0 }, ws) => timers.after(delay, () => ws._connect(true)),
      closing: (change, ws) => ws._leave(change),
    },
    announcements: {
      opening: this._tell,
      open: this._tell,
      waiting: this._tell,
      closing: this._tell,
      closed: this._tell,
    },
  };

  private readonly _url: UrlSource;
  private readonly _protocols: ProtocolsSource | undefined;
  private readonly _options: WebSocketOptions<In, Out>;
  private readonly _machine: Machine<WebSocketState, WebSocketEventName, Change, AnySocket> =
    new Machine(ReconnectingWebSocket._chart, "closed" as WebSocketState, this as AnySocket);
  private readonly _watch: Watch | undefined;
  /** Events that are being announced: four for each transition. */
  private readonly _telling: (Event | false | undefined)[] = [];
  /** The connection was begun while events are announced: no further one is begun, and its end is not announced. */
  private _isNew = false;
  private readonly _queue: WebSocketData[] = [];
  /** Bytes of the queue. */
  private _bytes = 0;
  /** Tries since a connection last lasted for `minUptime`. */
  private _tries = 0;
  /** Undefined until the app sets it: hosts have defaults of their own. */
  private _binaryType: BinaryType | undefined;
  /** The present one, or the last; undefined while a `url` function is being called. */
  private _socket: WebSocketLike | undefined;
  /** How the app has ended the present connection. */
  private _farewell: Closing | undefined;
  /** How the present connection has ended, while `shouldReconnect()` runs. If it connects anew, the event "open" announces this. */
  private _ending: Pick<Change, "error" | "close"> | undefined;

  /**
   * Connects at once, unless `startClosed`.
   *
   * @param url - ws(s) or http(s); or a function that is asked before each try
   * @param protocols - subprotocols to offer; or the options
   * @throws TautlineError `invalid-option`; what the host's WebSocket throws: SyntaxError for a bad address, a fragment, or protocols that are bad or
   * given twice. With functions it is an `error` event instead
   */
  constructor(
    url: UrlSource,
    protocols?: ProtocolsSource | WebSocketOptions<In, Out>,
    options: WebSocketOptions<In, Out> = {},
  ) {
    super();
    if (protocols && typeof protocols === "object" && !(Symbol.iterator in protocols)) {
      options = protocols;
      protocols = options.protocols;
    }
    this._url = url;
    this._protocols = protocols as ProtocolsSource;
    this._options = checkOptions(options);
    this._watch = this._options.watch?.({
      timers,
      send: (data) => this.readyState === 1 && this._socket?.send(data),
      retry: () => this.state === "waiting" && this._connect(true),
      lose: (why) => this._lose("timeout", why),
    });
    if (!this._options.startClosed) this._connect();
  }

  /** More exact than `readyState`; docs/states.md says what each state means. */
  get state(): WebSocketState {
    return this._machine.state;
  }
  /** 0 to 3, as in the host's WebSocket. Between two tries it is `CLOSED`. */
  get readyState(): number {
    const known = READY_STATES[this.state];
    return known == null ? 3 : (this._socket?.readyState ?? known);
  }
  /** Tries since a connection last lasted for `minUptime`. */
  get retryCount(): number {
    return this._tries;
  }
  /** Address of the present connection or the last one; empty as long as no try has one. */
  get url(): string {
    return this._socket?.url ?? "";
  }
  /** The subprotocol that the server chose. */
  get protocol(): string {
    return this._socket?.protocol ?? "";
  }
  get extensions(): string {
    return this._socket?.extensions ?? "";
  }
  /** Bytes that wait here for a connection, or in the host to be sent. */
  get bufferedAmount(): number {
    return this._bytes + (this.state === "waiting" ? 0 : (this._socket?.bufferedAmount ?? 0));
  }
  /** "blob" or "arraybuffer"; holds for the next connections too. Until it is set it is the host's default. */
  get binaryType(): BinaryType {
    return this._binaryType ?? ((this._socket?.binaryType as BinaryType | undefined) || "blob");
  }
  set binaryType(type: BinaryType) {
    if (!/^(blob|arraybuffer)$/.test(type)) return;
    if (this._socket) this._socket.binaryType = type;
    // kept only if the host did not throw
    this._binaryType = type;
  }

  /**
   * Sends a message, or lets it wait for a connection: also after `close()`, in case that `open()` is called. What has no
   * room is told as an `error` event with the code `overflow` and the message as `error.data`.
   *
   * @throws what the codec throws
   */
  send(message: Out): void {
    const { codec, buffer: { maxPackets = 100_000, maxBytes = 2 ** 26, overflow } = {} } =
      this._options;
    let data = (codec ? codec.encode(message) : message) as WebSocketData | undefined;
    if (this.readyState === 1) return this._socket?.send(data);
    data = keep(data);
    const bytes = sizeOf(data);
    this._bytes += bytes;
    this._queue.push(data);
    while (this._queue.length > maxPackets || this._bytes > maxBytes) {
      const isOldest = overflow === "drop-oldest" && bytes <= maxBytes;
      data = isOldest ? this._queue.shift() : this._queue.pop();
      this._bytes -= sizeOf(data);
      this.dispatchEvent(
        errorEventOf(new TautlineError("overflow", "the buffer is full", { data })),
      );
    }
  }

  /**
   * Ends the connection, and connects no more until `open()` or `reconnect()` is called.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError, SyntaxError (an Error where the host has no DOMException)
   */
  close(code?: number, reason?: string): void {
    this._machine.send("close", checked(code, reason));
  }

  /** Connects, unless it is connecting or connected. After `close()` the next connection begins at once, without waiting for the last to end. */
  open(): void {
    if (this.readyState > 1) this._connect();
  }

  /**
   * Ends the connection, if there is one, and makes another one now, with delays from the first again.
   *
   * @param code - 1000, or 3000 to 4999
   * @param reason - at most 123 bytes of UTF-8
   * @throws as `close()` does
   */
  reconnect(code = NORMAL_CLOSURE, reason = ""): void {
    this._farewell = checked(code, reason);
    this._tries = 0;
    this._connect();
  }

  /** Takes back what waits for a connection. */
  drainQueuedMessages(): WebSocketData[] {
    this._bytes = 0;
    return this._queue.splice(0);
  }

  /** Makes a connection, in any state. A retry reports errors as events, because there is no caller. */
  private _connect(isRetry?: boolean): void {
    const { _url: url, _protocols: protocols, _farewell: farewell } = this;
    const isNow = !isRetry && typeof url !== "function" && typeof protocols !== "function";
    if (this._isNew && this.state === "opening") return;
    const socket = isNow ? this._make(url, protocols) : undefined;
    const { _ending: ending } = this;
    this._ending = undefined;
    const close = this.state in READY_STATES && !this._isNew && closeEventOf(farewell);
    drop(this._socket, farewell);
    this._machine.send("open", { socket, ...(ending ?? { close }) });
  }

  private _make(url: unknown, protocols: unknown): WebSocketLike {
    const Class = this._options.WebSocket ?? host.WebSocket;
    if (!Class) throw new TautlineError("websocket-blocked", "no WebSocket class");
    return new Class(url as string, (protocols as string | null) ?? undefined);
  }

  private _dial({ socket }: Change): Cancel | void {
    const { connectTimeout = 10_000 } = this._options;
    this._isNew = true;
    this._socket = undefined;
    if (socket) this._attach(socket);
    else void this._ask(this._machine.transitions);
    if (connectTimeout)
      return timers.after(connectTimeout, () => this._lose("timeout", "no connection in time"));
  }

  /** @param stay - which stay in the state this is */
  private async _ask(stay: number): Promise<void> {
    try {
      // not before the constructor has returned: the app could not catch the error
      await null;
      const url = await answerOf(this._url);
      const protocols = await answerOf(this._protocols);
      if (this._machine.transitions !== stay) return;
      // throws where there is none
      const socket = this._make((url as URL).toString(), protocols);
      // a custom class may have chosen another value
      if (this._machine.transitions === stay) this._attach(socket);
      else drop(socket);
    } catch (cause) {
      if (this._machine.transitions === stay)
        this._lose("unreachable", "the WebSocket failed", cause);
    }
  }

  private _attach(socket: WebSocketLike): void {
    this._socket = socket;
    // React Native throws at "blob" where a module is missing, also where that is its default
    if (this._binaryType && this._binaryType !== socket.binaryType)
      socket.binaryType = this._binaryType;
    socket.onopen = () => this._machine.send("opened", {});
    socket.onmessage = (event: MessageEvent<In>) => this._receive(event);
    socket.onerror = ({ error }: ErrorEvent) =>
      this.dispatchEvent(errorEventOf(lost("transport-error", "the WebSocket failed", error)));
    socket.onclose = (event: Closing) => this._end(event);
  }

  private _leave(farewell: Change): Cancel {
    const { _socket: socket } = this;
    this._farewell = farewell;
    hangUp(socket, farewell);
    return timers.after(socket ? CLOSE_TIMEOUT : 0, () => this._end({}));
  }

  private _receive({ data, origin }: MessageEvent<In>): void {
    const { codec } = this._options;
    const { transitions } = this._machine;
    if (this._watch && !this._watch.heard(data)) return;
    let event: Event;
    try {
      if (codec) data = codec.decode(data);
      event = eventOf("message", { data, origin }, "MessageEvent");
    } catch (cause) {
      event = errorEventOf(new TautlineError("parse-error", "decode() threw", { cause, data }));
    }
    // the codec or the watch may have ended the connection
    if (this._machine.transitions === transitions) this.dispatchEvent(event);
  }

  private _lose(code: "timeout" | "unreachable", why: string, cause?: unknown): void {
    if (this.state in READY_STATES) this._end({}, lost(code, why, cause));
  }

  /** A connection, or a try, is over. */
  private _end(closing: Closing, error?: TautlineError): void {
    const {
      shouldReconnect,
      maxRetries = Infinity,
      minReconnectionDelay = 1000,
      maxReconnectionDelay = 10_000,
      reconnectionDelayGrowFactor = 2,
      randomizationFactor = 0.5,
    } = this._options;
    const { code = ABNORMAL_CLOSURE } = closing;
    const close = closeEventOf(closing);
    const ending = (this._ending = { error, close });
    const tries = this._tries;
    const isWanted = (): boolean => this.state !== "closing" && tries < maxRetries;
    let again = isTransient(code);
    drop(this._socket);
    try {
      if (isWanted()) again = shouldReconnect?.(close) ?? again;
    } finally {
      const isUntold = this._ending === ending;
      this._ending = undefined;
      // an error of shouldReconnect() is reported to the host
      if (isUntold && again && isWanted()) {
        this._tries++;
        this._machine.send("lost", {
          ...ending,
          delay: this._watch?.isOffline
            ? 30_000
            : spread(
                (minReconnectionDelay || 1) * reconnectionDelayGrowFactor ** tries,
                maxReconnectionDelay,
                randomizationFactor,
              ),
        });
      } else if (isUntold) this._machine.send("ended", ending);
    }
  }

  /**
   * Tells of a transition. Where a listener makes another one, that is told next: each connection that is over has its
   * `close`, and what no longer holds is not told.
   */
  private _announce({ error, close, delay }: Change, old: WebSocketState): void {
    const { _telling: telling } = this;
    const { state } = this._machine;
    const unsent = this._socket?.bufferedAmount ?? 0;
    const isTelling = telling.length;
    telling.push(
      eventOf("state", { state, old }),
      error && errorEventOf(error),
      close,
      state === "open"
        ? eventOf(state, {})
        : state === "waiting" &&
            eventOf("reconnecting", { attempt: this._tries, delay, why: error ?? close, unsent }),
    );
    try {
      this._watch?.entered(state);
      if (state === "open") for (const data of this.drainQueuedMessages()) this._socket?.send(data);
    } finally {
      if (!isTelling) {
        for (const [i, event] of telling.entries())
          // the fourth holds until there is another state
          if (event && (i % 4 < 3 || !telling[i + 1])) this.dispatchEvent(event);
        telling.length = 0;
        this._isNew = false;
      }
    }
  }
}

function answerOf(source: unknown): unknown {
  return typeof source === "function" ? (source as () => unknown)() : source;
}

function lost(
  code: "timeout" | "unreachable" | "transport-error",
  why: string,
  cause?: unknown,
): TautlineError {
  return new TautlineError(code, why, { cause });
}
