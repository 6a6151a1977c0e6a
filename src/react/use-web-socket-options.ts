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
  share?: boolean;
  /** Which messages become `lastMessage`. @default all */
  filter?: (message: MessageEvent) => boolean;
  onOpen?: (event: Event) => void;
  /** Called for each message; none is missed. */
  onMessage?: (message: MessageEvent) => void;
  onClose?: (event: WebSocketCloseEvent) => void;
  onError?: (event: WebSocketErrorEvent) => void;
  /** `reconnectAttempts` are used up. */
  onReconnectStop?: (attempts: number) => void;
  /** @default after all codes but 1000, 1008 and 4000 to 4099 */
  shouldReconnect?: (event: WebSocketCloseEvent) => boolean;
  /** Milliseconds, or a function of how often it was tried. @default 1000, doubled each time up to 10000, jittered */
  reconnectInterval?: number | ((attempt: number) => number);
  /** @default Infinity */
  reconnectAttempts?: number;
  /** Asks whether the server is alive, as the first component that uses the connection wants it. @default none */
  heartbeat?: boolean | WebSocketHeartbeat;
  /** Added to the address. */
  queryParams?: Record<string, string | number>;
  protocols?: string | string[];
  /** Leaves `lastJsonMessage` null. @default false */
  disableJson?: boolean;
  /** Milliseconds that the connection is kept after its last user. @default 1000 */
  linger?: number;
}
