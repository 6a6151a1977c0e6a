import http from "node:http";
import { Server } from "socket.io";
import { examples } from "../examples.mjs";
import { createChatRoom } from "./chat.mjs";
import { createComparison } from "./comparison.mjs";
import { createEcho } from "./echo.mjs";
import { listen } from "./listen.mjs";

/** Milliseconds that a restart takes. */
const RESTART = 1500;

/**
 * A stock Socket.IO server with everything that the pages talk to. It can be restarted: what an app would keep in a
 * database survives that, sessions do not.
 *
 * @param {object} options
 * @param {number} options.pagesPort
 * @param {number} [options.port]
 * @param {Awaited<ReturnType<typeof createParts>>} [options.parts]
 * @param {import("socket.io").ServerOptions["adapter"]} [options.adapter] that connects several nodes
 */
export async function startBackend({ pagesPort, port = 0, parts, adapter }) {
  parts ??= await createParts();
  let running = await start(port);
  let restarting;

  async function start(port) {
    const server = http.createServer();
    const io = new Server(server, {
      cors: { origin: (origin, allow) => allow(null, isPageOrigin(origin, pagesPort)) },
      connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
      // The defaults (25 s and 20 s) would make one wait 45 s for a cut connection to be noticed.
      pingInterval: 5000,
      pingTimeout: 4000,
      ...(adapter && { adapter }),
    });
    for (const part of parts) part.open({ io, http: server, isCluster: adapter !== undefined });
    return { io, port: await listen(server, { port, host: "127.0.0.1" }) };
  }

  async function restart() {
    await running.io.close();
    await new Promise((resolve) => setTimeout(resolve, RESTART));
    running = await start(port);
  }

  return {
    /** Another one after a restart, where the system chooses: somebody may have taken the first one meanwhile. */
    get port() {
      return running.port;
    },
    routes: routesOf(parts),
    /** Those who ask while it restarts wait for the same restart. */
    restart() {
      restarting ??= restart().finally(() => (restarting = undefined));
      return restarting;
    },
    async close() {
      await restarting;
      await running.io.close();
    },
  };
}

/**
 * What a server consists of, each `{ open({ io, http, isCluster }), routes }`: `open` is called after each restart, and
 * routes are what pages ask over HTTP, as `[path, router]`.
 *
 * @param {Parameters<typeof createComparison>[0]} [options]
 */
export async function createParts(options) {
  const files = examples
    .flatMap(({ sources }) => sources)
    .filter((file) => file.startsWith("server/examples/"));
  const modules = await Promise.all(
    files.map((file) => import(new URL(`../${file}`, import.meta.url))),
  );
  return [
    createChatRoom(),
    createEcho(),
    createComparison(options),
    ...modules.map(({ create }) => create()),
  ];
}

export function routesOf(parts) {
  return parts.flatMap(({ routes }) => routes ?? []);
}

/** The pages may be reached by any name of this machine: their port is what tells them. No Origin: not a browser. */
function isPageOrigin(origin, pagesPort) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && (new URL(origin).port || "80") === String(pagesPort);
}
