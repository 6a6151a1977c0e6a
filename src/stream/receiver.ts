import { ASYNC_ITERATOR } from "../async-iterator.js";
import { TautlineError } from "../errors.js";
import { type Answer, type Frame, invalid, isCount, type Measure, type Reply } from "./frames.js";
import { Side } from "./side.js";

interface Entry {
  readonly offset: number;
  readonly end: number;
  readonly frame: Pick<Frame, "data" | "complete" | "result">;
  reply: Reply;
}

type Waiting<T> = [(result: IteratorResult<T>) => void, (error: unknown) => void];

/** What a sender sends, one after the other. Written without generators: Hermes compiles no async ones. */
export class Receiver<T = unknown> extends Side implements AsyncIterableIterator<T> {
  private readonly _measure: Measure;
  private readonly _window: number;
  private readonly _isAnsweredLater: boolean;
  private readonly _waiting: Waiting<T>[] = [];
  private _queue: Entry[] = [];
  /** Handed out last: acked when the reader asks for the next one. */
  private _given: Entry | undefined = undefined;
  /** Offset of the frame that is to come next. */
  private _next: number;
  private _isComplete = false;
  private _error: unknown = undefined;

  /**
   * @param window - how much may wait to be read, in the unit of offsets
   * @param isAnsweredLater - the end is answered by `finish()`
   */
  constructor(measure: Measure, window: number, offset = 0, isAnsweredLater = false) {
    super(offset);
    this._measure = measure;
    this._window = window;
    this._next = offset;
    this._isAnsweredLater = isAnsweredLater;
  }

  /** All has arrived: the sender is not needed any more. */
  get isComplete(): boolean {
    return this._isComplete;
  }

  override get isIdle(): boolean {
    return this._waiting.length > 0;
  }

  [ASYNC_ITERATOR](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      this._waiting.push([resolve, reject]);
      this._ack();
      this._give();
    });
  }

  /** The reader leaves: the sender is told. */
  return(): Promise<IteratorResult<T>> {
    this.end(new TautlineError("aborted", "the reader has left"));
    this._error = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Answers the end, once it was read. */
  finish(result?: unknown): void {
    const { offset, _given } = this;
    this.end();
    _given?.reply({ offset, complete: true, result });
  }

  override bound({ offset, complete, result }: Answer): void {
    if (complete) this.received({ id: "", offset: this._next, complete, result }, () => {});
    else if (!isCount(offset) || offset > this._next) this.end(invalid("offset"));
  }

  override received(frame: Frame, reply: Reply): void {
    const { offset, data, complete } = frame;
    if (!isCount(offset) || offset > this._next) return this.end(invalid("offset"));
    const size = this._measure(data, offset);
    if (!isCount(size) || (!size && !complete)) return this.end(invalid("chunk"));
    if (offset < this._next || this._isComplete) return this._again(offset, reply);
    if (this._next - this.offset >= this._window && size) return this.end(invalid("amount"));
    const end = (this._next += size);
    if (size) this._queue.push({ offset, end, frame: { data }, reply });
    if (complete) {
      this._isComplete = true;
      this._queue.push({ offset: end, end, frame, reply });
    }
    this._give();
  }

  override finished(error: TautlineError | undefined): void {
    this._error = error;
    // what came before an error of the other side is still read, whatever its code
    if (error instanceof TautlineError && error.code === "aborted" && error.type !== "remote")
      this._queue = [];
    this._give();
  }

  /** It was sent again after a cut: the last answer is the one that can arrive. */
  private _again(offset: number, reply: Reply): void {
    const known = [this._given, ...this._queue].find((entry) => entry?.offset === offset);
    if (known) known.reply = reply;
    else reply({ offset: this.offset });
  }

  /** The reader is done with what it was given. */
  private _ack(): void {
    if (this._given?.frame.complete) return;
    this._given?.reply({ offset: this.offset });
    this._given = undefined;
  }

  private _give(): void {
    while (this._waiting.length) {
      const entry = this._queue.shift();
      // asked for already: what was given is handled
      if (!entry && this.state !== "ended" && !this._given?.frame.complete) return this._ack();
      const [resolve, reject] = this._waiting.shift() as Waiting<T>;
      if (entry) {
        this._ack();
        this._given = entry;
        this.offset = entry.end;
        const { data, complete, result } = entry.frame;
        if (!complete) resolve({ value: data as T, done: false });
        else {
          resolve({ value: result, done: true });
          if (!this._isAnsweredLater) this.finish();
        }
      } else if (this._error) {
        reject(this._error);
        this._error = undefined;
      } else resolve({ value: undefined, done: true });
    }
  }
}
