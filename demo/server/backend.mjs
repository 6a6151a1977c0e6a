import http from "node:http";
import { Server } from "socket.io";
import { createChatRoom } from "./chat.mjs";
import { openEcho } from "./echo.mjs";
import { listen } from "./listen.mjs";

/** Milliseconds that a restart takes. */
const RESTART = 1500;

/**
 * A stock Socket.IO server with everything that the pages talk to. It can be restarted: what an app would keep in a
 * database survives that, sessions do not.
 *
 * @param {{ pagesPort: number }} options
 */
export async function startBackend({ pagesPort }) {
  const chat = createChatRoom();
  let running = await start(0);
  let restarting;

  async function start(port) {
    const server = http.createServer();
    const io = new Server(server, {
      cors: { origin: (origin, allow) => allow(null, isPageOrigin(origin, pagesPort)) },
      connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
      // The defaults (25 s and 20 s) would make one wait 45 s for a cut connection to be noticed.
      pingInterval: 5000,
      pingTimeout: 4000,
    });
    chat.open(io);
    openEcho(io);
    return { io, port: await listen(server, { port, host: "127.0.0.1" }) };
  }

  async function restart() {
    const { io, port } = running;
    await io.close();
    await new Promise((resolve) => setTimeout(resolve, RESTART));
    running = await start(port);
  }

  return {
    port: running.port,
    routes: [],
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

/** The pages may be reached by any name of this machine: their port is what tells them. No Origin: not a browser. */
function isPageOrigin(origin, pagesPort) {
  if (origin === undefined) return true;
  return URL.canParse(origin) && (new URL(origin).port || "80") === String(pagesPort);
}
