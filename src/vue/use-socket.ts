import {
  effectScope,
  getCurrentScope,
  hasInjectionContext,
  inject,
  type InjectionKey,
  type MaybeRefOrGetter,
  nextTick,
  onScopeDispose,
  type Plugin,
  type ShallowRef,
  shallowRef,
  toRaw,
  toValue,
  watch,
} from "vue";
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
import type { AnySocket, Heard } from "../adapters/socket-state.js";
import { type AnyListener, call } from "../errors.js";
import type { LookupOptions } from "../io.js";
import type { Manager } from "../manager/manager.js";
import { checkOption } from "../options/check-options.js";
import { isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { DefaultEventsMap, EventArgs, EventNames, EventsMap } from "../socket/event-types.js";
import type { Socket } from "../socket/socket.js";
import type { SocketReservedEvents } from "../socket/socket-events.js";
import { type SocketRefs, useSocketRefs } from "./socket-refs.js";
import { useSocketEvent } from "./use-socket-event.js";

/** Options of {@link SocketComposables.useSocket}: those of `io()`, and more. `autoConnect: false` waits for `connect()`. */
export interface UseSocketOptions extends Omit<LookupOptions, "auth">, CredentialOptions {
  /** As the socket's "connect"; also soon after the setup, where the connection is open already. */
  onConnected?: SocketReservedEvents["connect"] | undefined;
  /** As the socket's "disconnect". */
  onDisconnected?: SocketReservedEvents["disconnect"] | undefined;
  /** As the socket's "connect_error". */
  onError?: SocketReservedEvents["connect_error"] | undefined;
  /** Releases the connection with the scope (a component, a store). False: it is kept until some `release()`. @default true */
  autoClose?: boolean | undefined;
  /** Milliseconds that the connection is kept after the scope of its last user. @default 1000 */
  linger?: number | undefined;
}

/** What {@link SocketComposables.useSocket} gives. */
export interface UseSocketResult<S> extends SocketRefs {
  /** Another one once the address or the options are others; undefined without an address. */
  readonly instance: Readonly<ShallowRef<S>>;
  /** Takes the connection again after {@link release}, and connects it where it was disconnected. */
  connect(): void;
  /** Leaves the connection: it is closed at once if nobody else uses it. Handlers stay until the scope is over. */
  release(): void;
  /** Calls the handler for each event until the scope is over. @returns ends it earlier */
  addEventHandler<E extends EventNames<Heard<S>>>(
    event: MaybeRefOrGetter<E>,
    handler: (...args: EventArgs<Heard<S>, E>) => void,
  ): Cancel;
}

/** What {@link createSocketComposables} gives. */
export interface SocketComposables {
  /**
   * Uses one connection, together with all who ask for the same address and options. It is opened for the first of them
   * and closed `linger` milliseconds after the scope of the last is over. On a server nothing is opened.
   *
   * @param url - as `io()` takes it; a socket: the app's own, which is neither opened nor closed here; null, "", and a ref or
   * getter of undefined: none. Left out: the address of the plugin, with its options; without a plugin the page's origin
   * @param options - others than before make another connection, but for `auth`, which the server is told, and `extraHeaders`,
   * which count when it connects next; callbacks may change
   * @throws TautlineError `invalid-option`
   */
  useSocket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    url?: MaybeRefOrGetter<string | undefined>,
    options?: Options,
  ): UseSocketResult<Socket<Listen, Emit, Manager>>;
  useSocket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    url: MaybeRefOrGetter<Socket<Listen, Emit, Manager>>,
    options?: Options,
  ): UseSocketResult<Socket<Listen, Emit, Manager>>;
  useSocket<Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    url: MaybeRefOrGetter<string | Socket<Listen, Emit, Manager> | null | undefined>,
    options?: Options,
  ): UseSocketResult<Socket<Listen, Emit, Manager> | undefined>;

  /**
   * A plugin that holds one connection for as long as the app is mounted, which `useSocket()` without an address gives.
   *
   * @param url - and `options`: as in `useSocket`
   * @example createApp(App).use(createTautline("https://example.com"))
   */
  createTautline(url?: Address, options?: Options): Plugin<[]>;
}

type Address = MaybeRefOrGetter<string | Socket<never, never, Manager> | null | undefined>;

type Options = MaybeRefOrGetter<UseSocketOptions | undefined>;

/** What a plugin was made with. */
interface Provided {
  url: Address;
  given: Options;
}

/** Of the page: an app may hold this module twice, as ES module and as CommonJS. */
const PROVIDED: InjectionKey<Provided> = /* @__PURE__ */ Symbol.for("tautline.vue.1");

type Leave = (linger?: number) => void;

/** What is kept although its scope is over. */
const kept = /* @__PURE__ */ new WeakMap<object, Leave>();

/** Callbacks, and the events that they are for. */
const CALLBACKS = {
  onConnected: "connect",
  onDisconnected: "disconnect",
  onError: "connect_error",
} as const;
type CallbackName = keyof typeof CALLBACKS;

/** What counts for one user, and not for the connection. */
const OWN = {
  autoClose: undefined,
  linger: undefined,
  onConnected: undefined,
  onDisconnected: undefined,
  onError: undefined,
} as UseSocketOptions;

/** `useSocket` and `createTautline` over an `io()` of the app's own parts: see `createIo()`. */
export function createSocketComposables(io: SocketSource): SocketComposables {
  return socketComposables(io, nameOf(io));
}

export function socketComposables(io: SocketSource, name: IoName): SocketComposables {
  function useSocket(url?: Address, given?: Options): UseSocketResult<unknown> {
    const provided = url === undefined && hasInjectionContext() ? inject(PROVIDED, null) : null;
    const scope = getCurrentScope();
    const instance = shallowRef<AnySocket>();
    const options = (): UseSocketOptions => ({
      ...toValue(provided?.given),
      ...OWN,
      ...toValue(given),
    });
    let current: unknown;
    let lease: Lease<LeasedSocket> | undefined;
    let leave: Leave | undefined;
    const give = createGiver();
    let isWanted = true;
    // a server opens nothing
    let isOver = isServer();

    const refs = useSocketRefs(instance);
    const tell = (name: CallbackName, ...args: unknown[]): void => {
      (options()[name] as AnyListener | undefined)?.(...args);
    };
    for (const event in CALLBACKS) {
      const callback = event as CallbackName;
      useSocketEvent(instance, CALLBACKS[callback], (...args) => tell(callback, ...args));
    }

    const retain = (): void => {
      if (isWanted && !isOver) leave ??= lease?.retain();
    };
    const quit = (linger = options().linger): void => {
      leave?.(linger);
      leave = undefined;
    };
    const target = () => {
      const { authKey, ...all } = options();
      const { auth, extraHeaders: _headers, ...rest } = { ...all, ...OWN };
      const source = provided ? provided.url : url;
      const address = source === undefined ? "/" : toValue(source) || null;
      const key = typeof address === "object" ? address : name + optionKey([address, rest]);
      return { address, key, all, credentials: optionKey([auth, authKey]) };
    };
    const apply = ({ address, key, all, credentials }: ReturnType<typeof target>): void => {
      const { auth, extraHeaders, linger } = all;
      checkOption("linger", linger);
      if (key !== current) {
        quit();
        current = key;
        lease =
          typeof key === "string"
            ? leaseSocket(io, address as string, key, { ...all, ...OWN })
            : undefined;
        const socket = lease ? lease.value.socket : ((toRaw(key) as AnySocket | null) ?? undefined);
        instance.value = socket;
        if (socket?.connected)
          void nextTick(() => {
            if (!isOver && socket === instance.value)
              call(tell as AnyListener, undefined, ["onConnected"]);
          });
      }
      if (lease) give(lease, auth, credentials, extraHeaders);
      retain();
    };
    apply(target());
    watch(target, apply);

    if (scope)
      onScopeDispose(() => {
        isOver = true;
        if (lease && leave && options().autoClose === false) {
          kept.get(lease)?.();
          kept.set(lease, leave);
        } else quit();
      });

    return {
      ...refs,
      instance,
      connect() {
        if (isOver) return;
        isWanted = true;
        retain();
        instance.value?.connect();
      },
      release() {
        isWanted = false;
        quit(0);
        if (lease) kept.get(lease)?.(0);
      },
      addEventHandler(event, handler) {
        const hear = (): Cancel => useSocketEvent(instance, event as string, handler as never);
        if (isOver) return () => {};
        return getCurrentScope() || !scope ? hear() : (scope.run(hear) as Cancel);
      },
    };
  }

  return {
    useSocket: useSocket as SocketComposables["useSocket"],
    createTautline: (url, given) => ({
      install(app) {
        const scope = effectScope(true);
        scope.run(() => useSocket(url, given));
        app.provide(PROVIDED, { url, given });
        const { unmount } = app;
        app.unmount = () => {
          unmount();
          scope.stop();
        };
      },
    }),
  };
}
