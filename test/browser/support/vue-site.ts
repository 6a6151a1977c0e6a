/**
 * A page with an app of Vue that Vite has built, on the origin of a stock Socket.IO server and of a plain WebSocket server
 * (`/plain`).
 *
 *   const site = await startVueSite("development");
 *   await page.goto(site.url);  // has `live`, see vue-app.js
 *
 * To extend: give the app in vue-app.js another part.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { resolve } from "node:path";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { bundleApp } from "../../../scripts/bundlers.mjs";
import { listen, type RunningServer } from "../../support/servers.ts";

export interface VueSite extends RunningServer {
  io: Server;
  plain: WebSocketServer;
  /** How many connections there have been; a test may set them back. */
  counts: { io: number; plain: number };
}

export async function startVueSite(mode: "development" | "production"): Promise<VueSite> {
  const app = await readFile(new URL("vue-app.js", import.meta.url), "utf8");
  const script = await bundleApp("vite7", app, {
    mode,
    packages: {
      tautline: resolve("."),
      vue: resolve("node_modules/vue"),
    },
  });
  const counts = { io: 0, plain: 0 };
  const http = createServer((request, response) => {
    if (request.url === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end(`<!doctype html><title>Vue</title><link rel="icon" href="data:," /><div id="app"></div>
        <script>
          // what Vue's plugin for Vite sets
          __VUE_OPTIONS_API__ = true;
          __VUE_PROD_DEVTOOLS__ = __VUE_PROD_HYDRATION_MISMATCH_DETAILS__ = false;
        </script>
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
