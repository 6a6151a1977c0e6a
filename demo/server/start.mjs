import http from "node:http";
import path from "node:path";
import { Server } from "socket.io";
import { openChat } from "./chat.mjs";
import { openEcho } from "./echo.mjs";
import { listen } from "./listen.mjs";
import { createPages } from "./pages.mjs";
import { readScript } from "./script.mjs";
import { buildSimulator } from "./simulator.mjs";
import { openSwitchboard } from "./switchboard.mjs";

/**
 * Starts the whole demo in this process: the pages, and on another origin a stock Socket.IO server behind the
 * switchboard.
 *
 * @param {{ root: string, port: number, host: string }} options
 * @returns {Promise<{ url: string, socketUrl: string, close(): Promise<void> }>}
 */
export async function startDemo({ root, port, host }) {
  const script = await readScript(path.join(root, "dist"));
  const simulator = await buildSimulator(root);
  const pages = http.createServer();
  const pagesPort = await listen(pages, { port, host });

  const sockets = http.createServer();
  const io = new Server(sockets, {
    cors: { origin: (origin, allow) => allow(null, isPageOrigin(origin, pagesPort)) },
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    // The defaults (25 s and 20 s) would make one wait 45 s for a cut connection to be noticed.
    pingInterval: 5000,
    pingTimeout: 4000,
  });
  openChat(io);
  openEcho(io);
  const upstreamPort = await listen(sockets, { port: 0, host: "127.0.0.1" });
  const switchboard = await openSwitchboard({
    upstreamPort,
    // A neighbour of the pages' port, so that open pages find the server again after a restart.
    port: port === 0 ? 0 : pagesPort + 1,
    host,
  });
  pages.on("request", createPages({ root, script, simulator, switchboard }));

  return {
    url: `http://localhost:${pagesPort}`,
    socketUrl: `http://localhost:${switchboard.port}`,
    async close() {
      const pagesClosed = new Promise((resolve) => pages.close(resolve));
      pages.closeAllConnections();
      await switchboard.close();
      await io.close();
      await pagesClosed;
    },
  };
}

/** The pages may be reached by any name of this machine: their port is what tells them. No Origin: not a browser. */
function isPageOrigin(origin, pagesPort) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && (new URL(origin).port || "80") === String(pagesPort);
}
