import { canSetSocketHeaders, host } from "../platform/browser.js";
import type { WebSocketClass, WebSocketLike } from "../platform/platform.js";
import { MESSAGE_TOO_BIG } from "../protocol/close-codes.js";
import type { BinaryData, EngineFrame } from "../protocol/engine-packet.js";
import { encodeFrame } from "../protocol/engine-payload.js";
import {
  deaf,
  endpointUrl,
  type Transport,
  type TransportFailure,
  type TransportOptions,
  type TransportSink,
} from "./transport.js";

const OPEN = 1;

/** The host's WebSocket: one engine packet a frame. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  readonly streams = true;
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  private _socket: WebSocketLike | undefined;
  private readonly _options: TransportOptions;

  constructor(options: TransportOptions) {
    this._options = options;
    this.query = options.query;
    if (options.forceBase64) this.query.b64 = 1;
  }

  get writable(): boolean {
    return this._socket?.readyState === OPEN;
  }

  get bufferedAmount(): number {
    try {
      return this._socket?.bufferedAmount ?? 0;
    } catch {
      // a custom class may throw here
      return 0;
    }
  }

  open(): void {
    const Class = this._options.WebSocket ?? host.WebSocket;
    if (!Class)
      return this._fail("error", undefined, {
        code: "websocket-blocked",
        hint: "this host has no WebSocket class: set one globally, or as transportOptions.websocket.WebSocket",
      });
    let socket: WebSocketLike;
    try {
      const url = endpointUrl(this._options, "ws", false);
      socket = this.create(Class, url, this._options);
    } catch (cause) {
      return this._fail("error", cause, { cause });
    }
    this._socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.sink.opened();
    socket.onmessage = (event: { data: string | BinaryData }) => {
      const { data } = event;
      if (typeof data === "string") this.sink.text(data);
      else this.sink.binary(data);
    };
    socket.onerror = (event: { message?: string; error?: unknown }) => {
      const status = / response: (\d{3})/.exec(event.message ?? "")?.[1];
      this._fail("error", event, {
        cause: event.error ?? event,
        ...(status && { status: +status }),
      });
    };
    socket.onclose = (event: { code?: number }) =>
      this._fail("close", "websocket connection closed", {
        context: event,
        ...(event.code === MESSAGE_TOO_BIG && { code: "too-large" }),
      });
  }

  send(frame: EngineFrame): boolean {
    const socket = this._socket;
    if (socket?.readyState !== OPEN) return false;
    try {
      socket.send(this._options.forceBase64 ? encodeFrame(frame) : frame);
    } catch (cause) {
      this._fail("error", cause, { cause });
    }
    return true;
  }

  write(frames: EngineFrame[]): void {
    for (const frame of frames) this.send(frame);
  }

  retire(done: () => void): undefined {
    done();
  }

  close(): void {
    this.sink = deaf;
    const socket = this._socket;
    if (!socket) return;
    this._socket = undefined;
    socket.onmessage = socket.onclose = null;
    // Android doesn't hear of a close() before it is open
    socket.onopen = () => socket.close();
    // some hosts throw for an error after close() that has no listener
    socket.onerror = () => {};
    try {
      socket.close();
    } catch {
      // a class whose close() throws: it has no listeners any more
    }
  }

  /** Makes the socket; a host may have more to say to its class. What it throws is a failure. */
  protected create(Class: WebSocketClass, url: string, options: TransportOptions): WebSocketLike {
    const { protocols, extraHeaders: headers } = options;
    if (headers && canSetSocketHeaders()) return new Class(url, protocols, { headers });
    return protocols ? new Class(url, protocols) : new Class(url);
  }

  private _fail(
    kind: TransportFailure["kind"],
    description: unknown,
    more?: Partial<TransportFailure>,
  ): void {
    const { sink } = this;
    this.close();
    sink.closed({ kind, message: "websocket error", description, ...more });
  }
}
