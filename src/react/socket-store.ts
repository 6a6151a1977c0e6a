import { listen } from "../adapters/listen.js";
import { type AnySocket, type SocketState, UNKNOWN_STATE } from "../adapters/socket-state.js";
import type { TautlineError } from "../errors.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { createStore, type Store } from "./store.js";

/** What components see of a socket. */
export interface SocketSnapshot extends SocketState {
  /** The first argument of the last event "message" that came while some component used the socket. */
  latestMessage: unknown;
}

/** Before anything is known; what a server renders. */
export const UNKNOWN: SocketSnapshot = { ...UNKNOWN_STATE, latestMessage: undefined };

function createSocketStore(socket: AnySocket): Store<SocketSnapshot> {
  const { io } = socket;
  return createStore<SocketSnapshot>(
    UNKNOWN,
    (known) => ({
      isConnected: socket.connected,
      state: io.state,
      transport: io.state === "open" ? io.engine?.transport.name : undefined,
      ...(io.state !== known.state && { attempt: undefined, delay: undefined }),
    }),
    (change, wanted) => {
      let stopWatching: Cancel | undefined;
      const measure = (): void => {
        if (!wanted.has("rtt") || io.state !== "open") return;
        const start = monotonicNow();
        io.connection.probe((error) => error || change({ rtt: monotonicNow() - start }));
      };
      /** A session may move to another transport. */
      const watch = (): void => {
        stopWatching?.();
        stopWatching = io.engine && listen(io.engine, "upgrade", () => change());
        measure();
      };
      watch();
      return [
        listen(socket, "connect", () => change({ error: undefined })),
        listen(socket, "connect_error", (error: TautlineError) => change({ error })),
        listen(socket, "disconnect", () => change()),
        listen(socket, "message", (latestMessage: unknown) => change.soon({ latestMessage })),
        listen(io, "state", (_state, _old, _why, attempt?: number, delay?: number) => {
          change({ attempt, delay });
          watch();
        }),
        listen(io, "ping", measure),
        () => stopWatching?.(),
      ];
    },
  );
}

const stores = /* @__PURE__ */ new WeakMap<object, Store<SocketSnapshot>>();

export function storeOf(socket: AnySocket): Store<SocketSnapshot> {
  let store = stores.get(socket);
  if (!store) stores.set(socket, (store = createSocketStore(socket)));
  return store;
}
