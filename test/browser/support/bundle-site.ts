import { readFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

/*
 * A page with the script-tag build, and a stock Socket.IO server on another origin that the page may use.
 *
 *   const site = await startBundleSite();
 *   await page.goto(site.url);
 *   site.io.on("connection", ...);
 *   await site.close();
 *
 * To serve another file, add it to `files`.
 */

const dist = new URL("../../../dist/", import.meta.url);
const page = `<!doctype html><meta charset="utf-8"><title>Bundle</title>
<script src="/tautline.min.js"></script>`;

export interface BundleSite {
  readonly url: string;
  readonly socketUrl: string;
  readonly io: Server;
  close(): Promise<void>;
}

export async function startBundleSite(): Promise<BundleSite> {
  const files = new Set(["/tautline.js", "/tautline.min.js", "/tautline.esm.min.js"]);
  const pages = http.createServer(async (request, response) => {
    if (request.url === "/") {
      response.setHeader("Content-Type", "text/html").end(page);
    } else if (files.has(request.url ?? "")) {
      const file = await readFile(new URL(`.${request.url}`, dist));
      response.setHeader("Content-Type", "text/javascript").end(file);
    } else {
      response.writeHead(404).end();
    }
  });
  const url = `http://localhost:${await listen(pages)}`;
  const sockets = http.createServer();
  const io = new Server(sockets, { cors: { origin: url } });
  const socketUrl = `http://localhost:${await listen(sockets)}`;
  return {
    url,
    socketUrl,
    io,
    async close() {
      pages.closeAllConnections();
      await Promise.all([io.close(), new Promise((resolve) => pages.close(resolve))]);
    },
  };
}

function listen(server: http.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}
