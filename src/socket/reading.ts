import { TautlineError } from "../errors.js";
import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { abortion, disconnection } from "./outcomes.js";
import { waitFor, type WaitOptions } from "./waiting.js";

/** How `socket.events()` reads. */
export interface EventsOptions {
  /** Ends the loop with the error `aborted`. */
  signal?: AbortSignal;
  /** How many events may wait for the loop. @default 1000 */
  limit?: number;
  /**
   * What happens to one more. "drop-oldest" and "drop-newest" lose one; "error" ends the loop with the error `overflow`.
   *
   * @default "error"
   */
  overflow?: "drop-oldest" | "drop-newest" | "error";
}

/** What is read from: a socket. */
export interface EventSource {
  listen(event: string, listener: (...args: unknown[]) => void): Cancel;
  /** `ended` is called when no more events can come: the socket isn't active any more. */
  onEnd(ended: () => void): Cancel;
  readonly timers: Timers;
}

type Waiting<T> = [(result: IteratorResult<T>) => void, (error: TautlineError) => void];

/** The events of one name, one after another. Written without generators: Hermes compiles no async ones. */
export class EventReader<T extends unknown[]> implements AsyncIterableIterator<T> {
  private readonly _queue: T[] = [];
  private readonly _waiting: Waiting<T>[] = [];
  private readonly _undo: Cancel[];
  private _error: TautlineError | undefined;
  private _done = false;

  constructor(source: EventSource, event: string, options: EventsOptions = {}) {
    const { signal, limit = 1000, overflow = "error" } = options;
    const abort = (): void => this._end(abortion(signal));
    this._undo = [
      source.listen(event, (...args) => this._push(args as T, limit, overflow)),
      source.onEnd(() => this._end()),
      listenTo(signal, "abort", abort),
    ];
    if (signal?.aborted) abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      const args = this._queue.shift();
      if (args) resolve({ value: args, done: false });
      else if (this._error) {
        reject(this._error);
        this._error = undefined;
      } else if (this._done) resolve({ value: undefined, done: true });
      else this._waiting.push([resolve, reject]);
    });
  }

  /** Called when a loop is left: nothing is listened to any more. */
  return(): Promise<IteratorResult<T>> {
    this._queue.length = 0;
    this._end();
    return Promise.resolve({ value: undefined, done: true });
  }

  private _push(args: T, limit: number, overflow: EventsOptions["overflow"]): void {
    const first = this._waiting.shift();
    if (first) first[0]({ value: args, done: false });
    else if (this._queue.length < limit) this._queue.push(args);
    else if (overflow === "drop-oldest") {
      this._queue.shift();
      this._queue.push(args);
    } else if (overflow === "error")
      this._end(new TautlineError("overflow", `more than ${limit} events wait to be read`));
  }

  private _end(error?: TautlineError): void {
    if (this._done) return;
    this._done = true;
    for (const undo of this._undo ?? []) undo();
    const waiting = this._waiting.splice(0);
    if (error && !waiting.length) this._error = error;
    for (const [resolve, reject] of waiting)
      if (error) reject(error);
      else resolve({ value: undefined, done: true });
  }
}

/** The arguments of the next event of this name. */
export function nextEvent<T extends unknown[]>(
  source: EventSource,
  event: string,
  options: WaitOptions = {},
): Promise<T> {
  return waitFor<T>(source.timers, options, (settle) => {
    const stop = source.listen(event, (...args) => settle(undefined, args as T));
    const stopEnd = source.onEnd(() => settle(disconnection()));
    return () => {
      stop();
      stopEnd();
    };
  });
}
