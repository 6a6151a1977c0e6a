import { call } from "../errors.js";
import type { WebSocketOptions } from "../websocket/options.js";
import { ReconnectingWebSocket } from "../websocket/reconnecting-websocket.js";
import { watch } from "../websocket/watch.js";
import type { Leasable } from "../adapters/leases.js";
import { listen } from "../adapters/listen.js";
import { createStore, type Store } from "./store.js";
import type { UseWebSocketOptions } from "./use-web-socket-options.js";

/** The states of {@link useWebSocket}: the host's, and one more. */
export const ReadyState = {
  UNINSTANTIATED: -1,
  CONNECTING: 0,
  OPEN: 1,
  CLOSING: 2,
  CLOSED: 3,
} as const;
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

/** What components see of a WebSocket. */
export interface WebSocketView {
  /** See {@link ReadyState}. Between two tries it is CLOSED. */
  readyState: ReadyState;
  /** The last one that the `filter` let pass; it is shown with the next frame. Null before the first. */
  lastMessage: MessageEvent | null;
}

/** A WebSocket, and how it is to behave: both may be shared by many components. */
export interface Wire extends Leasable {
  readonly ws: ReconnectingWebSocket;
  /** Of the component that was rendered last. */
  settings: UseWebSocketOptions;
  /** Undefined before it was used for the first time. */
  isUsed: boolean | undefined;
  open(): void;
}

export const UNINSTANTIATED: WebSocketView = { readyState: -1, lastMessage: null };
const CONNECTING: WebSocketView = { readyState: 0, lastMessage: null };
const CLOSED: WebSocketView = { readyState: 3, lastMessage: null };

/** What counts before it is used, and when it isn't wanted. */
export function unknownOf({ isUsed }: Wire, isWanted: boolean): WebSocketView {
  return isWanted ? CONNECTING : isUsed === undefined ? UNINSTANTIATED : CLOSED;
}

/** @param query - is added to the address */
export function createWire(
  url: string | (() => string | Promise<string>),
  query: string,
  settings: UseWebSocketOptions,
): Wire {
  const complete = (address: string): string =>
    query ? address + (address.includes("?") ? "&" : "?") + query : address;
  const wire: Omit<Wire, "ws"> = {
    settings,
    isUsed: undefined,
    begin() {
      wire.isUsed = true;
      wire.open();
    },
    open() {
      // with all retries again
      if (ws.readyState > 2) ws.reconnect();
      else ws.open();
    },
    end() {
      wire.isUsed = false;
      ws.close();
      // of components that were unmounted: their sender is unknown
      if (wire.settings.share) ws.drainQueuedMessages();
    },
  };
  const source = typeof url === "function" ? async () => complete(await url()) : complete(url);
  const options = optionsOf(wire as Wire);
  const ws = new ReconnectingWebSocket(source, settings.protocols ?? [], options);
  return Object.assign(wire, { ws });
}

/** Options that are read when they count, and change with each render. */
function optionsOf(wire: Wire): WebSocketOptions {
  const { heartbeat } = wire.settings;
  const {
    message = "ping",
    returnMessage,
    timeout = 60_000,
    interval = 25_000,
  } = Object(heartbeat) as Exclude<typeof heartbeat, boolean | undefined>;
  let delay: number | undefined;
  return {
    startClosed: true,
    watch: watch(
      heartbeat
        ? {
            heartbeat: {
              message,
              interval,
              timeout: timeout > interval ? timeout - interval : timeout,
              ...(returnMessage !== undefined && {
                isAnswer: (data: unknown) => data === returnMessage,
              }),
            },
          }
        : {},
    ),
    // undefined: the default of the WebSocket
    shouldReconnect: (event) => wire.settings.shouldReconnect?.(event) as boolean,
    get maxRetries() {
      return wire.settings.reconnectAttempts as number;
    },
    get minReconnectionDelay() {
      const { reconnectInterval: interval } = wire.settings;
      // options are looked at before there is a WebSocket, too
      if (typeof interval !== "function") delay = interval;
      else if (wire.isUsed) {
        delay = undefined;
        call(() => (delay = interval(wire.ws.retryCount)), undefined, []);
      }
      // the options of the WebSocket take no 0
      if (delay !== undefined) delay = Math.max(1, delay);
      return delay as number;
    },
    // read after the first one
    get maxReconnectionDelay() {
      return delay as number;
    },
    get randomizationFactor() {
      return (delay === undefined ? undefined : 0) as number;
    },
  };
}

/** @param latest - whose filter counts */
export function viewOf(
  wire: Wire,
  latest: { readonly current: UseWebSocketOptions },
): Store<WebSocketView> {
  const { ws } = wire;
  return createStore<WebSocketView>(
    CONNECTING,
    () => ({ readyState: (wire.isUsed ? ws.readyState : 0) as ReadyState }),
    (change) => [
      listen(ws, "state", () => change()),
      listen(ws, "message", (lastMessage: MessageEvent) => {
        const { filter } = latest.current;
        if (!filter || filter(lastMessage)) change.soon({ lastMessage });
      }),
    ],
  );
}
