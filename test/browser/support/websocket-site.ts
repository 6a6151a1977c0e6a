/**
 * A page with websocket-page.ts in it, and the WebSocket server that it talks to, on one origin.
 *
 *   const site = await startWebSocketSite();
 *   await page.goto(site.url);
 *   await page.evaluate(`behave("constants", "native", "${site.address}")`);
 *   await site.close();
 *
 * To extend: a path of the server is a line in `serve`.
 */
import { createServer, type IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type WebSocket, WebSocketServer } from "ws";
import { listen } from "../../support/servers.ts";

export interface WebSocketSite {
  readonly url: string;
  readonly address: string;
  /** How many connections there are now. */
  readonly connections: number;
  /** Ends every connection without a goodbye. */
  cut(): void;
  close(): Promise<void>;
}

export async function startWebSocketSite(): Promise<WebSocketSite> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("websocket-page.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
  });
  const script = outputFiles[0]?.text ?? "";
  let counted = 0;
  const http = createServer((request, response) => {
    if (request.url === "/page.js")
      response.setHeader("Content-Type", "text/javascript").end(script);
    else if (request.url === "/count") response.end(String(counted));
    else
      response
        .setHeader("Content-Type", "text/html")
        .end('<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered, { url }) =>
      url === "/no-protocol" ? false : ([...offered][0] ?? false),
  });
  const serve = (socket: WebSocket, { url = "" }: IncomingMessage): void => {
    const [path, how = ""] = url.split("?");
    const [code, reason] = how.split(",").map(decodeURIComponent);
    const end = (): void => {
      if (code === "cut") socket.terminate();
      else if (code) socket.close(+code, reason);
      else socket.close();
    };
    if (path === "/close") end();
    else if (path === "/close-when-told") socket.once("message", end);
    else if (path === "/count") {
      counted = 0;
      socket.on("message", (data: Buffer) => (counted += data.length));
    } else socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  };
  http.on("upgrade", (request, stream, head) => {
    if (request.url === "/refused")
      stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    else if (request.url === "/redirect")
      stream.end("HTTP/1.1 302 Found\r\nLocation: /echo\r\nConnection: close\r\n\r\n");
    else sockets.handleUpgrade(request, stream, head, (socket) => serve(socket, request));
  });
  const running = await listen(http);
  const cut = (): void => sockets.clients.forEach((socket) => socket.terminate());
  return {
    url: running.url,
    address: running.url.replace("http", "ws"),
    get connections() {
      return sockets.clients.size;
    },
    cut,
    async close() {
      cut();
      await running.close();
    },
  };
}
