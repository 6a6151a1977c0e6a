import { readFile } from "node:fs/promises";
import path from "node:path";
import express from "express";
import { SCRIPT } from "./script.mjs";
import { SIMULATOR_POLICY } from "./simulator.mjs";
import { switchboardRoutes } from "./switchboard-routes.mjs";

const PAGES = new Map([
  ["/", "index.html"],
  ["/index.html", "index.html"],
  ["/chat.html", "chat.html"],
  ["/connection-test.html", "connection-test.html"],
  ["/simulator", "simulator.html"],
  ["/simulator.html", "simulator.html"],
]);

// The connection test page connects to whatever host is typed in; everything else comes from here.
const POLICY = [
  "default-src 'self'",
  "connect-src 'self' http: https: ws: wss:",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/**
 * The static server: pages, built files, and `/config.json`, by which a page learns where the Socket.IO server is.
 *
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {{ bytes: Buffer, integrity: string }} options.script
 * @param {string} options.simulator the page of the simulator, with the packages that it imports
 * @param {import("./switchboard.mjs").Switchboard} options.switchboard
 */
export function createPages({ root, script, simulator, switchboard }) {
  const folder = path.join(root, "demo", "public");
  const app = express();
  app.disable("x-powered-by");
  app.use((request, response, next) => {
    response.set({
      "Content-Security-Policy": request.path.startsWith("/simulator") ? SIMULATOR_POLICY : POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-cache",
    });
    next();
  });

  app.get("/config.json", (request, response) => {
    // The name by which this page was reached also reaches the second port: localhost, or an address in the LAN.
    response.json({ socketUrl: `http://${hostOf(request)}:${switchboard.port}` });
  });
  app.use("/switchboard", switchboardRoutes(switchboard));
  app.get(`/dist/${SCRIPT}`, (_request, response) => {
    response.type("text/javascript").send(script.bytes);
  });
  app.get("/built/simulator/page.js", (_request, response) => {
    response.type("text/javascript").send(simulator);
  });
  app.use("/dist", express.static(path.join(root, "dist"), { cacheControl: false }));
  for (const [address, file] of PAGES) {
    app.get(address, async (_request, response) => {
      const html = await readFile(path.join(folder, file), "utf8");
      response.type("html").send(html.replaceAll("%INTEGRITY%", script.integrity));
    });
  }
  app.use(express.static(folder, { cacheControl: false, index: false }));
  app.use((_request, response) => {
    response.status(404).type("text").send("There is no such page here. The demo starts at /");
  });
  return app;
}

/** The name in the Host header, brackets of an IPv6 address included, without the port. */
function hostOf(request) {
  return (request.headers.host ?? "localhost").replace(/:\d+$/, "");
}
