import type { BufferOptions } from "../pipeline/outbox.js";
import type { WebSocketLike } from "../platform/platform.js";
import type { WatchPart } from "./watch.js";
import type { WebSocketCloseEvent } from "./events.js";

/** What a WebSocket sends without a codec. */
export type WebSocketData = string | ArrayBufferLike | ArrayBufferView | Blob;

/** Where to connect to. A function is called before each try, for example to get a fresh token. */
export type UrlSource = string | URL | (() => string | URL | Promise<string | URL>);

/** Which subprotocols to offer. A function is called before each try. */
export type ProtocolsSource =
  | string
  | string[]
  | null
  | (() => string | string[] | null | undefined | Promise<string | string[] | null | undefined>);

/** How messages are written and read. Both functions may throw: see {@link WebSocketOptions.codec}. */
export interface MessageCodec<In, Out> {
  encode(message: Out): WebSocketData;
  /** @param data - a string, or binary data as `binaryType` says */
  decode(data: unknown): In;
}

/** A WebSocket class: the host's, or `ws` in Node. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- classes type their arguments in their own ways
export type WebSocketConstructor = new (url: any, protocols?: any) => WebSocketLike;

/** How a {@link ReconnectingWebSocket} connects, reconnects and keeps messages that wait. All times are in milliseconds. */
export interface WebSocketOptions<In = unknown, Out = WebSocketData> {
  /** Which subprotocols to offer, where the second argument of the constructor is this object. */
  protocols?: ProtocolsSource;
  /** The class to use. @default the host's */
  WebSocket?: WebSocketConstructor;
  /** Don't connect before `open()` is called. @default false */
  startClosed?: boolean;
  /** How long a try may take, including the time that a `url` function takes; 0 = no limit. @default 10000 */
  connectTimeout?: number;
  /** First delay; 0 stands for the shortest one, 1. @default 1000 */
  minReconnectionDelay?: number;
  /** No delay is above this: 1 or more. @default 10000 */
  maxReconnectionDelay?: number;
  /** How much longer each delay is than the one before: 1 or more. @default 2 */
  reconnectionDelayGrowFactor?: number;
  /** 0 to 1: a delay is drawn from d * (1 - factor) to d * (1 + factor), never above the longest. @default 0.5 */
  randomizationFactor?: number;
  /** How long a connection must last for the delays and `maxRetries` to begin again. @default 5000 */
  minUptime?: number;
  /** How many tries in a row before it gives up; 0 = no retry. @default Infinity */
  maxRetries?: number;
  /**
   * Whether to reconnect after a connection that the app did not close.
   *
   * @default after all codes but 1000, 1008 and 4000 to 4099
   */
  shouldReconnect?: (event: WebSocketCloseEvent) => boolean;
  /**
   * How much waits while there is no connection: `maxPackets` messages (default 100000) of `maxBytes` in all (default
   * 64 MiB). `overflow`: which message is dropped; "reject" and "drop-newest" mean the new one. An `error` event with the code
   * `overflow` has each message that is dropped as its `error.data`.
   */
  buffer?: Pick<BufferOptions, "maxPackets" | "maxBytes" | "overflow">;
  /**
   * How messages are written and read, for example `json`. An error that `encode` throws is thrown by `send()` as it is. When
   * `decode` throws, there is an `error` event with the code `parse-error`, and the raw data is its `error.data`.
   *
   * @default none: messages are strings and binary data
   */
  codec?: MessageCodec<In, Out>;
  /** Signals of the network, and a heartbeat: `watch()` of this module makes it. @default none: it relies on timers and the host's events */
  watch?: WatchPart;
}
