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
  readonly #queue: T[] = [];
  readonly #waiting: Waiting<T>[] = [];
  readonly #undo: Cancel[];
  #error: TautlineError | undefined;
  #done = false;

  constructor(source: EventSource, event: string, options: EventsOptions = {}) {
    const { signal, limit = 1000, overflow = "error" } = options;
    const abort = (): void => this.#end(abortion(signal));
    this.#undo = [
      source.listen(event, (...args) => this.#push(args as T, limit, overflow)),
      source.onEnd(() => this.#end()),
      listenTo(signal, "abort", abort),
    ];
    if (signal?.aborted) abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      const args = this.#queue.shift();
      if (args) resolve({ value: args, done: false });
      else if (this.#error) {
        reject(this.#error);
        this.#error = undefined;
      } else if (this.#done) resolve({ value: undefined, done: true });
      else this.#waiting.push([resolve, reject]);
    });
  }

  /** Called when a loop is left: nothing is listened to any more. */
  return(): Promise<IteratorResult<T>> {
    this.#queue.length = 0;
    this.#end();
    return Promise.resolve({ value: undefined, done: true });
  }

  #push(args: T, limit: number, overflow: EventsOptions["overflow"]): void {
    const first = this.#waiting.shift();
    if (first) first[0]({ value: args, done: false });
    else if (this.#queue.length < limit) this.#queue.push(args);
    else if (overflow === "drop-oldest") {
      this.#queue.shift();
      this.#queue.push(args);
    } else if (overflow === "error")
      this.#end(new TautlineError("overflow", `more than ${limit} events wait to be read`));
  }

  #end(error?: TautlineError): void {
    if (this.#done) return;
    this.#done = true;
    for (const undo of this.#undo ?? []) undo();
    const waiting = this.#waiting.splice(0);
    if (error && !waiting.length) this.#error = error;
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
