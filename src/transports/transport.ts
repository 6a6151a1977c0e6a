import { call, type ErrorCode } from "../errors.js";
import type { Cancel, Timers, WebSocketClass } from "../platform/platform.js";
import type { BinaryData, EngineFrame } from "../protocol/engine-packet.js";
import { bracketed, formatQuery } from "../url.js";

/** What every transport is constructed with; `transportOptions[name]` is merged in. */
export interface TransportOptions {
  hostname: string;
  port: string;
  secure: boolean;
  /** With its slashes: "/socket.io/". */
  path: string;
  /** The user's query, then `EIO`, `transport` and, when joining a session, `sid`. The transport may add to it. */
  query: Record<string, unknown>;
  timers: Timers;
  /** The same object for all transports of one manager. */
  owner: object;
  /** Send binary data as base64 text. @default false */
  forceBase64?: boolean | undefined;
  /** Name of the cache-busting query parameter. @default "t" */
  timestampParam?: string | undefined;
  /** Whether to send it. @default true for polling, false for WebSocket */
  timestampRequests?: boolean | undefined;
  /** Milliseconds until an HTTP request is given up; 0 = never. @default 0 */
  requestTimeout?: number | undefined;
  /** Headers; browsers set them on HTTP requests only, React Native and `ws` on WebSockets too. */
  extraHeaders?: Record<string, string> | undefined;
  /** Send cookies to other origins. @default false */
  withCredentials?: boolean | undefined;
  /** Node: the connection doesn't keep the process alive. @default false */
  autoUnref?: boolean | undefined;
  /** WebSocket subprotocols. */
  protocols?: string | string[] | undefined;
  /** `transportOptions.websocket`: the class to use instead of the host's. */
  WebSocket?: WebSocketClass | undefined;
  /** `transportOptions.webtransport`: options of the WebTransport constructor. */
  [option: string]: unknown;
}

/** Why a transport ended. */
export interface TransportFailure {
  /** "close": ended by the other side. "error": anything else. */
  kind: "close" | "error";
  /** In the words of socket.io-client: "websocket error", "xhr poll error".. */
  message: string;
  description?: unknown;
  context?: unknown;
  /** HTTP status and body, where the host lets us see them. */
  status?: number;
  body?: string;
  /** Where the transport itself knows what is wrong. */
  code?: ErrorCode | undefined;
  /** In a sentence, where the code alone doesn't say it. */
  hint?: string;
  /** Milliseconds that the server asks to wait before the next try. */
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** Receives the events of a transport. There are none after `closed`, or after the transport's `close()`. */
export interface TransportSink {
  /** The carrier stands; a handshake, or the answer to a probe, may follow. */
  opened(): void;
  /** One engine packet: its type digit and data, or "b" and base64. */
  text(packet: string): void;
  binary(data: BinaryData): void;
  /** A write has left: `writable` is true again. */
  drained(): void;
  closed(failure: TransportFailure): void;
}

/**
 * A carrier of engine packets. It knows nothing of sessions. test/contract is the contract that each transport
 * passes; a class of this shape may stand in the `transports` option.
 */
export interface Transport {
  readonly name: string;
  /** What its errors are called by, where that is not its name: "xhr poll", "fetch read". */
  readonly carrier?: string;
  /** As sent: `sid` is set by the session once it has one. */
  readonly query: Record<string, unknown>;
  /** Takes frames at any time, one by one, in order. Otherwise: one batch at a time. */
  readonly streams: boolean;
  /** Open, and ready for more: where it doesn't stream, no batch is on its way. `drained` follows when it was not. */
  readonly writable: boolean;
  /** Bytes handed over that haven't left yet. */
  readonly bufferedAmount: number;
  /** Where it doesn't stream: when it last asked the server for packets, on the clock of `monotonicNow()`. */
  readonly askedAt?: number;
  /** Where it doesn't stream: how long its quickest request took, in milliseconds. */
  readonly roundTrip?: number;
  /** Who is told; may be exchanged at any time. */
  sink: TransportSink;
  open(): void;
  /** Hands over one frame. False when it wasn't taken, because the carrier is down. */
  send(frame: EngineFrame): boolean;
  /** Hands over a batch. Only called when `writable`. */
  write(frames: EngineFrame[]): void;
  /**
   * Asks for nothing new, and calls `done` once everything that the server sent has been handed to the sink. It can
   * still be written to.
   *
   * @returns what lets it ask again; undefined where there is nothing to undo
   */
  retire(done: () => void): Cancel | undefined;
  /**
   * Closes it, with a close packet where the carrier allows that; the sink gets no further events.
   *
   * @param isSilent - the session goes on elsewhere: the server is not told
   */
  close(isSilent?: boolean): void;
}

/** What may stand in the `transports` option, besides the three names. */
export type TransportClass = new (options: TransportOptions) => Transport;

/**
 * The address of a transport's endpoint.
 *
 * @param isBusting - whether it has the cache buster where the options don't say
 */
export function endpointUrl(options: TransportOptions, scheme: string, isBusting: boolean): string {
  const { path, query, timestampRequests = isBusting } = options;
  if (timestampRequests) query[options.timestampParam ?? "t"] = cacheBuster();
  const text = formatQuery(query);
  return originOf(options, scheme) + path + (text && "?" + text);
}

/** Scheme, host and port, as browsers write them: a usual port is left out. */
export function originOf(
  { hostname, port, secure }: Pick<TransportOptions, "hostname" | "port" | "secure">,
  scheme: string,
): string {
  const isUsual = port === (secure ? "443" : "80");
  return `${scheme}${secure ? "s" : ""}://${bracketed(hostname)}${isUsual ? "" : ":" + port}`;
}

/** The failure of a transport, in the words of socket.io-client. */
export function failureOf(
  { name, carrier = name }: Pick<Transport, "name" | "carrier">,
  code?: ErrorCode,
  cause?: unknown,
): TransportFailure {
  return { kind: "error", message: `${carrier} error`, code, cause };
}

/** Opens a transport. Its class may be the app's own: what it throws is its failure. */
export function launch(transport: Transport, sink: TransportSink): void {
  transport.sink = sink;
  try {
    transport.open();
  } catch (cause) {
    sink.closed(failureOf(transport, undefined, cause));
  }
}

/** Closes a transport, whose class may be the app's own: what it throws is reported, and changes nothing. */
export function shut(transport: Transport, isSilent?: boolean): void {
  transport.sink = deaf;
  call(() => transport.close(isSilent), undefined, []);
}

/** A substitute for a transport that could not be made: it fails as soon as it is opened. */
export function unmakeable(name: string, cause: unknown): Transport {
  const transport = {
    name,
    query: {},
    sink: deaf,
    open: () => transport.sink.closed(failureOf(transport, "invalid-option", cause)),
    close() {},
  };
  return transport as unknown as Transport;
}

/** Eight characters that no request before had. */
function cacheBuster(): string {
  return Math.random().toString(36).slice(2, 10).padEnd(8, "0");
}

/** A sink that ignores all events. */
export const deaf: TransportSink = {
  opened() {},
  text() {},
  binary() {},
  drained() {},
  closed() {},
};
