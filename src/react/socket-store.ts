import type { ConnectionState } from "../connection/events.js";
import type { TautlineError } from "../errors.js";
import type { Manager } from "../manager/manager.js";
import { monotonicNow } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { DefaultEventsMap } from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import { listen } from "./listen.js";
import { createStore, type Store } from "./store.js";

/** Any socket of `io()`. */
export type AnySocket = Socket<DefaultEventsMap, DefaultEventsMap, Manager>;

/** What a socket and its connection are doing. */
export interface SocketState {
  /** The server has accepted the namespace. */
  isConnected: boolean;
  /** Of the connection, which other namespaces may share: see docs/states.md. */
  state: ConnectionState;
  /** Name of the transport in use; undefined while there is none. */
  transport: string | undefined;
  /** In "waiting" and "opening": the number of the reconnect, from 1. */
  attempt: number | undefined;
  /** In "waiting": milliseconds from its beginning until the next try. */
  delay: number | undefined;
  /** Milliseconds of the last round trip. Measured while some component reads it: when connected, and at each heartbeat. */
  rtt: number | undefined;
  /** What the last `connect_error` said; undefined once it is connected. */
  error: TautlineError | undefined;
}

/** What components see of a socket. */
export interface SocketSnapshot extends SocketState {
  /** The first argument of the last event "message" that came while some component used the socket. */
  latestMessage: unknown;
}

/** Before anything is known; what a server renders. */
export const UNKNOWN: SocketSnapshot = {
  isConnected: false,
  state: "closed",
  transport: undefined,
  attempt: undefined,
  delay: undefined,
  rtt: undefined,
  error: undefined,
  latestMessage: undefined,
};

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
