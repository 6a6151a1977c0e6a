/**
 * A page with an app of a framework that Vite has built, on the origin of a stock Socket.IO server and of a plain WebSocket
 * server (`/plain`).
 *
 *   const site = await startAdapterSite("vue-app.js", { mode: "development", packages: { vue: folder } });
 *   await page.goto(site.url);  // has `live`, see vue-app.js
 *
 * To extend: give the app another part.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { bundleApp } from "../../../scripts/bundlers.mjs";
import { listen, type RunningServer } from "../../support/servers.ts";

export interface AdapterSite extends RunningServer {
  io: Server;
  plain: WebSocketServer;
  /** How many connections there have been; a test may set them back. */
  counts: { io: number; plain: number };
}

export type BuildMode = "development" | "production";
export const buildModes: readonly BuildMode[] = ["development", "production"];

export interface AdapterBuild {
  mode: BuildMode;
  /** Folders of the framework's packages. */
  packages: Record<string, string>;
  /** A script before the app. */
  before?: string;
}

export async function startAdapterSite(
  file: string,
  { mode, packages, before = "" }: AdapterBuild,
): Promise<AdapterSite> {
  const app = await readFile(new URL(file, import.meta.url), "utf8");
  const script = await bundleApp("vite7", app, {
    mode,
    packages: { tautline: resolve("."), ...packages },
  });
  const counts = { io: 0, plain: 0 };
  const http = createServer((request, response) => {
    if (request.url === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end(`<!doctype html><title>App</title><link rel="icon" href="data:," /><div id="app"></div>
        <script>${before}</script><script type="module" src="/app.js"></script>`);
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

/** The page of a site, and what its test asks of it. */
export interface AdapterPage {
  page: Page;
  /** What the page has complained of. */
  problems: string[];
  /** Waits until an element has this text. */
  shows(id: string, text: string): Promise<unknown>;
  /** A property of `live`. */
  live(expression: string): Promise<any>;
}

export async function openAdapterPage(page: Page, site: AdapterSite): Promise<AdapterPage> {
  Object.assign(site.counts, { io: 0, plain: 0 });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (/error|warning/.test(message.type())) problems.push(message.text());
  });
  await page.goto(site.url);
  return {
    page,
    problems,
    shows: (id, text) =>
      page.waitForFunction(
        ([id, text]) => document.getElementById(String(id))?.textContent === text,
        [id, text],
      ),
    live: (expression) => page.evaluate(`live.${expression}`),
  };
}
