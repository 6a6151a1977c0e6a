import { canSetSocketHeaders, host } from "../platform/browser.js";
import type { WebSocketLike } from "../platform/platform.js";
import type { BinaryData, EngineFrame } from "../protocol/engine-packet.js";
import { encodeFrame } from "../protocol/engine-payload.js";
import {
  deaf,
  endpointUrl,
  type Transport,
  type TransportFailure,
  type TransportOptions,
  type TransportSink,
  Turns,
} from "./transport.js";

const OPEN = 1;

/** The host's WebSocket: one engine packet a frame. */
export class WebSocketTransport implements Transport {
  readonly name = "websocket";
  readonly streams = true;
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  #socket: WebSocketLike | undefined;
  readonly #options: TransportOptions;
  /** Where binary data goes as base64. */
  readonly #turns: Turns | undefined;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.query = options.query;
    if (!options.forceBase64) return;
    this.query.b64 = 1;
    this.#turns = new Turns(
      (frame) => this.#socket?.send(encodeFrame(frame)),
      (cause) => this.#fail("error", cause, { cause }),
    );
  }

  get writable(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  open(): void {
    const { protocols, extraHeaders } = this.#options;
    const Class = this.#options.WebSocket ?? host.WebSocket;
    if (!Class) return this.#fail("error", "this host has no WebSocket");
    let socket: WebSocketLike;
    try {
      const url = endpointUrl(this.#options, "ws", false);
      socket =
        extraHeaders && canSetSocketHeaders()
          ? new Class(url, protocols, { headers: extraHeaders })
          : protocols
            ? new Class(url, protocols)
            : new Class(url);
    } catch (cause) {
      return this.#fail("error", cause, { cause });
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.sink.opened();
    socket.onmessage = (event: { data: string | BinaryData }) => {
      const { data } = event;
      if (typeof data === "string") this.sink.text(data);
      else this.sink.binary(data);
    };
    socket.onerror = (event: { message?: string; error?: unknown }) => {
      const status = / response: (\d{3})/.exec(event.message ?? "")?.[1];
      this.#fail("error", event, {
        cause: event.error ?? event,
        ...(status && { status: +status }),
      });
    };
    socket.onclose = (event: unknown) =>
      this.#fail("close", "websocket connection closed", { context: event });
  }

  send(frame: EngineFrame): boolean {
    const socket = this.#socket;
    if (socket?.readyState !== OPEN) return false;
    if (this.#turns) this.#turns.take(frame);
    else socket.send(frame as never);
    return true;
  }

  write(frames: EngineFrame[]): void {
    for (const frame of frames) this.send(frame);
  }

  retire(done: () => void): void {
    done();
  }

  close(): void {
    this.sink = deaf;
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // some hosts throw when nobody listens to an error that comes after close()
    socket.onerror = () => {};
    socket.close();
  }

  #fail(
    kind: TransportFailure["kind"],
    description: unknown,
    more?: Partial<TransportFailure>,
  ): void {
    const { sink } = this;
    this.close();
    sink.closed({ kind, message: "websocket error", description, ...more });
  }
}
