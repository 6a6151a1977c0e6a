import { TautlineError } from "../errors.js";
import {
  type Answer,
  failure,
  type Frame,
  fromWire,
  invalid,
  isCount,
  type Measure,
  type Reply,
} from "./frames.js";
import { Side } from "./side.js";

/** Where a sender's items come from. */
export interface Source {
  /** @param offset - of the item that is asked for */
  next(
    offset: number,
  ): IteratorResult<unknown, unknown> | PromiseLike<IteratorResult<unknown, unknown>>;
  return?(): unknown;
  /** It can read from any offset. */
  readonly canSeek?: boolean;
}

type Item = Omit<Frame, "id"> & {
  offset: number;
  /** The offset behind it. */
  readonly end: number;
};

/** Sends what a source gives, within a window, and keeps it until it is acked. */
export class Sender extends Side {
  /** What the receiver has answered at the end. */
  result: unknown = undefined;
  /** Told when something was sent or acked. */
  onProgress: (() => void) | undefined = undefined;
  /** All before it was sent on this connection, or before. */
  sent: number;
  private readonly _source: Source;
  private readonly _measure: Measure;
  private readonly _window: number;
  private readonly _most: number;
  private _limit: number;
  /** Read, and not acked; so many of them are sent. */
  private _items: Item[] = [];
  private _inFlight = 0;
  /** Where the end was said to be, over this connection or before. */
  private _end: number | undefined = undefined;
  /** Where the source is. */
  private _position: number;
  private _isReading = false;
  private _isPaused = false;
  /** What the source has thrown: the last of its items, told when those before it are acked. */
  private _failure: TautlineError | undefined = undefined;

  /**
   * @param window - how much may be under way, in the unit of offsets
   * @param most - how many frames that may be
   */
  constructor(source: Source, measure: Measure, window: number, offset = 0, most = window) {
    super(offset);
    this._source = source;
    this._measure = measure;
    this._window = this._limit = window;
    this._most = most;
    this._position = this.sent = offset;
  }

  /** A receiver may begin again anywhere between `offset` and this. */
  get position(): number {
    return this._position;
  }

  override get isIdle(): boolean {
    return this._inFlight > 0;
  }

  get isPaused(): boolean {
    return this._isPaused;
  }

  set isPaused(isPaused: boolean) {
    this._isPaused = isPaused;
    void this._pump();
  }

  override bound(answer: Answer): void {
    const { offset } = answer;
    this._inFlight = 0;
    if (isCount(offset) && !answer.complete) {
      if (this._source.canSeek) {
        this._items = [];
        this._position = offset;
        this._failure = undefined;
      } else if (offset < this.offset)
        return this.end(
          new TautlineError("unknown-stream", "what it asks for is not kept any more"),
        );
      this.offset = this.sent = offset;
      this._drop();
    }
    this._answered(answer, true);
  }

  override received(_frame: Frame, reply: Reply): void {
    reply({});
  }

  override finished(): void {
    this._items = [];
    void Promise.resolve(this._source)
      .then((source) => source.return?.())
      .catch(() => {});
  }

  override end(error?: TautlineError, isTold?: boolean): void {
    super.end(error && (this._failure ?? error), isTold);
  }

  /** @param isOpening - it answers the opening: the other side may have had all of it before */
  private _answered(answer: Answer, isOpening = false): void {
    const { error, offset, limit, complete, result } = answer;
    if (error) return this.end(fromWire(error), false);
    if (!isCount(offset) || (complete ? !isOpening && offset !== this._end : offset > this.sent))
      return this.end(invalid("offset"));
    if (complete) {
      this.result = result;
      return this.end();
    }
    if (offset > this.offset) {
      this.offset = offset;
      this._drop();
    }
    // one is always let through: its answer makes room
    if (isCount(limit)) this._limit = Math.min(this._window, limit || 1);
    this.onProgress?.();
    void this._pump();
  }

  private _drop(): void {
    for (let first; (first = this._items[0]); this._items.shift()) {
      if (first.end > this.offset || first.complete) return;
      if (this._inFlight) this._inFlight--;
    }
  }

  private async _pump(): Promise<void> {
    while (this.state === "flowing" && !this._isPaused) {
      const item = this._items[this._inFlight];
      if (item) this.guard(() => this._send(item));
      else if (this._failure && !this._inFlight) return this.end(this._failure);
      else if (
        this._isReading ||
        this._failure ||
        this._items[this._inFlight - 1]?.complete ||
        this._position - this.offset >= this._limit ||
        this._inFlight >= this._most
      )
        return;
      else await this._read(this._position);
    }
  }

  private _send(item: Item): void {
    const { end, ...frame } = item;
    const done = this.offset - frame.offset;
    if (done > 0) {
      // the receiver has the first part of these bytes
      frame.offset = this.offset;
      frame.data = (frame.data as Uint8Array).slice(done);
    }
    this._inFlight++;
    if (frame.complete) this._end = end;
    this.sent = Math.max(this.sent, end);
    this.peer?.send(frame, (answer) => this.guard(() => this._answered(answer)));
    this.onProgress?.();
  }

  private async _read(at: number): Promise<void> {
    this._isReading = true;
    try {
      const { done, value } = await this._source.next(at);
      // it was told to read elsewhere meanwhile
      if (at !== this._position) return;
      const size = done ? 0 : this._measure(value ?? null, at);
      if (!isCount(size)) throw new TautlineError("invalid-option", "a chunk has to be bytes");
      if (done && at < this.offset) throw invalid("offset");
      this._position += size;
      const end = this._position;
      if (done) this._items.push({ offset: at, complete: true, result: value, end });
      // JSON has no undefined
      else if (size) this._items.push({ offset: at, data: value ?? null, end });
      this._drop();
    } catch (error) {
      if (at === this._position) this._failure = failure(error);
    } finally {
      this._isReading = false;
    }
  }
}
