import type { TabPort } from "../platform/platform.js";
import type { Decoder } from "../protocol/codec.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import {
  type DownMessage,
  type Ending,
  messageOf,
  type Position,
  type Positions,
  sizeOf,
} from "./messages.js";

/**
 * The heartbeat of Engine.IO is effectively off: a tab checks itself whether the host is alive, because timers of
 * hidden pages are slow.
 */
const NEVER = 1e9;

/** What a seat needs of its switch. */
export interface SeatOwner {
  /** A Socket.IO packet of a tab. */
  take(seat: Seat, packet: SocketPacket): void;
  pinged(seat: Seat): void;
  /** The session is over. */
  left(seat: Seat): void;
  /** A message of another tab has arrived. `task` handles it, unless this tab is no longer the host. */
  read(task: () => void): void;
  /** The tab has sent something. */
  weigh(seat: Seat): void;
}

/** One session of a tab, as its host sees it: the server's end of an Engine.IO session. */
export class Seat {
  isOpen = false;
  /** The tab sends nothing more. */
  isPaused = false;
  /** The number of pending acks of this tab. */
  asked = 0;
  /** Bytes from the tab that were not yet confirmed as taken by the connection. */
  owed = 0;
  /** Undefined when the session is over. */
  private _port: TabPort | undefined;
  private readonly _owner: SeatOwner;
  private readonly _decoder: Decoder;
  /** By namespace: the events that have listeners in the tab; null: all events. */
  private readonly _names = new Map<unknown, unknown[] | null>();

  /**
   * @param positions - how far the tab had got when it came
   * @param isVisible - whether the tab is
   * @param isNear - what comes has not waited anywhere
   */
  constructor(
    port: TabPort,
    readonly tab: string,
    readonly positions: Positions,
    decoder: Decoder,
    owner: SeatOwner,
    public isVisible: boolean,
    isNear: boolean,
  ) {
    this._port = port;
    this._owner = owner;
    this._decoder = decoder;
    port.onmessage = ({ data }) => {
      const read = (): void => void (this._port && this._receive(messageOf(data)));
      if (isNear) read();
      else owner.read(read);
    };
  }

  /** The connection is open: the tab gets its handshake. */
  open(maxPayload: number): void {
    const handshake = { sid: this.tab, pingInterval: NEVER, pingTimeout: NEVER, maxPayload };
    this.isOpen = true;
    this.post(["data", [EnginePacketType.open + JSON.stringify(handshake)]]);
  }

  listensTo(nsp: string, event: unknown): boolean {
    const names = this._names.get(nsp);
    return names === null || !!names?.includes(event);
  }

  /** A packet for the tab, and the position after it. */
  packet(encoded: Encoded, nsp?: string, position?: Position): void {
    const frames = (typeof encoded === "string" ? [encoded] : encoded).map((frame) =>
      typeof frame === "string" ? EnginePacketType.message + frame : frame,
    );
    this.post(["data", frames, nsp, position]);
  }

  /** Tells the tab how many bytes the connection has taken. */
  grant(): void {
    if (this.owed) this.post(["taken", this.owed]);
    this.owed = 0;
  }

  post(message: DownMessage): void {
    this._port?.postMessage(message);
  }

  close(): void {
    if (this._port) this._port.onmessage = null;
    this._port?.close();
    this._port = undefined;
  }

  private _receive([type, first, second]: readonly unknown[]): void {
    const { _owner: owner } = this;
    switch (type) {
      case "data":
        for (const frame of messageOf(first)) if (this._port) this._frame(frame);
        return owner.weigh(this);
      case "listen":
        this._names.set(first, second === null ? null : [...messageOf(second)]);
        return;
      case "paused":
        this.isPaused = true;
        return owner.pinged(this);
      case "ping":
        this.isVisible = !!first;
        return owner.pinged(this);
      case "close":
        return owner.left(this);
    }
  }

  private _frame(frame: unknown): void {
    const { _decoder: decoder, _owner: owner } = this;
    let packet: SocketPacket | undefined;
    try {
      this.owed += sizeOf(frame);
      if (typeof frame !== "string") packet = decoder.binary(frame as ArrayBuffer);
      else if (frame.startsWith(EnginePacketType.message)) packet = decoder.text(frame, 1);
    } catch {
      // another version, or a bug in this one: the tab starts over
      const ending: Ending = { kind: "error", message: "shared error", code: "parse-error" };
      this.post(["end", ending, new Map(), false]);
      return owner.left(this);
    }
    if (packet) owner.take(this, packet);
  }
}
