import { readFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";

/*
 * A page with the script-tag build, and a stock Socket.IO server on another origin that the page may use.
 *
 *   const site = await startBundleSite();
 *   await page.goto(site.url); // or `${site.url}/full`, with everything in it
 *   site.io.on("connection", ...);
 *   await site.close();
 *
 * To serve another file, add it to `files`; another script-tag build, to `scripts`.
 */

const dist = new URL("../../../dist/", import.meta.url);
const page = (script: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Bundle</title><script src="${script}"></script>`;

export interface BundleSite {
  readonly url: string;
  readonly socketUrl: string;
  readonly io: Server;
  close(): Promise<void>;
}

export async function startBundleSite(): Promise<BundleSite> {
  const scripts = new Map([
    ["/", "/tautline.min.js"],
    ["/full", "/tautline.full.min.js"],
  ]);
  const files = new Set([...scripts.values(), "/tautline.esm.min.js"]);
  const pages = http.createServer(async (request, response) => {
    const script = scripts.get(request.url ?? "");
    if (script) {
      response.setHeader("Content-Type", "text/html").end(page(script));
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
