/**
 * Worlds in which a client does not connect, or not as it should, each with the cause that `diagnose()` has to name. They run in
 * this process, so that tests in Node and in browsers have the same ones.
 *
 * To extend: a world starts what it needs and returns the address. `causes` is what a page of another origin sees; where Node sees
 * more, `inNode` says what.
 */
import { createServer as createSecureServer } from "node:https";
import type { RequestListener } from "node:http";
import { createFaultProxy, type Faults } from "./fault-proxy.mjs";
import { startBalancer } from "./balancer.js";
import { certificate } from "./certificate.js";
import { startEngine3 } from "./engine3-server.js";
import {
  closedPort,
  listen,
  type RunningServer,
  startHttp,
  startSocketIo,
  startWebSocketServer,
} from "./servers.js";

export interface StartedWorld {
  url: string;
  options?: { path?: string; auth?: object; withCredentials?: boolean };
}

export interface BrokenWorld {
  name: string;
  /** In a page of another origin. */
  cause: string;
  /** In Node, where that differs. */
  inNode?: string;
  /** Whether a client would get in all the same. */
  connects: boolean;
  /** Something never answers: a report takes all the time that it has. */
  isSilent?: boolean;
  /** @param keep - takes what has to be closed */
  start(keep: (server: { close(): unknown }) => void): Promise<StartedWorld>;
}

/** Over polling, the doctor sends CONNECT and then so many pongs. */
const LAST_POST = 3;

type Keep = Parameters<BrokenWorld["start"]>[0];

const cors = { origin: true, credentials: true };

async function socketIo(keep: Keep, options = {}): Promise<RunningServer> {
  const server = await startSocketIo({ cors, ...options });
  keep(server);
  return server;
}

/** A proxy with a fault before a Socket.IO server. */
const behind =
  (faults: Partial<Faults>, options = {}) =>
  async (keep: Keep): Promise<StartedWorld> => {
    const server = await socketIo(keep, options);
    const proxy = await createFaultProxy({ target: server.port, faults });
    keep(proxy);
    return { url: proxy.url };
  };

/** A server that answers everything in one way. */
const answering =
  (listener: RequestListener) =>
  async (keep: Keep): Promise<StartedWorld> => {
    const server = await startHttp((request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      listener(request, response);
    });
    keep(server);
    return { url: server.url };
  };

const status = (code: number, headers = {}): RequestListener => {
  return (_request, response) => void response.writeHead(code, headers).end("<h1>No</h1>");
};

/** What reaches Socket.IO only where `passes` says so; other requests are answered, or not, by `passes` itself. */
const gated =
  (passes: (...call: Parameters<RequestListener>) => boolean) =>
  async (keep: Keep): Promise<StartedWorld> => {
    const server = await startSocketIo({ cors });
    keep(server);
    const http = server.io.httpServer;
    const listeners = http.listeners("request") as RequestListener[];
    http.removeAllListeners("request");
    http.on("request", (request, response) => {
      if (passes(request, response)) for (const listener of listeners) listener(request, response);
    });
    return { url: server.url };
  };

/** A server whose middleware does this. */
const withMiddleware =
  (middleware: (next: () => void) => unknown, options = {}) =>
  async (keep: Keep): Promise<StartedWorld> => {
    const server = await startSocketIo({ cors, ...options });
    keep(server);
    server.io.use((_socket, next) => void middleware(next));
    return { url: server.url };
  };

export const brokenWorlds: readonly BrokenWorld[] = [
  {
    name: "nothing wrong",
    cause: "none",
    connects: true,
    start: behind({}),
  },
  {
    name: "no CORS headers",
    cause: "cors",
    inNode: "none",
    connects: true,
    start: behind({}, { cors: undefined }),
  },
  {
    name: "a proxy that drops the Upgrade headers",
    cause: "websocket-blocked",
    connects: true,
    start: behind({ stripUpgrade: true }),
  },
  {
    name: "a proxy that refuses upgrades with 403",
    cause: "websocket-blocked",
    connects: true,
    start: behind({ refuseUpgrade: 403 }),
  },
  {
    name: "a proxy that swallows upgrades",
    cause: "websocket-hangs",
    isSilent: true,
    connects: true,
    start: behind({ hangUpgrade: true }),
  },
  {
    name: "a proxy that accepts WebSockets and swallows what they carry",
    cause: "websocket-silent",
    isSilent: true,
    connects: true,
    start: behind({ blackhole: { webSocket: "both" } }),
  },
  {
    name: "a half-open line: the server does not hear the client",
    cause: "websocket-silent",
    isSilent: true,
    connects: true,
    start: behind({ blackhole: { webSocket: "up" } }),
  },
  {
    name: "a load balancer without sticky sessions",
    cause: "session-unknown",
    connects: true,
    async start(keep) {
      const nodes = [await socketIo(keep), await socketIo(keep)];
      const balancer = await startBalancer(nodes.map(({ port }) => port));
      keep(balancer);
      return { url: balancer.url };
    },
  },
  {
    name: "a proxy that holds polls back",
    cause: "polling-hangs",
    isSilent: true,
    connects: true,
    start: gated(({ method, url }) => method !== "GET" || !/[?&]sid=/.test(url ?? "")),
  },
  {
    name: "a firewall that lets no POST through",
    cause: "post-blocked",
    connects: true,
    start: gated(({ method }, response) => {
      if (method !== "POST") return true;
      response.writeHead(405, { "Access-Control-Allow-Origin": "*" }).end();
      return false;
    }),
  },
  {
    name: "a server at another path",
    cause: "wrong-path",
    connects: false,
    start: answering(status(404)),
  },
  {
    name: "a web server that answers every path with its page",
    cause: "not-socketio",
    connects: false,
    start: answering((_request, response) => void response.end("<!doctype html><h1>App</h1>")),
  },
  {
    name: "a web server without CORS headers",
    cause: "not-socketio",
    connects: false,
    async start(keep) {
      const server = await startHttp((_request, response) => void response.end("<h1>App</h1>"));
      keep(server);
      return { url: server.url };
    },
  },
  {
    name: "a plain WebSocket server",
    isSilent: true,
    cause: "not-socketio",
    connects: false,
    async start(keep) {
      const server = await startWebSocketServer();
      keep(server);
      return { url: server.url.replace(/^ws/, "http") };
    },
  },
  {
    name: "a Socket.IO 2 server",
    cause: "unsupported-version",
    connects: false,
    async start(keep) {
      const server = await startEngine3();
      keep(server);
      return { url: server.url };
    },
  },
  {
    name: "401 before the server",
    cause: "http-unauthorized",
    connects: false,
    start: answering(status(401)),
  },
  {
    name: "a server whose allowRequest refuses",
    cause: "http-forbidden",
    connects: false,
    start: behind(
      {},
      {
        allowRequest: (_: unknown, decide: (error: string, ok: boolean) => void) =>
          decide("no", false),
      },
    ),
  },
  {
    name: "429 before the server",
    cause: "rate-limited",
    connects: false,
    start: answering(status(429, { "retry-after": "5" })),
  },
  {
    name: "502 of a proxy whose server is down",
    cause: "server-error",
    connects: false,
    start: answering(status(502)),
  },
  {
    name: "a redirect",
    cause: "redirect",
    connects: false,
    start: answering(status(308, { location: "https://elsewhere.example/" })),
  },
  {
    name: "a certificate that nobody trusts",
    cause: "unreachable",
    inNode: "tls",
    connects: false,
    async start(keep) {
      const server = await listen(createSecureServer(certificate, status(200)) as never);
      keep(server);
      return { url: `https://localhost:${server.port}` };
    },
  },
  {
    name: "https: for a server that speaks http:",
    cause: "wrong-scheme",
    connects: false,
    async start(keep) {
      const { port } = await socketIo(keep);
      return { url: `https://localhost:${port}` };
    },
  },
  {
    name: "nothing listens",
    cause: "unreachable",
    inNode: "connection-refused",
    connects: false,
    start: async () => ({ url: `http://localhost:${await closedPort()}` }),
  },
  {
    name: "a name that nobody has",
    cause: "unreachable",
    inNode: "dns",
    connects: false,
    start: () => Promise.resolve({ url: "http://nobody.invalid" }),
  },
  {
    name: "a server that accepts connections and says nothing",
    cause: "timeout",
    isSilent: true,
    connects: false,
    start: answering(() => {}),
  },
  {
    name: "a server that takes polling only",
    cause: "websocket-disabled",
    connects: true,
    start: behind({}, { transports: ["polling"] }),
  },
  {
    name: "a server that takes WebSockets only",
    cause: "polling-disabled",
    connects: true,
    start: behind({}, { transports: ["websocket"] }),
  },
  {
    name: "a namespace that is not there",
    cause: "unknown-namespace",
    connects: false,
    async start(keep) {
      return { url: `${(await socketIo(keep)).url}/nowhere` };
    },
  },
  {
    name: "a network that takes a second for each answer",
    cause: "none",
    connects: true,
    start: behind({ latency: 250 }),
  },
  {
    name: "a network that takes two seconds for each answer",
    cause: "slow",
    connects: false,
    start: behind({ latency: 900 }),
  },
  {
    name: "a server that takes two seconds for each request",
    cause: "slow",
    connects: true,
    async start(keep) {
      const server = await startSocketIo({ cors });
      keep(server);
      const http = server.io.httpServer;
      for (const event of ["request", "upgrade"]) {
        const listeners = http.listeners(event) as ((...args: unknown[]) => void)[];
        http.removeAllListeners(event);
        http.on(event, (...args: unknown[]) =>
          setTimeout(() => {
            for (const listener of listeners) listener(...args);
          }, 2000),
        );
      }
      return { url: server.url };
    },
  },
  {
    name: "a middleware that never answers",
    cause: "connect-unanswered",
    isSilent: true,
    connects: false,
    start: withMiddleware(() => {}),
  },
  {
    name: "a middleware that never answers, and a server that closes for it",
    cause: "connect-unanswered",
    connects: false,
    // as `connectTimeout` does, but not before the client has sent all: a slow one would find no session any more
    async start(keep) {
      const server = await startSocketIo({ cors });
      keep(server);
      const { io } = server;
      io.engine.on("connection", (session) => {
        let pongs = 0;
        session.on("packet", ({ type }: { type: string }) => {
          if (type === "pong" && ++pongs === LAST_POST) session.close();
        });
      });
      io.use(({ conn }) => {
        if (conn.transport.name === "websocket") conn.close();
      });
      return { url: server.url };
    },
  },
  {
    name: "a middleware that never answers, where only polling is taken",
    cause: "connect-unanswered",
    isSilent: true,
    connects: false,
    start: withMiddleware(() => {}, { transports: ["polling"] }),
  },
  {
    name: "a middleware that takes a second",
    cause: "none",
    connects: true,
    start: withMiddleware((next) => setTimeout(next, 1000)),
  },
  {
    name: "a middleware that refuses",
    cause: "refused",
    connects: false,
    async start(keep) {
      const server = await startSocketIo({ cors });
      keep(server);
      server.io.use((_socket, next) => next(new Error("who are you?")));
      return { url: server.url };
    },
  },
];
