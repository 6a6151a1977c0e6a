/**
 * Real servers on free ports, to be met over real sockets.
 *
 * Each `start...` gives where it listens and a `close` that ends everything that belongs to it, open connections too.
 * A new kind of server is one more such function: on a test's side, `serve` in harness.ts closes it with the test.
 */
import { createServer, type RequestListener, type Server as HttpServer } from "node:http";
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { Server, type ServerOptions } from "socket.io";
import { WebSocketServer, type WebSocket, type ServerOptions as WebSocketOptions } from "ws";

export interface RunningServer {
  port: number;
  url: string;
  close(): Promise<void>;
}

const used = new Set<number>();

/**
 * Takes a port, unless it was taken before in this process. The system gives out ports again soon, and a client
 * remembers what it met there: the next test's server must not be taken for the last one's.
 */
export function claimPort(port: number): boolean {
  return !used.has(port) && used.add(port) !== undefined;
}

/** Ports that no process can listen at, each with the connection that keeps it. */
const kept = new Map<number, Socket>();
let keeper: Promise<number> | undefined;

/** A server whose only work is to have connections. They hold no process back from its end. */
async function startKeeper(): Promise<number> {
  const server = createTcpServer((socket) => socket.on("error", () => {}).unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}

/** A port of `closedPort` can be listened at from here on: at once, or another process may take it. */
function releasePort(port: number): void {
  kept.get(port)?.resetAndDestroy();
  kept.delete(port);
}

export async function listen(http: HttpServer, port = 0): Promise<RunningServer> {
  releasePort(port);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(port, "127.0.0.1", resolve);
  });
  const bound = (http.address() as AddressInfo).port;
  if (port === 0 && !claimPort(bound)) {
    await new Promise((resolve) => http.close(resolve));
    return listen(http);
  }
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

export interface RunningSocketIo extends RunningServer {
  io: Server;
}

/** A stock socket.io server; `port` is for a server that comes back where one was. */
export async function startSocketIo(
  options: Partial<ServerOptions> = {},
  port = 0,
): Promise<RunningSocketIo> {
  const http = createServer((_request, response) => response.writeHead(404).end("Not here"));
  const io = new Server(http, options);
  const running = await listen(http, port);
  return {
    ...running,
    io,
    close: async () => {
      // WebSockets are not the HTTP server's any more, so engine.io must end them: as a server that goes down does,
      // without the disconnect packets that would tell clients to stay away.
      io.engine.close();
      await running.close();
    },
  };
}

export interface RunningWebSocketServer extends RunningServer {
  sockets: WebSocketServer;
}

/** A plain WebSocket server, which knows nothing of Engine.IO. */
export async function startWebSocketServer(
  onSocket: (socket: WebSocket) => void = () => undefined,
  options: WebSocketOptions = {},
): Promise<RunningWebSocketServer> {
  const http = createServer((_request, response) =>
    response.writeHead(426).end("Upgrade Required"),
  );
  const sockets = new WebSocketServer({ server: http, ...options });
  sockets.on("connection", onSocket);
  const running = await listen(http);
  return {
    ...running,
    sockets,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await running.close();
    },
  };
}

export interface WebPage {
  /** @default 200 */
  status?: number;
  /** @default a small HTML page */
  body?: string;
  headers?: Record<string, string>;
}

/** Answers every request alike, and allows no other origin to read it. */
export function startWebPage({
  status = 200,
  body,
  headers,
}: WebPage = {}): Promise<RunningServer> {
  const page = body ?? "<!doctype html><title>A page</title><p>Nothing but a page.</p>";
  return startHttp((_request, response) => {
    response.writeHead(status, { "Content-Type": "text/html", ...headers }).end(page);
  });
}

export function startHttp(listener: RequestListener): Promise<RunningServer> {
  return listen(createServer(listener));
}

/**
 * A port where nobody listens, and no other process can begin to: it is that of a connection. A server of this process takes it
 * with `listen`.
 */
export async function closedPort(): Promise<number> {
  const far = await (keeper ??= startKeeper());
  const socket = connect(far, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", resolve);
  });
  socket.on("error", () => {}).unref();
  const port = socket.localPort as number;
  kept.set(port, socket);
  if (claimPort(port)) return port;
  const another = await closedPort();
  releasePort(port);
  return another;
}
