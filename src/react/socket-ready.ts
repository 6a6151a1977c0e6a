import type { AnySocket } from "../adapters/socket-state.js";
import { TautlineError } from "../errors.js";
import { outcome } from "../pipeline/outcomes.js";
import { atEndOfTick, isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { SocketLike } from "../reading/waiting.js";
import { listen } from "../adapters/listen.js";
import { leaseOfSocket } from "./use-socket.js";

/** A component that suspends is not shown yet: its connection is held for as many milliseconds. */
const HOLD = 30_000;
/** What was rejected is kept for as many milliseconds, so that React finds it when it renders again. */
const MEMORY = 1000;

const noSocket = /* @__PURE__ */ new Promise(() => {});

const onServer = /* @__PURE__ */ (() => {
  const reason = outcome("disconnected", undefined, "a server opens no connection");
  const never = Promise.reject<never>(reason);
  never.catch(() => {});
  return Object.assign(never, { status: "rejected", reason });
})();

const known = /* @__PURE__ */ new WeakMap<object, Promise<unknown> & { status?: string }>();

/**
 * A promise of the socket, for React's `use()`: resolved once it is connected, and not pending again when it is lost for a
 * while, or disconnected by the app. A socket of `useSocket()` is connected for it.
 *
 * @param socket - none: pending until there is one
 * @returns rejects with what ended the connecting: `refused`, `disconnected`.. On a server it rejects with `disconnected`: React
 * sends the fallback, and goes on in the browser
 * @example use(socketReady(socket)); // suspends until it is connected
 */
export function socketReady<S extends SocketLike>(socket: S | null | undefined): Promise<S> {
  if (isServer()) return onServer as Promise<never>;
  if (!socket) return noSocket as Promise<never>;
  const before = known.get(socket);
  const { active, connected, channel } = socket as unknown as AnySocket;
  // what the app has disconnected stays so; a socket that nobody uses any more begins anew
  const isLeft = before?.status === "fulfilled" && !active && leaseOfSocket(socket)?.isIdle();
  if (before && !isLeft) return before as Promise<S>;
  const ready = connected ? Promise.resolve(socket) : connecting(socket);
  known.set(socket, ready);
  // what React reads without waiting for a microtask
  const fulfil = (): unknown => Object.assign(ready, { status: "fulfilled", value: socket });
  if (connected) fulfil();
  else ready.then(fulfil, () => channel.timers.after(MEMORY, () => known.delete(socket)));
  return ready;
}

function connecting<S extends SocketLike>(socket: S): Promise<S> {
  const { channel } = socket;
  return new Promise((resolve, reject) => {
    // not while React renders: who shows the state would be rendered in between
    atEndOfTick(() => {
      const lease = leaseOfSocket(socket);
      const isFirst = lease?.isIdle();
      const leave = lease?.retain();
      if (isFirst) lease?.value.socket.connect();
      const undo: Cancel[] = leave ? [leave, channel.timers.after(HOLD, leave)] : [];
      const settle = (): void => {
        for (const stop of undo) stop();
      };
      const fail = (cause?: unknown): void => {
        settle();
        reject(cause instanceof TautlineError ? cause : outcome("disconnected", undefined, cause));
      };
      const connected = (): void => {
        settle();
        resolve(socket);
      };
      if ((socket as unknown as AnySocket).connected) connected();
      else if (channel.isOver) fail();
      else undo.push(listen(socket, "connect", connected), channel.whenOver(fail));
    });
  });
}
