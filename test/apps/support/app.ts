import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { Server, type ServerOptions } from "socket.io";
import { afterAll, beforeAll, expect, onTestFinished } from "vitest";
import { launchBrowser } from "../../support/browser.ts";
import { listen, type RunningServer } from "../../support/servers.ts";
import { type Library, root } from "./libraries.ts";

/*
 * Apps as people write them with socket.io-client: a folder of test/apps has the page, its script and its server. Their
 * sources name no other client: the build says which one it is.
 *
 *   const browser = useBrowser();
 *   const app = await startApp("chat", library);
 *   serveChat(app.io);
 *   const page = await openPage(browser(), app.url);
 *
 * To add an app: index.html, main.ts (or main.js, which is served as it is), and a test that runs it with each library.
 * What a test asks for here ends with the test, pages before their server.
 */
export interface RunningApp extends RunningServer {
  io: Server;
}

export interface AppOptions {
  server?: Partial<ServerOptions>;
  /** Answers what is neither the page nor one of its scripts. */
  routes?: (request: Request, url: URL) => Promise<Response | undefined>;
}

/** The files of an app, by their paths. */
async function filesOf(app: string, library: Library): Promise<Map<string, string>> {
  const folder = join(root, "test/apps", app);
  const page = await readFile(join(folder, "index.html"), "utf8");
  const main = page.includes("/client.js")
    ? await readFile(join(folder, "main.js"), "utf8")
    : await bundle(join(folder, "main.ts"), library);
  const files = new Map([
    ["/", page],
    ["/main.js", main],
  ]);
  if (page.includes("/client.js")) files.set("/client.js", await readFile(library.script, "utf8"));
  return files;
}

async function bundle(entry: string, { module }: Library): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "browser",
    target: "es2020",
    alias: { "socket.io-client": module },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

const typeOf = (path: string): string => (path.endsWith(".js") ? "text/javascript" : "text/html");

async function requestOf(incoming: IncomingMessage, url: URL): Promise<Request> {
  const { method = "GET", headers } = incoming;
  const body = Buffer.concat((await incoming.toArray()) as Buffer[]);
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  return new Request(url, {
    method,
    headers: Object.fromEntries(pairs),
    body: body.length ? body : null,
  });
}

/** The app's page, and a stock server of Socket.IO on the same origin. */
export async function startApp(
  app: string,
  library: Library,
  { server, routes }: AppOptions = {},
): Promise<RunningApp> {
  const files = await filesOf(app, library);
  const http = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", `http://${incoming.headers.host}`);
    const file = files.get(url.pathname);
    if (file !== undefined) {
      outgoing.writeHead(200, { "Content-Type": typeOf(url.pathname) }).end(file);
      return;
    }
    const answer = await routes?.(await requestOf(incoming, url), url);
    outgoing.writeHead(answer?.status ?? 404, Object.fromEntries(answer?.headers ?? []));
    outgoing.end(await answer?.text());
  });
  const io = new Server(http, { serveClient: false, ...server });
  const running = await listen(http);
  const started = {
    ...running,
    io,
    close: async () => {
      io.engine.close();
      await running.close();
    },
  };
  onTestFinished(() => started.close());
  return started;
}

/**
 * So many pages are connected, and have moved to WebSocket: of a page that goes away between two polls the server hears no sooner
 * than at a ping.
 */
export async function settled(count: number, ...nodes: { io: Server }[]): Promise<void> {
  const transports = (): string[] =>
    nodes.flatMap(({ io }) =>
      [...io.of("/").sockets.values()].map(({ conn }) => conn.transport.name),
    );
  await expect.poll(transports).toEqual(Array(count).fill("websocket"));
}

/** One browser for all tests of a file. */
export function useBrowser(): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => browser;
}

/** A visitor: a page with cookies and a storage of its own. What the page complains of fails the test. */
export async function openPage(browser: Browser, url: string): Promise<Page> {
  const context = await browser.newContext();
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.stack ?? error.message));
  onTestFinished(async () => {
    await context.close();
    if (problems.length) throw new Error(problems.join("\n"));
  });
  await page.goto(url);
  return page;
}
