import type { WebSocketCloseEvent, WebSocketErrorEvent } from "../websocket/events.js";

/** Asks whether the server is alive. */
export interface WebSocketHeartbeat {
  /** What is sent. @default "ping" */
  message?: string | (() => string);
  /** What the server answers; it is not handed to the app. @default whatever comes counts, and is handed to the app */
  returnMessage?: string;
  /** Milliseconds without any message, then the connection is dropped. @default 60000 */
  timeout?: number;
  /** Milliseconds between two questions. @default 25000 */
  interval?: number;
}

/** Options of `useWebSocket()`. Functions may be others at each render: the last ones count. */
export interface UseWebSocketOptions {
  /** One connection for all components that share this address. @default false */
  share?: boolean | undefined;
  /** Which messages become `lastMessage`. @default all */
  filter?: ((message: MessageEvent) => boolean) | undefined;
  onOpen?: ((event: Event) => void) | undefined;
  /** Called for each message; none is missed. */
  onMessage?: ((message: MessageEvent) => void) | undefined;
  onClose?: ((event: WebSocketCloseEvent) => void) | undefined;
  onError?: ((event: WebSocketErrorEvent) => void) | undefined;
  /** `reconnectAttempts` are used up. */
  onReconnectStop?: ((attempts: number) => void) | undefined;
  /** @default after all codes but 1000, 1008 and 4000 to 4099 */
  shouldReconnect?: ((event: WebSocketCloseEvent) => boolean) | undefined;
  /** Milliseconds, or a function of how often it was tried. @default 1000, doubled each time up to 10000, jittered */
  reconnectInterval?: (number | ((attempt: number) => number)) | undefined;
  /** @default Infinity */
  reconnectAttempts?: number | undefined;
  /** Asks whether the server is alive, as the first component that uses the connection wants it. @default none */
  heartbeat?: boolean | WebSocketHeartbeat | undefined;
  /** Added to the address. */
  queryParams?: Record<string, string | number> | undefined;
  protocols?: string | string[] | undefined;
  /** Leaves `lastJsonMessage` null. @default false */
  disableJson?: boolean | undefined;
  /** Milliseconds that the connection is kept after its last user. @default 1000 */
  linger?: number | undefined;
}
