import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useInsertionEffect,
  useMemo,
  useState,
} from "react";
import type { Lease } from "../adapters/leases.js";
import { optionKey } from "../adapters/option-key.js";
import {
  createGiver,
  type CredentialOptions,
  type IoName,
  type LeasedSocket,
  leaseSocket,
  nameOf,
  type SocketSource,
} from "../adapters/leased-socket.js";
import type { AnySocket } from "../adapters/socket-state.js";
import type { LookupOptions } from "../io.js";
import type { Manager } from "../manager/manager.js";
import { checkOption } from "../options/check-options.js";
import type { DefaultEventsMap, EventsMap } from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import { type SocketSnapshot, storeOf, UNKNOWN } from "./socket-store.js";
import { useEarlyEffect } from "./use-early-effect.js";
import { useTracked } from "./use-tracked.js";

/** Options of {@link SocketHooks.useSocket}: those of `io()`, and more. */
export interface UseSocketOptions extends Omit<LookupOptions, "auth">, CredentialOptions {
  /** Milliseconds that the connection is kept after its last user. @default 1000 */
  linger?: number | undefined;
  /** False: it is not connected for this component. @default true */
  enabled?: boolean | undefined;
}

/** What {@link SocketHooks.useSocket} gives. A component is rendered again only for what it has read of it. */
export interface UseSocketResult<S> extends Readonly<
  Pick<SocketSnapshot, "isConnected" | "latestMessage">
> {
  /** Always the same for one address and options; undefined without an address. */
  readonly socket: S;
  /** `socket.send(...)`: the event "message". */
  sendMessage(...args: unknown[]): void;
  /** Connects again after a {@link disconnect}, on the same socket. */
  connect(): void;
  /** For all who use this socket. */
  disconnect(): void;
}

/** `key` is React's own; a TLS key stands in `socket`'s options. */
export interface SocketProviderProps extends Omit<UseSocketOptions, "key"> {
  /** The address, as `io()` takes it; "/" is the page's origin. Null, undefined, "": none. */
  url?: string | null | undefined;
  /** A socket of the app's own instead of an address: it is neither connected nor closed here. */
  socket?: Socket<never, never, Manager> | undefined;
  children?: ReactNode;
}

/** What {@link createSocketHooks} gives. */
export interface SocketHooks {
  /** Keeps one connection for what is below it, where `useSocket()` without an address finds it. */
  SocketProvider(props: SocketProviderProps): ReactElement;
  /**
   * Uses one connection, together with all who ask for the same address and options. It is opened when the first of them
   * is shown and closed `linger` milliseconds after the last is gone.
   *
   * `url` is as `io()` takes it; "/" is the page's origin. Null, "": none. Undefined: the provider's, with its options. Without
   * a provider, undefined is none, and no argument at all is the page's origin.
   *
   * @throws TautlineError `invalid-option`
   */
  useSocket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    ...own: [url: string, options?: UseSocketOptions] | []
  ): UseSocketResult<Socket<Listen, Emit, Manager>>;
  useSocket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    url: string | null | undefined,
    options?: UseSocketOptions,
  ): UseSocketResult<Socket<Listen, Emit, Manager> | undefined>;
}

type Leased = [socket: AnySocket | undefined, want: (lease?: Lease<LeasedSocket>) => void];

/** Null: the provider has no socket yet. */
const SocketContext = /* @__PURE__ */ createContext<AnySocket | null | undefined>(undefined);
const leases = /* @__PURE__ */ new WeakMap<object, Lease<LeasedSocket>>();

/** Who counts the users of a socket; undefined for the app's own. */
export function leaseOfSocket(socket: object): Lease<LeasedSocket> | undefined {
  return leases.get(socket);
}

/** `useSocket` and `SocketProvider` over an `io()` of the app's own parts: see `createIo()`. */
export function createSocketHooks(io: SocketSource): SocketHooks {
  return socketHooks(io, nameOf(io));
}

export function socketHooks(io: SocketSource, name: IoName): SocketHooks {
  function useLeased(
    url: string | null | undefined,
    { linger, enabled = true, authKey, ...options }: UseSocketOptions,
  ): Leased {
    checkOption("linger", linger);
    const { auth, extraHeaders, ...rest } = options;
    const key = url ? name + optionKey([url, rest]) : "";
    const credentials = optionKey([auth, authKey]);
    const held = useMemo(() => {
      if (!key) return;
      const lease = leaseSocket(io, url as string, key, options);
      leases.set(lease.value.socket, lease);
      // a component that suspends has no effects, and connects
      if (auth && lease.isIdle()) lease.value.socket.auth = auth;
      return lease;
    }, [key]);
    const [give] = useState(createGiver);
    // before any effect may connect
    useInsertionEffect(() => {
      if (held) give(held, auth, credentials, extraHeaders);
    });
    const [wanted, want] = useState<Lease<LeasedSocket>>();
    const isWanted = !!held && wanted === held;
    const isUsed = enabled || isWanted;
    useEarlyEffect(() => (isUsed ? held?.retain(linger) : undefined), [held, isUsed, linger]);
    useEarlyEffect(() => {
      if (isWanted) held.value.socket.connect();
    }, [held, isWanted]);
    return [held?.value.socket, want];
  }

  function useSocket(
    ...own: [url?: string | null, options?: UseSocketOptions]
  ): UseSocketResult<unknown> {
    const provided = useContext(SocketContext);
    const [url, options] = own;
    const isProvided = provided !== undefined && url === undefined;
    const [leased, want] = useLeased(own.length || isProvided ? url : "/", options ?? {});
    const socket = isProvided ? (provided ?? undefined) : leased;
    const actions = useMemo(
      () => ({
        socket,
        sendMessage: (...args: unknown[]) => void socket?.send(...args),
        connect() {
          const lease = socket && leaseOfSocket(socket);
          want(lease);
          // no component holds it yet, or any more
          if (!lease?.isIdle()) socket?.connect();
        },
        disconnect() {
          want(undefined);
          if (socket) (leaseOfSocket(socket)?.value ?? socket).disconnect();
        },
      }),
      [socket, want],
    );
    return useTracked(socket && storeOf(socket), UNKNOWN, { ...actions });
  }

  return {
    SocketProvider({ url, socket, children, ...options }) {
      const [leased] = useLeased(socket ? null : url, options);
      const value = (socket as AnySocket | undefined) ?? leased ?? null;
      return createElement(SocketContext.Provider, { value }, children);
    },
    useSocket: useSocket as SocketHooks["useSocket"],
  };
}
