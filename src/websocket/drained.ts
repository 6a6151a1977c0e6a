import { TautlineError } from "../errors.js";
import { listenTo, timersOf } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { checkNumber } from "./check-options.js";
import type { ReconnectingWebSocket } from "./reconnecting-websocket.js";

/** The polling interval, in milliseconds: hosts have no event for data that a WebSocket has sent. */
const INTERVAL = 20;

/**
 * Resolves once fewer than `below` bytes wait in the WebSocket: for senders that are faster than the connection.
 *
 * @param options - `below`: bytes, default 65536; `timeout`: milliseconds, default none; `signal`
 * @throws TautlineError (rejects) `invalid-option`, `timeout`, `aborted`, and `disconnected` when the WebSocket is closed
 * @example for (const chunk of chunks) { ws.send(chunk); await drained(ws); }
 */
export async function drained(
  ws: Pick<ReconnectingWebSocket, "bufferedAmount" | "state">,
  {
    below,
    timeout,
    signal,
  }: {
    below?: number | undefined;
    timeout?: number | undefined;
    signal?: AbortSignal | undefined;
  } = {},
): Promise<void> {
  below ??= 65536;
  timeout ??= Infinity;
  checkNumber("below", below);
  checkNumber("timeout", timeout);
  const timers = timersOf(() => globalThis);
  let isLate = false;
  let wake = (): void => {};
  const undo: Cancel[] = [listenTo(signal, "abort", () => wake())];
  if (timeout < Infinity)
    undo.push(
      timers.after(timeout, () => {
        isLate = true;
        wake();
      }),
    );
  try {
    for (;;) {
      if (signal?.aborted)
        throw new TautlineError("aborted", "the signal was aborted", { cause: signal.reason });
      if (ws.bufferedAmount < Math.max(below, 1)) return;
      if (isLate) throw new TautlineError("timeout", `not drained in ${timeout} ms`);
      if (ws.state === "closed") throw new TautlineError("disconnected", "the WebSocket is closed");
      await new Promise<void>((resolve) => {
        const cancel = timers.after(INTERVAL, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
  } finally {
    for (const stop of undo) stop();
  }
}
