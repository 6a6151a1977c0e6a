import type { TautlineError } from "../errors.js";
import type { Answer, Frame, Peer, Reply } from "../stream/frames.js";
import { toWire } from "../stream/frames.js";
import type { Side } from "../stream/side.js";

/** The part of a socket.io server's socket that is used, or what `overWebSockets()` makes of a WebSocket. */
export interface StreamPeerSocket {
  readonly connected: boolean;
  /** Where the socket belongs to: a namespace. */
  readonly nsp?: unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: never[]): unknown;
}

/** Handles the end of a stream, and its timeouts. */
export interface EntryOwner {
  readonly event: string;
  /** Milliseconds. */
  readonly keep: number;
  readonly idleTimeout: number;
  ended(entry: StreamEntry, error: TautlineError | undefined): void;
  expired(entry: StreamEntry): void;
}

/** One stream as the server knows it: its side, and the socket over which the client was heard last. */
export class StreamEntry {
  readonly id: string;
  /** Whose it is: nobody else may go on with it. */
  readonly user: unknown;
  /** Aborted when it ends with an error. */
  readonly controller = new AbortController();
  /** Made by the app, which may take its time. */
  side: Side | undefined = undefined;
  opening: Promise<{ side: Side; begin?: () => void }> | undefined = undefined;
  /** What it has ended with: the client may have missed it. */
  outcome: Answer | undefined = undefined;
  /** What the opening is answered with, besides the offset. */
  answer: Answer = {};
  /** Adds to each answer. */
  decorate: ((answer: Answer) => Answer) | undefined = undefined;
  private readonly _owner: EntryOwner;
  private _socket: StreamPeerSocket | undefined = undefined;
  private _begin: (() => void) | undefined = undefined;
  private _timer: NodeJS.Timeout | undefined = undefined;
  /** How long that timer takes. */
  private _ms = 0;

  constructor(owner: EntryOwner, id: string, user: unknown) {
    this._owner = owner;
    this.id = id;
    this.user = user;
  }

  get socket(): StreamPeerSocket | undefined {
    return this._socket;
  }

  /**
   * From now on the client is heard over this socket, and over no other one.
   *
   * @param takenOver - what the other one is told, if it is still there
   */
  attach(socket: StreamPeerSocket, takenOver: TautlineError): void {
    const before = this._socket;
    this._socket = socket;
    if (before && before !== socket && before.connected)
      before.emit(this._owner.event, { id: this.id, error: toWire(takenOver) } as never);
    this.touch();
  }

  /** The client is away. */
  detach(): void {
    this._socket = undefined;
    this.side?.lose();
    this.touch();
  }

  /** The app has made its side. */
  start({ side, begin }: { side: Side; begin?: () => void }): Side {
    if (this.side) return this.side;
    this.side = side;
    this._begin = begin;
    side.onEnd = (error) => {
      this.outcome ??= error ? { error: toWire(error) } : { offset: side.offset, complete: true };
      if (error) this.controller.abort(error);
      // what it holds is let go; its end is remembered
      this.side = this.opening = undefined;
      this._owner.ended(this, error);
      this.touch();
    };
    return side;
  }

  /** The client knows of it. */
  begin(): void {
    const { _begin: begin } = this;
    this._begin = undefined;
    begin?.();
  }

  bind(frame: Frame): void {
    const socket = this._socket;
    if (!socket) return;
    const { event } = this._owner;
    const peer: Peer = {
      send: (part, answered) => {
        // a connection that is about to be given up may still answer
        const isCurrent = (): boolean => this._socket === socket;
        const done = (answer: unknown): void => {
          if (!isCurrent()) return;
          this.touch();
          answered?.(Object(answer) as Answer);
        };
        if (!isCurrent()) return;
        // the app may replace the error
        const packet = { ...(part.error ? this.outcome : part), id: this.id };
        try {
          socket.emit(event, ...((answered ? [packet, done] : [packet]) as never[]));
        } catch (error) {
          // what the app has given can't be written
          this.side?.fail(error);
        }
      },
    };
    this.side?.bind(peer, {
      offset: frame.offset ?? 0,
      ...(frame.limit !== undefined && { limit: frame.limit }),
    });
  }

  hear(frame: Frame, reply: Reply): void {
    this.touch();
    this.side?.hear(frame, (answer) => {
      try {
        reply(answer.error ? answer : (this.decorate?.(answer) ?? answer));
      } catch (error) {
        // the app's result can't be written
        const { outcome } = this;
        this.outcome = { error: toWire(error) };
        if (outcome)
          this._socket?.emit(this._owner.event, { id: this.id, ...this.outcome } as never);
      }
    });
  }

  /** Something was heard of it: its time begins anew. */
  touch(): void {
    const { keep, idleTimeout } = this._owner;
    const ms = Math.min(this._socket && !this.outcome ? idleTimeout : keep, 2 ** 31 - 1);
    if (this._timer && ms === this._ms) return void this._timer.refresh();
    clearTimeout(this._timer);
    this._ms = ms;
    this._timer = setTimeout(() => this._rings(), ms);
    this._timer.unref();
  }

  forget(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
  }

  private _rings(): void {
    // a generator may take its time, and so may a sink
    if (this._socket && !this.outcome && this.side && !this.side.isIdle) this.touch();
    else this._owner.expired(this);
  }
}
