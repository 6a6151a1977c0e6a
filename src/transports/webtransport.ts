import { host } from "../platform/browser.js";
import { bytesOf } from "../protocol/base64.js";
import type { EngineFrame } from "../protocol/engine-packet.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import { frameHeader, StreamDecoder } from "../protocol/stream-framing.js";
import {
  deaf,
  endpointUrl,
  type Transport,
  type TransportFailure,
  type TransportOptions,
  type TransportSink,
} from "./transport.js";

/** The part of the host's WebTransport that is used. */
interface Connection {
  readonly ready: Promise<unknown>;
  readonly closed: Promise<unknown>;
  createBidirectionalStream(): Promise<{
    readable: ReadableStream<Uint8Array>;
    writable: WritableStream<Uint8Array>;
  }>;
  close(): void;
}

type ConnectionClass = new (url: string, options?: object) => Connection;

/** HTTP/3: engine packets on one bidirectional stream. Only where the host has WebTransport. */
export class WebTransportTransport implements Transport {
  readonly name = "webtransport";
  readonly streams = true;
  readonly query: Record<string, unknown>;
  sink: TransportSink = deaf;
  private readonly _options: TransportOptions;
  private _connection: Connection | undefined;
  private _writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  private readonly _broken = (cause: unknown): void => this._fail("error", cause);
  private _buffered = 0;

  constructor(options: TransportOptions) {
    this._options = options;
    this.query = options.query;
  }

  get writable(): boolean {
    return this._writer !== undefined;
  }

  get bufferedAmount(): number {
    return this._buffered;
  }

  open(): void {
    const Class = host.WebTransport as ConnectionClass | undefined;
    if (!Class) return this._broken("this host has no WebTransport");
    let connection: Connection;
    try {
      // WebTransport has no plain-text form: the scheme is always https
      const url = endpointUrl({ ...this._options, secure: true }, "http", false);
      connection = new Class(url, this._options);
    } catch (cause) {
      return this._broken(cause);
    }
    this._connection = connection;
    connection.closed.then((info) => {
      if (this._connection === connection) this._fail("close", info);
    }, this._broken);
    connection.ready
      .then(() => connection.createBidirectionalStream())
      .then(({ readable, writable }) => {
        if (this._connection !== connection) return;
        this._writer = writable.getWriter();
        const { sid } = this.query;
        this.send(EnginePacketType.open + (sid ? JSON.stringify({ sid }) : ""));
        this.sink.opened();
        return this._read(readable.getReader());
      })
      .catch(this._broken);
  }

  send(frame: EngineFrame): boolean {
    const writer = this._writer;
    if (!writer) return false;
    const body = typeof frame === "string" ? new TextEncoder().encode(frame) : bytesOf(frame);
    const header = frameHeader(body.length, typeof frame !== "string");
    const packet = new Uint8Array(header.length + body.length);
    packet.set(header);
    packet.set(body, header.length);
    this._buffered += packet.length;
    writer.write(packet).then(() => {
      this._buffered -= packet.length;
    }, this._broken);
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
    const connection = this._connection;
    const writer = this._writer;
    this._connection = this._writer = undefined;
    const close = (): void => {
      try {
        connection?.close();
      } catch {
        // closing one that never got ready throws on some hosts: it is closed all the same
      }
    };
    // what was handed over goes first
    if (writer) writer.close().then(close, close);
    else close();
  }

  private async _read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new StreamDecoder();
    const text = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (!this._connection) return;
      if (done) return this._fail("close", "the server closed the stream");
      decoder.add(value, (body, binary) => {
        if (binary) this.sink.binary(body.slice().buffer);
        else this.sink.text(text.decode(body));
      });
    }
  }

  private _fail(kind: TransportFailure["kind"], cause: unknown): void {
    const { sink } = this;
    this.close();
    sink.closed({ kind, message: "webtransport error", description: cause, cause });
  }
}
