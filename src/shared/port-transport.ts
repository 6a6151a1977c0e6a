import type { TabPort } from "../platform/platform.js";
import type { BinaryData, EngineFrame } from "../protocol/engine-packet.js";
import {
  deaf,
  failureOf,
  type Transport,
  type TransportFailure,
  type TransportSink,
} from "../transports/transport.js";
import { type Ending, isPosition, messageOf, type Position, type UpMessage } from "./messages.js";

/** What the transport of a tab needs of it. */
export interface TransportOwner {
  /** The session wants a port: now, or when there is a host. */
  attach(transport: PortTransport): void;
  detach(transport: PortTransport): void;
  /** The host has said something. */
  heard(): void;
  /** A session has been let in. */
  began(): void;
  /** How far the tab has got in a namespace now. */
  moved(nsp: string, position: Position): void;
  /** What the host says besides packets. */
  told(message: readonly unknown[]): void;
}

/** The transport of a tab: to the switch in its host. */
export class PortTransport implements Transport {
  readonly name = "shared";
  readonly streams = true;
  readonly query: Record<string, unknown> = {};
  readonly bufferedAmount = 0;
  sink: TransportSink = deaf;
  /** The session has its handshake. */
  isOpen = false;
  /** The id of the host to which it leads. */
  host: string | undefined;
  private _isPaused = false;
  private _port: TabPort | undefined;
  private readonly _owner: TransportOwner;

  constructor(owner: TransportOwner) {
    this._owner = owner;
  }

  get writable(): boolean {
    return this.isOpen && !this._isPaused;
  }

  open(): void {
    this._owner.attach(this);
  }

  /** The host can be reached through this port; an earlier one led to another host. */
  connect(port: TabPort, host: string): void {
    this._port?.close();
    this._port = port;
    this.host = host;
    port.onmessage = ({ data }) => {
      if (port === this._port) this._receive(messageOf(data));
    };
  }

  post(message: UpMessage): void {
    this._port?.postMessage(message);
  }

  send(frame: EngineFrame): boolean {
    if (!this.writable) return false;
    try {
      this.post(["data", frame]);
    } catch (cause) {
      this._fail(failureOf(this, undefined, cause));
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
    this.post(["close"]);
    this._leave();
  }

  /** The host has ended the session, or is gone. */
  lose({ kind, message, code, description, hint, retryAfter, wasClean }: Ending): void {
    this._fail({
      kind,
      message,
      code,
      description,
      ...(hint && { hint }),
      retryAfter,
      // as a close frame tells it
      ...(wasClean !== undefined && { context: { wasClean } }),
    });
  }

  private _fail(failure: TransportFailure): void {
    const { sink } = this;
    this._leave();
    sink.closed(failure);
  }

  private _leave(): void {
    this.isOpen = false;
    this.sink = deaf;
    this._port?.close();
    this._port = undefined;
    this._owner.detach(this);
  }

  private _receive(message: readonly unknown[]): void {
    const [type, first, nsp, ...position] = message;
    const owner = this._owner;
    owner.heard();
    switch (type) {
      case "data":
        // before the packet is handed on: what comes of it may end the session
        if (typeof nsp === "string" && isPosition(position)) owner.moved(nsp, position);
        for (const frame of messageOf(first)) this._frame(frame);
        return;
      case "pause":
        this._isPaused = true;
        return this.post(["paused"]);
      case "resume":
        this._isPaused = false;
        return this.sink.drained();
    }
    owner.told(message);
    if (type === "end") this.lose((first ?? {}) as Ending);
  }

  private _frame(frame: unknown): void {
    if (!this.isOpen) {
      this.isOpen = true;
      this._owner.began();
    }
    if (typeof frame === "string") this.sink.text(frame);
    else this.sink.binary(frame as BinaryData);
  }
}
