import type { Decoder } from "../protocol/codec.js";
import { EnginePacketType } from "../protocol/engine-packet.js";
import type { Encoded, SocketPacket } from "../protocol/socket-packet.js";
import type { TabPort } from "../platform/platform.js";
import {
  type DownMessage,
  type Ending,
  messageOf,
  type Position,
  type Positions,
  positionsOf,
} from "./messages.js";

/** Engine.IO's times are this long: a tab asks by itself whether the host is alive, as timers of hidden pages are slow. */
const NEVER = 1e9;

/** What a seat needs of its switch. */
export interface SeatOwner {
  /** A Socket.IO packet of a tab. */
  take(seat: Seat, packet: SocketPacket): void;
  pinged(seat: Seat, isVisible: boolean): void;
  paused(seat: Seat): void;
  /** The session is over. */
  left(seat: Seat): void;
}

/** One session of a tab, as its host sees it: the server's end of an Engine.IO session. */
export class Seat {
  /** How far the tab had got when it came. */
  readonly positions: ReadonlyMap<string, Position>;
  isOpen = false;
  isVisible = false;
  isPaused = false;
  private readonly _port: TabPort;
  private readonly _owner: SeatOwner;
  private readonly _decoder: Decoder;
  /** By namespace: the events that the tab listens to; null: all. */
  private readonly _names = new Map<string, ReadonlySet<unknown> | null>();

  constructor(
    readonly tab: string,
    port: TabPort,
    positions: unknown,
    decoder: Decoder,
    owner: SeatOwner,
  ) {
    this._port = port;
    this._owner = owner;
    this._decoder = decoder;
    this.positions = positionsOf(positions);
    port.onmessage = ({ data }) => this._receive(messageOf(data));
  }

  /** There is a connection: the tab gets its handshake. */
  open(sid: string, maxPayload: number): void {
    if (this.isOpen) return;
    this.isOpen = true;
    const handshake = { sid, upgrades: [], pingInterval: NEVER, pingTimeout: NEVER, maxPayload };
    this.post(["data", [EnginePacketType.open + JSON.stringify(handshake)]]);
  }

  listensTo(nsp: string, event: unknown): boolean {
    const names = this._names.get(nsp);
    return names === null || !!names?.has(event);
  }

  /** A packet for the tab, and the position that it leads to. */
  packet(encoded: Encoded, nsp?: string, position?: Position): void {
    const frames = (typeof encoded === "string" ? [encoded] : encoded).map((frame) =>
      typeof frame === "string" ? EnginePacketType.message + frame : frame,
    );
    this.post(nsp && position ? ["data", frames, nsp, ...position] : ["data", frames]);
  }

  post(message: DownMessage): void {
    this._port.postMessage(message);
  }

  end(ending: Ending, positions: Positions, isYours = false): void {
    this.post(["end", ending, positions, isYours]);
    this.close();
  }

  close(): void {
    this._port.onmessage = null;
    this._port.close();
    this._decoder.destroy();
  }

  private _receive([type, first, second]: readonly unknown[]): void {
    const owner = this._owner;
    switch (type) {
      case "data":
        return this._frame(first);
      case "listen":
        this._names.set(first as string, second === null ? null : new Set(messageOf(second)));
        return;
      case "ping":
        return owner.pinged(this, first === true);
      case "paused":
        return owner.paused(this);
      case "close":
        return owner.left(this);
    }
  }

  private _frame(frame: unknown): void {
    const decoder = this._decoder;
    let packet: SocketPacket | undefined;
    try {
      if (typeof frame !== "string") packet = decoder.binary(frame as ArrayBuffer);
      else if (frame.startsWith(EnginePacketType.message)) packet = decoder.text(frame, 1);
    } catch {
      // another version, or a fault in this one: the tab begins anew
      this.end({ kind: "error", message: "shared error", code: "parse-error" }, []);
      return this._owner.left(this);
    }
    if (packet) this._owner.take(this, packet);
  }
}
