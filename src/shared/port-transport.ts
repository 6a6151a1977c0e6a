import { atEndOfTick } from "../platform/browser.js";
import type { TabPort } from "../platform/platform.js";
import type { BinaryData, EngineFrame } from "../protocol/engine-packet.js";
import { copyBinary } from "../protocol/engine-payload.js";
import { deaf, failureOf, type Transport, type TransportSink } from "../transports/transport.js";
import { type Ending, messageOf, sizeOf, type UpMessage, WINDOW } from "./messages.js";

/** What the transport needs of its tab. */
export interface TransportOwner {
  /** The session needs a port: now, or as soon as there is a host. */
  attach(transport: PortTransport): void;
  /** @param ending - why, if it was not the tab that ended the session */
  detach(transport: PortTransport, ending: Ending | undefined): void;
  /** The host has sent something. Its packets are delivered after this call. */
  told(message: readonly unknown[]): void;
  /** The session has been accepted. */
  began(): void;
}

/** The transport of a tab: to the switch in its host. */
export class PortTransport implements Transport {
  readonly name = "shared";
  readonly streams = true;
  readonly query: Record<string, unknown> = {};
  /** Bytes that the host has not passed on yet, or the connection has not taken. */
  bufferedAmount = 0;
  sink: TransportSink = deaf;
  /** The session has completed its handshake. */
  isOpen = false;
  /** The id of the host that it is connected to. */
  host: string | undefined;
  private _port: TabPort | undefined;
  /** How many bytes may be in flight: 0 before the handshake, and while the host hands over. */
  private _window = 0;
  /** The packets of this tick. */
  private _frames: EngineFrame[] = [];
  private readonly _owner: TransportOwner;

  constructor(owner: TransportOwner) {
    this._owner = owner;
  }

  get writable(): boolean {
    return this.bufferedAmount < this._window;
  }

  open(): void {
    this._owner.attach(this);
  }

  /** Connects to the host through this port. An earlier port led to another host. */
  connect(port: TabPort, host: string): void {
    this._port?.close();
    this._port = port;
    this.host = host;
    port.onmessage = ({ data }) => port === this._port && this._receive(messageOf(data));
  }

  post(message: UpMessage): void {
    this._flush();
    this._port?.postMessage(message);
  }

  /** Packets of one tick are sent in one message, because a message costs more than a small packet. */
  send(frame: EngineFrame): boolean {
    if (!this._window) return false;
    this.bufferedAmount += sizeOf(frame);
    // the app may change the buffer before the end of the tick
    if (this._frames.push(copyBinary(frame)) === 1) atEndOfTick(() => this._flush());
    return true;
  }

  /** For transports that send batches. */
  write(): void {}

  retire(done: () => void): undefined {
    done();
  }

  close(): void {
    this.sink = deaf;
    this.lose(undefined);
  }

  /** The session is over, whichever side has ended it. */
  lose(ending: Ending | undefined): void {
    const { sink } = this;
    this.post(["close"]);
    this.isOpen = false;
    this.bufferedAmount = this._window = 0;
    this.sink = deaf;
    this._port?.close();
    this._port = undefined;
    this._owner.detach(this, ending);
    if (ending) sink.closed(ending);
  }

  private _flush(): void {
    const { _frames: frames } = this;
    if (!frames.length) return;
    this._frames = [];
    try {
      this._port?.postMessage(["data", frames]);
    } catch (cause) {
      this.lose(failureOf(this, undefined, cause));
    }
  }

  private _receive(message: readonly unknown[]): void {
    const { _owner: owner } = this;
    const [type, first] = message;
    // store the position before the packet is delivered, because its listener may end the session
    owner.told(message);
    if (type === "end") this.lose({ ...(first as Ending) });
    else if (type === "pause") {
      this._window = 0;
      this.post(["paused"]);
    } else if (type === "taken") {
      this.bufferedAmount -= Number(first) || 0;
      if (this.writable) this.sink.drained();
    } else if (type === "data")
      for (const frame of messageOf(first)) {
        if (!this.isOpen) {
          this.isOpen = true;
          this._window = WINDOW;
          owner.began();
        }
        if (typeof frame === "string") this.sink.text(frame);
        else if (frame) this.sink.binary(frame as BinaryData);
      }
  }
}
