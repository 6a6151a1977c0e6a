import {
  computed,
  getCurrentScope,
  type MaybeRefOrGetter,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toValue,
  watch as watchRefs,
} from "vue";
import { listen } from "../adapters/listen.js";
import { isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { NORMAL_CLOSURE } from "../protocol/close-codes.js";
import type { StateEvent, WebSocketCloseEvent, WebSocketErrorEvent } from "../websocket/events.js";
import type { ProtocolsSource, WebSocketData, WebSocketOptions } from "../websocket/options.js";
import { ReconnectingWebSocket } from "../websocket/reconnecting-websocket.js";
import { watch } from "../websocket/watch.js";
import type { WebSocketState } from "../websocket/websocket-table.js";
import { whenShown } from "./when-shown.js";

/** Asks whether the server is alive. Any message counts as an answer. */
export interface WebSocketHeartbeat {
  /** What is sent. @default "ping" */
  message?: WebSocketData | (() => WebSocketData);
  /** Messages like this one are not handed to the app. @default the message, where that is a string */
  responseMessage?: string;
  /** Milliseconds between two questions. @default 30000 */
  interval?: number;
  /** Milliseconds that the server has. Without any message the connection is dropped. @default 5000 */
  pongTimeout?: number;
}

/** How a connection that was lost is made again. */
export interface AutoReconnect {
  /** How many tries in a row, -1 = no end; or a function of the tries so far. @default -1 */
  retries?: (number | ((retried: number) => boolean)) | undefined;
  /** Milliseconds, or a function of the number of the try. @default 1000, doubled each time up to 10000, jittered */
  delay?: (number | ((retried: number) => number)) | undefined;
  /** The retries are used up. */
  onFailed?: (() => void) | undefined;
}

/** Options of {@link useWebSocket}; the others are those of `ReconnectingWebSocket`. */
export interface UseWebSocketOptions<In, Out> extends Omit<
  WebSocketOptions<In, Out>,
  "protocols" | "startClosed" | "watch"
> {
  onConnected?: ((ws: ReconnectingWebSocket<In, Out>) => void) | undefined;
  onDisconnected?:
    ((ws: ReconnectingWebSocket<In, Out>, event: WebSocketCloseEvent) => void) | undefined;
  onError?: ((ws: ReconnectingWebSocket<In, Out>, event: WebSocketErrorEvent) => void) | undefined;
  /** Called for each message; none is missed. */
  onMessage?: ((ws: ReconnectingWebSocket<In, Out>, event: MessageEvent<In>) => void) | undefined;
  /** @default false */
  heartbeat?: boolean | WebSocketHeartbeat | undefined;
  /** False: a connection that was lost stays so. @default true */
  autoReconnect?: boolean | AutoReconnect | undefined;
  /** Connects in the setup. @default true */
  immediate?: boolean | undefined;
  /** Connects to another address when `url` changes. @default true */
  autoConnect?: boolean | undefined;
  /** Closes it when the scope (a component, a store) is over. @default true */
  autoClose?: boolean | undefined;
  protocols?: ProtocolsSource | undefined;
}

/** What {@link useWebSocket} gives. */
export interface UseWebSocketResult<In, Out> {
  /** The last message; null before the first. Who must not miss any takes `onMessage`. */
  readonly data: ShallowRef<In | null>;
  /** Between two tries it is CLOSED. */
  readonly status: Readonly<ShallowRef<"OPEN" | "CONNECTING" | "CLOSED">>;
  /** In more words: see docs/states.md. */
  readonly state: Readonly<ShallowRef<WebSocketState>>;
  /** Connects, or connects anew. */
  open(): void;
  /** @param code - @default 1000 */
  close(code?: number, reason?: string): void;
  /**
   * @param useBuffer - false: drop it rather than let it wait for a connection. @default true
   * @returns whether there was a connection
   */
  send(message: Out, useBuffer?: boolean): boolean;
  /** Always the same one, whatever the address is. */
  readonly ws: Readonly<ShallowRef<ReconnectingWebSocket<In, Out>>>;
}

const STATUS: { readonly [state in WebSocketState]?: "OPEN" | "CONNECTING" } = {
  opening: "CONNECTING",
  open: "OPEN",
};

/**
 * A WebSocket of any server, that reconnects: see docs/vue.md. It is closed with the scope, and on a server nothing is opened.
 *
 * @param url - or a function, which is also asked before each try and may return a promise; null, undefined, "": none
 * @throws TautlineError `invalid-option`
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as the host's MessageEvent
export function useWebSocket<In = any, Out = WebSocketData>(
  url: MaybeRefOrGetter<string | URL | Promise<string | URL> | null | undefined>,
  options: UseWebSocketOptions<In, Out> = {},
): UseWebSocketResult<In, Out> {
  const {
    heartbeat,
    autoReconnect = true,
    immediate = true,
    autoConnect = true,
    autoClose = true,
    protocols,
    ...rest
  } = options;
  const {
    message = "ping",
    responseMessage = message,
    interval,
    pongTimeout,
  } = Object(heartbeat) as WebSocketHeartbeat;
  const { retries = -1, delay, onFailed } = Object(autoReconnect) as AutoReconnect;
  const heard = watch(heartbeat ? { heartbeat: { message, interval, timeout: pongTimeout } } : {});
  let lastDelay: number | undefined;
  const made: { ws?: ReconnectingWebSocket<In, Out> } = {};
  const ws: ReconnectingWebSocket<In, Out> = new ReconnectingWebSocket<In, Out>(
    () => toValue(url) as string,
    protocols,
    {
      ...rest,
      startClosed: true,
      watch(watched) {
        const over = heard(watched);
        const { heard: tell } = over;
        // any message shows that the server is alive
        over.heard = (data) => tell(data) && !(heartbeat && data === responseMessage);
        return over;
      },
      // undefined: the default of the WebSocket
      shouldReconnect: (event) =>
        !!autoReconnect &&
        (typeof retries === "function"
          ? retries(ws.retryCount)
          : (rest.shouldReconnect?.(event) as boolean)),
      maxRetries: (retries as number) >= 0 ? (retries as number) : rest.maxRetries,
      get minReconnectionDelay(): number | undefined {
        // options are looked at before there is a WebSocket, too
        lastDelay = typeof delay === "function" ? made.ws && delay(made.ws.retryCount + 1) : delay;
        return lastDelay ?? rest.minReconnectionDelay;
      },
      // read after the first one
      get maxReconnectionDelay() {
        return lastDelay ?? rest.maxReconnectionDelay;
      },
      get randomizationFactor() {
        return lastDelay === undefined ? rest.randomizationFactor : 0;
      },
    },
  );
  made.ws = ws;

  const data = shallowRef<In | null>(null) as ShallowRef<In | null>;
  const state = shallowRef<WebSocketState>("closed");
  const stops: Cancel[] = [];
  const show = (): void => {
    state.value = ws.state;
  };
  whenShown(() => {
    show();
    stops.push(listen(ws, "state", show));
  });

  const listeners: Record<string, (event: never) => void> = {
    state({ state: now, old }: StateEvent) {
      if (now === "closed" && /^open/.test(old)) onFailed?.();
    },
    open: () => options.onConnected?.(ws),
    close: (event: WebSocketCloseEvent) => options.onDisconnected?.(ws, event),
    error: (event: WebSocketErrorEvent) => options.onError?.(ws, event),
    message(event: MessageEvent<In>) {
      data.value = event.data;
      options.onMessage?.(ws, event);
    },
  };
  for (const type in listeners) stops.push(listen(ws, type, listeners[type] as never));

  // a function that answers later is asked before each try only
  const isKnown = (): boolean => (typeof url === "function" && !autoConnect) || !!toValue(url);
  const open = (): void => {
    if (isServer() || !isKnown()) return;
    // with all retries again
    if (ws.readyState > 2) ws.reconnect();
    else ws.open();
  };
  if (immediate) open();
  if (autoConnect)
    watchRefs(
      () => toValue(url),
      () => (isKnown() ? ws.reconnect() : ws.close()),
    );
  if (autoClose && getCurrentScope())
    onScopeDispose(() => {
      for (const stop of stops) stop();
      ws.close();
    });

  return {
    data,
    // computed: not to be taken for state by Pinia
    state: computed(() => state.value),
    status: computed(() => STATUS[state.value] ?? "CLOSED"),
    ws: shallowRef(ws),
    open,
    close: (code = NORMAL_CLOSURE, reason) => ws.close(code, reason),
    send(message, useBuffer = true) {
      const isOpen = ws.readyState === 1;
      if (isOpen || useBuffer) ws.send(message);
      return isOpen;
    },
  };
}
