import { listenTo } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { TautlineError } from "../errors.js";
import { outcome } from "../pipeline/outcomes.js";
import { checkOption } from "../options/check-options.js";
import type { Channel } from "../connection/channel.js";

/** A socket of Tautline, of whatever events. */
export interface SocketLike {
  readonly channel: Channel;
}

/** What may end waiting early. */
export interface WaitOptions {
  /** Milliseconds, then it rejects with `ack-timeout`. @default none */
  timeout?: number | undefined;
  /** Rejects with `aborted`. */
  signal?: AbortSignal | undefined;
}

/** The polling interval of `drained()`, in milliseconds: hosts have no event for data that a WebSocket has sent. */
const DRAIN_INTERVAL = 20;

/**
 * A promise that is settled by `begin`, by the timeout or by the signal, and leaves nothing behind.
 *
 * @param begin - begins what is waited for; returns what ends that, called once, whoever settled it
 */
export function waitFor<T = void>(
  timers: Timers,
  options: WaitOptions | null | undefined,
  begin: (settle: (error?: TautlineError, value?: T) => void) => Cancel,
): Promise<T> {
  const { timeout, signal } = options ?? {};
  return new Promise((resolve, reject) => {
    checkOption("timeout(ms)", timeout);
    checkOption("signal", signal);
    if (signal?.aborted) return reject(outcome("aborted", undefined, signal?.reason));
    const undo: Cancel[] = [];
    let isSettled = false;
    const settle = (error?: TautlineError, value?: T): void => {
      isSettled = true;
      for (const stop of undo.splice(0)) stop();
      if (error) reject(error);
      else resolve(value as T);
    };
    undo.push(
      listenTo(signal, "abort", () => settle(outcome("aborted", undefined, signal?.reason))),
    );
    if (timeout !== undefined)
      undo.push(timers.after(timeout, () => settle(outcome("ack-timeout"))));
    const stop = begin(settle);
    if (isSettled) stop();
    else undo.push(stop);
  });
}

/**
 * Resolves once the server has received everything that the socket emitted before: received, not handled.
 *
 * @param options - `timeout` in milliseconds, `signal`
 * @throws TautlineError (rejects) `ack-timeout`, `aborted`, `disconnected`
 * @example await flush(socket, { timeout: 5000 }); socket.disconnect();
 */
export function flush({ channel }: SocketLike, options?: WaitOptions): Promise<void> {
  return waitFor(channel.timers, options, (settle) => channel.pipeline.barrier(settle));
}

/**
 * Resolves once fewer than `below` bytes wait in the socket and its connection: for senders that would otherwise pile up.
 *
 * @param options - `below`: bytes, default 65536; `timeout` in milliseconds, `signal`
 * @throws TautlineError (rejects) `ack-timeout`, `aborted`, `disconnected`
 */
export function drained(
  { channel }: SocketLike,
  options?: WaitOptions & { below?: number },
): Promise<void> {
  const { timers } = channel;
  const { below = 65536 } = options ?? {};
  return waitFor(timers, options, (settle) => {
    checkOption("below", below);
    let timer: Cancel | undefined;
    const ended = (cause?: unknown): void => settle(outcome("disconnected", undefined, cause));
    const look = (): void => {
      // fewer than 0 bytes can never be reached
      if (channel.bufferedAmount < Math.max(below, 1)) settle();
      // nothing will be sent any more
      else if (channel.isOver) ended();
      else timer = timers.after(DRAIN_INTERVAL, look);
    };
    const stop = channel.isOver ? () => {} : channel.whenOver(ended);
    look();
    return () => {
      timer?.();
      stop();
    };
  });
}
