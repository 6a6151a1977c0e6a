import {
  overWebSocket,
  type WebSocketOfStream,
  type WebSocketPort,
} from "../stream/over-web-socket.js";
import type { StreamServer } from "./streaming.js";

/** A `WebSocketServer` of `ws`, or what emits its "connection" events. */
export interface WebSocketServerLike {
  on(...args: never[]): unknown;
}

/**
 * A server of `ws`, for `stream()`, `receiveStream()` and `receiveUploads()`. The app's own messages pass untouched.
 *
 * @example receiveUploads(overWebSockets(new WebSocketServer({ port })), "upload", sink);
 */
export function overWebSockets(server: WebSocketServerLike): StreamServer {
  return {
    on(event, listener) {
      const wrap = (socket: WebSocketOfStream): void =>
        (listener as (socket: WebSocketPort) => void)(overWebSocket(socket));
      (server as { on(...args: unknown[]): void }).on(event, wrap);
    },
  };
}
