/** Servers for the tests of hooks, composables and recipes: they count their clients and send back what they get. */
import type { ServerOptions } from "socket.io";
import { speak } from "./echo-server.js";
import { serve } from "./harness.js";

/** Socket.IO. Acks get the first argument. */
export async function echoServer(options: Partial<ServerOptions> = {}, port?: number) {
  const server = await serve(options, port);
  const auths: unknown[] = [];
  server.io.on("connection", (socket) => {
    auths.push(socket.handshake.auth);
    socket.onAny((...args: [string, ...unknown[]]) => {
      // the library's own events are for its helpers
      if (args[0].startsWith("$tautline:")) return;
      const answer = args.at(-1);
      if (typeof answer === "function") answer(args[1]);
      else socket.emit(...args);
    });
  });
  return {
    ...server,
    auths,
    connections: () => auths.length,
    clients: () => server.io.engine.clientsCount,
  };
}

/**
 * Plain WebSockets. "close 4001" closes the connection with that code.
 *
 * @param mute - a message that is not answered
 */
export async function echoWebSocketServer(mute: string) {
  const addresses: string[] = [];
  const messages: string[] = [];
  const protocols: string[] = [];
  const server = await speak(
    (socket) => {
      protocols.push(socket.protocol);
      socket.on("message", (data) => {
        messages.push(String(data));
        const code = /^close (\d+)$/.exec(String(data))?.[1];
        if (code) socket.close(+code);
        else if (String(data) !== mute) socket.send(String(data));
      });
    },
    { handleProtocols: (offered: Set<string>) => [...offered].at(-1) ?? false } as never,
  );
  server.sockets.on("connection", (_socket, { url = "" }) => addresses.push(url));
  return { ...server, addresses, messages, protocols, clients: () => server.sockets.clients.size };
}
