import { type Chart, Machine } from "../machine.js";
import { TautlineError } from "../errors.js";
import {
  type Answer,
  failure,
  type Frame,
  fromWire,
  invalid,
  type Peer,
  type Reply,
  toWire,
} from "./frames.js";
import { type StreamEvent, type StreamState, streamTable } from "./stream-table.js";

const chart: Chart<StreamState, StreamEvent, unknown, Side> = {
  table: streamTable,
  announcements: {
    flowing: (answer, side) => side.bound(answer as Answer),
    ended: (error, side) => {
      side.finished(error as TautlineError | undefined);
      side.onEnd?.(error as TautlineError | undefined);
    },
  },
};

/** One side of a stream: what sender and receiver have in common. */
export abstract class Side {
  /** A sender's: all before it is acked. A receiver's: all before it was handed out. */
  offset: number;
  /** Told once, when it has ended. */
  onEnd: ((error?: TautlineError) => void) | undefined = undefined;
  /** The other side's: kept when the connection is lost, until there is a new one. */
  protected peer: Peer | undefined = undefined;
  private readonly _machine = new Machine(chart, "waiting", this as Side);

  constructor(offset: number) {
    this.offset = offset;
  }

  get state(): StreamState {
    return this._machine.state;
  }

  /** The other side is being asked. */
  ask(peer: Peer): void {
    this.peer = peer;
    this._machine.send("ask", undefined);
  }

  /** The other side is there, and has said where it is. */
  bind(peer: Peer, answer: Answer): void {
    this.peer = peer;
    this.guard(() => {
      if (answer.error) this.end(fromWire(answer.error), false);
      else this._machine.send("bind", answer);
    });
  }

  /** The connection is lost. */
  lose(): void {
    this._machine.send("lose", undefined);
  }

  /** @param isTold - whether the other side hears of the error */
  end(error?: TautlineError, isTold = error !== undefined): void {
    const { peer } = this;
    if (this._machine.send("end", error) && isTold) peer?.send({ error: toWire(error) });
  }

  /** The app's part of it has thrown this, whatever it is. */
  fail(error: unknown): void {
    this.end(failure(error));
  }

  /** Something that the other side has sent. */
  hear(frame: Frame, reply: Reply): void {
    this.guard(() => {
      if (!frame.error) return this.received(frame, reply);
      this.end(fromWire(frame.error), false);
      reply({});
    });
  }

  /** All input of the other side arrives here: an error while handling it ends this stream only. */
  protected guard(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.end(error instanceof TautlineError ? error : invalid("frame"));
    }
  }

  /** It waits for the other side only. */
  abstract get isIdle(): boolean;
  abstract received(frame: Frame, reply: Reply): void;
  abstract bound(answer: Answer): void;
  abstract finished(error: TautlineError | undefined): void;
}
