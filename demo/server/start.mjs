import http from "node:http";
import path from "node:path";
import { buildBundles } from "./bundles.mjs";
import { listen } from "./listen.mjs";
import { createPages } from "./pages.mjs";
import { readScript } from "./script.mjs";
import { buildSimulator } from "./simulator.mjs";
import { openSwitchboard } from "./switchboard.mjs";

/**
 * Starts the whole demo in this process: the pages, and on another origin a stock Socket.IO server behind the
 * switchboard.
 *
 * @param {object} options
 * @param {string} options.root
 * @param {number} options.port
 * @param {string} options.host
 * @param {(where: { pagesPort: number }) => Promise<Backend>} [options.startBackend] one server by default
 * @returns {Promise<{ port: number, url: string, socketUrl: string, close(): Promise<void> }>}
 */
export async function startDemo({ root, port, host, startBackend = startOne }) {
  const script = await readScript(path.join(root, "dist"));
  const pages = http.createServer();
  const pagesPort = await listen(pages, { port, host });
  const bundles = await buildBundles(path.join(root, "demo", "public"));
  bundles.set("simulator/page.js", await buildSimulator(root));
  const backend = await startBackend({ pagesPort }).catch((error) => {
    pages.close();
    throw error;
  });
  const switchboard = await openSwitchboard({
    upstream: backend,
    // A neighbour of the pages' port, so that open pages find the server again after a restart.
    port: port === 0 ? 0 : pagesPort + 1,
    host,
  });
  const { routes } = backend;
  pages.on("request", createPages({ root, script, bundles, switchboard, backend, routes }));

  return {
    port: pagesPort,
    url: `http://localhost:${pagesPort}`,
    socketUrl: `http://localhost:${switchboard.port}`,
    async close() {
      const pagesClosed = new Promise((resolve) => pages.close(resolve));
      pages.closeAllConnections();
      await switchboard.close();
      await backend.close();
      await pagesClosed;
    },
  };
}

/**
 * @typedef {object} Backend
 * @property {number} port
 * @property {[string, import("express").Router][]} routes
 * @property {() => Promise<void>} restart
 * @property {() => Promise<void>} close
 */

/** It imports what has been built, which is known to be there only now. */
async function startOne(where) {
  const { startBackend } = await import("./backend.mjs");
  return startBackend(where);
}
