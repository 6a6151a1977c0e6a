import type { WebSocketClass } from "../platform/platform.js";
import type { TransportClass } from "../transports/transport.js";

/** The transports that can be named. */
export type TransportName = "websocket" | "polling" | "webtransport";

/** Which class stands behind a name. */
export type TransportRegistry = { readonly [name in TransportName]?: TransportClass };

type Query = Record<string, unknown> | string;
/** PEM as text, or bytes. */
type TlsData = string | Uint8Array;
type RequestHeaders = Record<string, string>;

/** How a connection is made: socket.io-client's engine options, and `fallbackDelay`. */
export interface EngineOptions {
  /** Host name, without port. @default of the URL */
  hostname?: string;
  /** The same as `hostname`; a port in it counts. */
  host?: string;
  /** @default of the URL, else 443 or 80 */
  port?: string | number;
  /** TLS. @default of the URL */
  secure?: boolean;
  /** Path of the Socket.IO server on its host. @default "/socket.io" */
  path?: string;
  /** Whether the path ends in a slash. @default true */
  addTrailingSlash?: boolean;
  /**
   * Sent with each connection; values of the URL's own query win. A function is asked at each connect, within its timeout, and
   * may return a promise.
   */
  query?: Query | (() => Query | Promise<Query>);
  /**
   * Names or classes, in the order in which they are tried. By default WebSocket leads and polling joins when it
   * fails or is silent for `fallbackDelay`. A list that begins with "polling" opens with it and upgrades. Other names are
   * left out.
   *
   * @default ["websocket", "polling"]; the other way round with `extraHeaders` in a browser
   */
  transports?: readonly (TransportName | (string & {}) | TransportClass)[];
  /**
   * Options merged in for one transport, by name. `websocket.WebSocket` is a class to use instead of the host's. Functions for
   * `query` and `extraHeaders` are none of them.
   */
  transportOptions?: {
    [name: string]: { WebSocket?: WebSocketClass; [option: string]: unknown };
  };
  /**
   * Milliseconds that the first transport has for its handshake before the next one joins. 0: all at once;
   * Infinity: only when it failed.
   *
   * @default 1000
   */
  fallbackDelay?: number;
  /** Has no effect but to be accepted: every transport of the list is always tried. @default true */
  tryAllTransports?: boolean;
  /** Remember what worked across reloads, in localStorage, and open with it. @default false */
  rememberUpgrade?: boolean;
  /** Move from polling to a better transport. @default true */
  upgrade?: boolean;
  /** Send binary data as base64 text. @default false */
  forceBase64?: boolean;
  /** Name of the cache-busting query parameter. @default "t" */
  timestampParam?: string;
  /** Whether to send it. @default true for polling, false for WebSocket */
  timestampRequests?: boolean;
  /**
   * Packets that one POST may carry. Servers in Python (python-engineio) end a session that sends more than 16.
   *
   * @default any number where the server greets like the reference one, else 16
   */
  maxPacketsPerRequest?: number;
  /** Milliseconds until an HTTP request is given up; 0 = never. @default 0 */
  requestTimeout?: number;
  /** Request headers; browsers set them on polling only. A function is asked like that of `query`. */
  extraHeaders?: RequestHeaders | (() => RequestHeaders | Promise<RequestHeaders>);
  /** Send cookies to other origins. @default false */
  withCredentials?: boolean;
  /** WebSocket subprotocols. */
  protocols?: string | string[];
  /** Close when the page is about to be left. @default false */
  closeOnBeforeunload?: boolean;
  /** Use the timers and the clock from before somebody (a test) replaced them. @default false */
  useNativeTimers?: boolean;
  /** Node: this connection doesn't keep the process alive. @default false */
  autoUnref?: boolean;
  /** Node: how binary data arrives. In browsers it is an ArrayBuffer. @default "nodebuffer" */
  binaryType?: "nodebuffer" | "arraybuffer";
  /** Node: an agent of node:http or node:https, for polling and the class of `ws`. @default Node's own */
  agent?: object | false;
  /** Node, as in `tls.connect`: authorities to trust. */
  ca?: TlsData | TlsData[];
  /** Node, as in `tls.connect`: the client's certificate. */
  cert?: TlsData | TlsData[];
  /** Node, as in `tls.connect`. */
  ciphers?: string;
  /** Node, as in `tls.connect`: the private key of `cert`. */
  key?: TlsData | TlsData[];
  /** Node, as in `tls.connect`: of `key` or `pfx`. */
  passphrase?: string;
  /** Node, as in `tls.connect`: key and certificate in one. */
  pfx?: TlsData | TlsData[];
  /** Node, as in `tls.connect`: false trusts whoever answers. @default true */
  rejectUnauthorized?: boolean;
}
