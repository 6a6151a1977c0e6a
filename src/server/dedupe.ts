import { TautlineError } from "../errors.js";
import { check } from "./check.js";
import { Gate, isFitting, type ServerSocketLike } from "./gate.js";
import { GuardedStore } from "./guarded-store.js";
import type { DedupeStore } from "./store.js";
import { type MemoryOptions, Streams } from "./streams.js";

/** A socket.io `Server` or namespace. */
export interface ServerLike {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- before TypeScript 5.4, only `any` lets a typed Server in
  on(event: "connection", listener: (socket: any) => void): unknown;
}

export interface DedupeOptions extends MemoryOptions {
  /** What the nodes of a cluster share. @default none: one process, which forgets when it ends */
  store?: DedupeStore;
  /** How long the store may take for an answer, in milliseconds; then it counts as failed. @default 5000 */
  storeTimeout?: number;
  /**
   * Told of a store that fails, which loses no packet: the process then decides from its own memory. Also told when
   * socket.io is a version that can't be helped.
   *
   * @default the first one becomes a warning of the process
   */
  onError?: (error: unknown) => void;
}

/**
 * Drops packets that clients with `delivery: exactlyOnce()` send again and that were received before; their acks get the
 * answer of the first time. `onAny` listeners, middlewares and handlers see each packet once, as it was emitted. Packets of
 * other clients pass untouched.
 *
 * Received packets are delivered even when their client has disconnected meanwhile, which socket.io alone does not do.
 *
 * Works with socket.io 4 (tested with 4.0.0, 4.4.1, 4.6.0 and 4.8.4). With a version whose sockets lack what is needed, clients are not
 * told that packets are dropped, so that they stay away with `dedupe-missing`.
 *
 * @param server - a socket.io server (its main namespace), or a namespace
 * @throws TautlineError `invalid-option`
 * @example dedupe(io); dedupe(io.of("/orders"), { store });
 */
export function dedupe(server: ServerLike, options: DedupeOptions = {}): void {
  const { store, storeTimeout = 5000, onError } = options;
  check(typeof (server as Partial<ServerLike> | null)?.on === "function", "server");
  check(!store || typeof (store as Partial<DedupeStore>).claim === "function", "store.claim");
  check(storeTimeout >= 0, "storeTimeout");
  check(!onError || typeof onError === "function", "onError");
  let isWarned = false;
  const report = (error: unknown): void => {
    try {
      if (onError) onError(error);
      else if (!isWarned) process.emitWarning(`dedupe(): ${String(error)}`);
      isWarned = true;
    } catch {
      // an error of `onError` itself is ignored
    }
  };
  const parts = {
    streams: new Streams(options),
    store: new GuardedStore(store, storeTimeout, report),
    report,
  };
  // not io.use(): a recovered session skips the middlewares of the namespace
  server.on("connection", (socket: ServerSocketLike) => {
    if (isFitting(socket)) new Gate(socket, parts);
    else report(new TautlineError("unsupported-version", "dedupe(): not socket.io 4"));
  });
}
