import { type WebSocketOfStream, WebSocketPort } from "../stream/over-web-socket.js";
import type { StreamServer } from "./streaming.js";

/** A `WebSocketServer` of `ws`, or what emits its "connection" events. */
export interface WebSocketServerLike {
  on(event: "connection", listener: (socket: never) => void): unknown;
}

/**
 * A server of `ws`, for `stream()`, `receiveStream()` and `receiveUploads()`. The app's own messages pass untouched.
 *
 * @example receiveUploads(overWebSockets(new WebSocketServer({ port })), "upload", sink);
 */
export function overWebSockets(server: WebSocketServerLike): StreamServer {
  return {
    on: (_event, listener) =>
      server.on("connection", (socket: WebSocketOfStream) =>
        (listener as (socket: WebSocketPort) => void)(new WebSocketPort(socket)),
      ),
  };
}
