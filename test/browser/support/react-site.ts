/**
 * A page with an app of React that Vite has built, on the origin of a stock Socket.IO server and of a plain WebSocket server
 * (`/plain`).
 *
 *   const site = await startReactSite({ react: folder, mode: "development" });
 *   await page.goto(site.url);  // has `live`, see react-app.js
 *
 * To extend: give the app in react-app.js another part.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { bundleApp } from "../../../scripts/bundlers.mjs";
import { listen, type RunningServer } from "../../support/servers.ts";

export interface ReactSite extends RunningServer {
  io: Server;
  plain: WebSocketServer;
  /** How many connections there have been; a test may set them back. */
  counts: { io: number; plain: number };
}

/** @param modules - the node_modules where React is */
export async function startReactSite(
  modules: string,
  mode: "development" | "production",
): Promise<ReactSite> {
  const app = await readFile(new URL("react-app.js", import.meta.url), "utf8");
  const script = await bundleApp("vite7", app, {
    mode,
    packages: {
      tautline: resolve("."),
      react: resolve(modules, "react"),
      "react-dom": resolve(modules, "react-dom"),
    },
  });
  const counts = { io: 0, plain: 0 };
  const http = createServer((request, response) => {
    if (request.url === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end(`<!doctype html><title>React</title><link rel="icon" href="data:," /><div id="app"></div>
        <script type="module" src="/app.js"></script>`);
    } else if (request.url === "/app.js") {
      response.setHeader("Content-Type", "text/javascript");
      response.end(script);
    } else response.writeHead(404).end();
  });
  const io = new Server(http);
  io.on("connection", (socket) => {
    counts.io++;
    socket.on("burst", (count: number) => {
      for (let n = 0; n < count; n++) socket.emit("n", n);
    });
  });
  const plain = new WebSocketServer({ noServer: true });
  http.on("upgrade", (request, socket, head) => {
    if (request.url !== "/plain") return;
    plain.handleUpgrade(request, socket, head, (client) => {
      counts.plain++;
      client.on("message", (data) => client.send(String(data)));
    });
  });
  const running = await listen(http);
  return {
    ...running,
    io,
    plain,
    counts,
    async close() {
      for (const client of plain.clients) client.terminate();
      io.engine.close();
      await running.close();
    },
  };
}
