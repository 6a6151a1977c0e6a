import { TautlineError } from "../errors.js";
import { checkOption } from "../options/check-options.js";
import { listenTo } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { outcome } from "../pipeline/outcomes.js";
import type { DefaultEventsMap, EventArgs, EventNames, EventsMap } from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import { type SocketLike, waitFor, type WaitOptions } from "./waiting.js";

/** How {@link events} reads. */
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

type Listener = (...args: unknown[]) => void;

/** Which events a socket hears. One under a contract says so by itself, as more than a Socket can't be told apart. */
export type EventsOf<S> = S extends { readonly "~listens"?: infer Listen extends EventsMap }
  ? Listen
  : // eslint-disable-next-line @typescript-eslint/no-explicit-any -- only `any` lets every socket in
    S extends Socket<infer Listen, any, any>
    ? Listen
    : DefaultEventsMap;

type Waiting<T> = [(result: IteratorResult<T>) => void, (error: TautlineError) => void];

/** The events of one name, one after another. Written without generators: Hermes compiles no async ones. */
export class EventReader<T extends unknown[]> implements AsyncIterableIterator<T> {
  private readonly _queue: T[] = [];
  private readonly _waiting: Waiting<T>[] = [];
  private readonly _undo: Cancel[] = [];
  private _error: TautlineError | undefined;
  private _isDone = false;

  constructor(socket: SocketLike, event: string, options?: EventsOptions) {
    const { signal, limit = 1000, overflow = "error" } = options ?? {};
    checkOption("signal", signal);
    checkOption("limit", limit);
    checkOption("reading overflow", overflow);
    const abort = (): void => this._end(outcome("aborted", undefined, signal?.reason));
    this._undo.push(
      listen(socket, event, (...args) => this._push(args as T, limit, overflow)),
      listenTo(signal, "abort", abort),
    );
    this._undo.push(socket.channel.whenOver(() => this._end()));
    if (signal?.aborted) abort();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Where there is no such symbol (Hermes), loops that Babel has compiled look for this. */
  "@@asyncIterator"(): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    return new Promise((resolve, reject) => {
      const args = this._queue.shift();
      if (args) resolve({ value: args, done: false });
      else if (this._error) {
        reject(this._error);
        this._error = undefined;
      } else if (this._isDone) resolve({ value: undefined, done: true });
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
    for (const undo of this._undo.splice(0)) undo();
    if (this._isDone) return;
    this._isDone = true;
    const waiting = this._waiting.splice(0);
    if (error && !waiting.length) this._error = error;
    for (const [resolve, reject] of waiting)
      if (error) reject(error);
      else resolve({ value: undefined, done: true });
  }
}

function listen(socket: SocketLike, event: string, listener: Listener): Cancel {
  const source = socket as unknown as Record<"on" | "off", (event: string, fn: Listener) => void>;
  source.on(event, listener);
  return () => source.off(event, listener);
}

/**
 * The events of one name, for `for await`. It ends when nothing can come any more: the socket was disconnected or refused,
 * or its manager has given up. Leaving the loop ends listening.
 *
 * @example for await (const [text] of events(socket, "chat")) show(text);
 */
export function events<S extends SocketLike, Event extends EventNames<EventsOf<S>>>(
  socket: S,
  event: Event,
  options?: EventsOptions,
): EventReader<EventArgs<EventsOf<S>, Event>> {
  return new EventReader(socket, event, options);
}

/**
 * The arguments of the next event of this name.
 *
 * @param options - `timeout` in milliseconds, `signal`
 * @throws TautlineError (rejects) `ack-timeout`, `aborted`, `disconnected` when nothing can come any more
 */
export function next<S extends SocketLike, Event extends EventNames<EventsOf<S>>>(
  socket: S,
  event: Event,
  options?: WaitOptions,
): Promise<EventArgs<EventsOf<S>, Event>> {
  const { channel } = socket;
  type Args = EventArgs<EventsOf<S>, Event>;
  return waitFor<Args>(channel.timers, options, (settle) => {
    const stop = listen(socket, event, (...args) => settle(undefined, args as Args));
    const stopEnd = channel.whenOver((cause) => settle(outcome("disconnected", undefined, cause)));
    return () => {
      stop();
      stopEnd();
    };
  });
}
