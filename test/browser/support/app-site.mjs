/**
 * A page with an app that Tautline's package is bundled into, on the origin of a real Socket.IO server with dedupe() and
 * connection state recovery. `/other` of the same origin is a page with nothing in it.
 *
 *   const site = await startAppSite("tabs-page.js");
 *   await tab.goto(site.url);
 *
 * To extend: an app is a module in this folder, which may import others of this folder and of the package.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Server } from "socket.io";
import { bundleApp, esbuildBuild } from "../../../scripts/bundlers.mjs";

const here = (name) => new URL(name, import.meta.url);

/** They give performance.now() a resolution of 5 us. */
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cache-Control": "no-store",
};

/** @param options those of socket.io's server */
export async function startAppSite(app, options = {}) {
  const { dedupe } = await import(here("../../../dist/server.js").href);
  const html = (body) =>
    `<!doctype html><meta charset="utf-8"><title>A tab</title><link rel="icon" href="data:,"><body>${body}</body>`;
  const pages = new Map([
    ["/", ["text/html", html(`<script type="module" src="/app.js"></script>`)]],
    ["/other", ["text/html", html("another page")]],
    ["/app.js", ["text/javascript", await bundlePage(app)]],
  ]);
  const http = createServer((request, response) => {
    const page = pages.get(new URL(request.url, "http://site").pathname);
    if (!page) return response.writeHead(404, HEADERS).end();
    return response.writeHead(200, { ...HEADERS, "Content-Type": page[0] }).end(page[1]);
  });
  const io = new Server(http, {
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    ...options,
  });
  dedupe(io);
  await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    http,
    io,
    url: `http://127.0.0.1:${http.address().port}`,
    async close() {
      io.engine.close();
      await new Promise((resolve) => {
        http.close(resolve);
        http.closeAllConnections();
      });
    },
  };
}

/** The app stands elsewhere while it is bundled, so what it imports of this folder is named in full. */
async function bundlePage(app) {
  const text = await readFile(here(app), "utf8");
  const absolute = text.replace(/ from "\.\/(.+)"/g, (_, name) => {
    return ` from ${JSON.stringify(fileURLToPath(here(name)))}`;
  });
  return bundleApp((file) => esbuildBuild(file), absolute);
}
