import { readFile } from "node:fs/promises";
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { extname, join } from "node:path";
import { Server } from "socket.io";
import { listen, type RunningServer } from "../../support/servers.ts";

/*
 * An app's site: its files, and a stock Socket.IO server of the same origin, which has the other half of apps/conversation.js.
 *
 *   const site = await startSite({ files: { "/": "<!doctype html>..", "/app.js": code } });
 *   const site = await startSite({ folders: [dist], headers: { "Content-Security-Policy": ".." } });
 *   const site = await startSite({ behind: 3000 }); // all but Socket.IO comes from another server
 */
export interface SiteOptions {
  /** Texts, by their path. */
  files?: Record<string, string>;
  /** Folders whose files stand at the root. */
  folders?: string[];
  headers?: Record<string, string>;
  /** The port of the server that has the pages. */
  behind?: number;
}

export interface Site extends RunningServer {
  io: Server;
}

const types: Record<string, string> = {
  "": "text/html; charset=utf-8",
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const http = createServer((request, response) => {
    // a missing icon is a line in the console
    if (request.url === "/favicon.ico") response.writeHead(204).end();
    else if (options.behind) forward(options.behind, request, response);
    else void serve(options, request, response);
  });
  const io = new Server(http, { destroyUpgrade: false });
  if (options.behind) forwardUpgrades(http, options.behind);
  talk(io);
  const running = await listen(http);
  return {
    ...running,
    // workers and Next's development server want a name that is a secure origin
    url: `http://localhost:${running.port}`,
    io,
    close: async () => {
      io.engine.close();
      await running.close();
    },
  };
}

/** The server's half of apps/conversation.js. */
export function talk(io: Server): void {
  io.on("connection", (socket) => {
    let answer: Promise<unknown> | undefined;
    socket.on("add", (a: number, b: number, tell: (sum: number) => void) => {
      answer = socket.timeout(10_000).emitWithAck("greeting", "hello", Buffer.from([1, 2, 3]));
      tell(a + b);
    });
    socket.on("echo", (value: unknown, tell: (value: unknown) => void) => tell(value));
    socket.on("your answer", async (tell: (value: unknown) => void) => tell(await answer));
  });
}

async function serve(
  { files = {}, folders = [], headers = {} }: SiteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = decodeURI(new URL(request.url ?? "/", "http://site").pathname);
  const text = files[path] ?? (await firstOf(folders, path));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (text === undefined) {
    response.writeHead(404).end();
  } else {
    response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    response.end(text);
  }
}

/** The file that a path means: itself, a page without its extension, or a folder's index. */
async function firstOf(folders: string[], path: string): Promise<Buffer | undefined> {
  for (const folder of folders) {
    for (const name of [path, `${path}.html`, `${path}/index.html`]) {
      const found = await readFile(join(folder, name)).catch(() => undefined);
      if (found) return found;
    }
  }
  return undefined;
}

function forward(port: number, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const asked = ask({ port, host: "127.0.0.1", method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  asked.on("error", () => response.destroy());
  request.pipe(asked);
}

/** A development server has a WebSocket of its own. */
function forwardUpgrades(http: ReturnType<typeof createServer>, port: number): void {
  http.on("upgrade", (request, socket, head) => {
    if (request.url?.startsWith("/socket.io/")) return;
    const other = connect(port, "127.0.0.1", () => {
      const lines = request.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
      );
      other.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
      other.write(head);
      other.pipe(socket).pipe(other);
    });
    for (const end of [other, socket]) end.on("error", () => (other.destroy(), socket.destroy()));
  });
}
