/**
 * Plain WebSocket servers of the kind that people write, on `ws`.
 *
 *   const server = await echoRoom();
 *   new ReconnectingWebSocket(server.address)
 *
 * To extend: a kind of server is a function that a socket is handed to; `speak` starts it and ends it with the test.
 */
import type { ServerOptions, WebSocket } from "ws";
import { closing } from "./harness.js";
import { startWebSocketServer, type RunningWebSocketServer } from "./servers.js";

export interface PlainServer extends RunningWebSocketServer {
  /** ws: instead of http: */
  address: string;
  /** Ends all connections without a goodbye. */
  cut(): void;
}

export async function speak(
  onSocket: (socket: WebSocket) => void,
  options: ServerOptions = {},
): Promise<PlainServer> {
  const server = await closing(startWebSocketServer(onSocket, options));
  return {
    ...server,
    address: server.url.replace("http", "ws") + "/",
    cut: () => server.sockets.clients.forEach((socket) => socket.terminate()),
  };
}

/** Says to each what it has heard, and to the others that somebody has said it; `bye` ends the connection. */
export async function echoRoom(): Promise<PlainServer> {
  const server = await speak((socket) => {
    socket.on("message", (data) => {
      const text = String(data);
      if (text === "bye") return socket.close(1000, "you said bye");
      const code = /^close (\d+)$/.exec(text)?.[1];
      if (code) return socket.close(+code, `as you like: ${code}`);
      socket.send(`[Echo] You sent -> ${text}`);
      for (const other of server.sockets.clients)
        if (other !== socket) other.send(`[user] ${text}`);
    });
  });
  return server;
}

/** The next event of this type. */
export function next<E = any>(
  target: Pick<EventTarget, "addEventListener">,
  type: string,
): Promise<E> {
  return new Promise((resolve) => {
    target.addEventListener(type, (event) => resolve(event as E), { once: true });
  });
}
