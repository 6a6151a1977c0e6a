import path from "node:path";
import express from "express";
import { notFound, pages } from "../pages.mjs";
import { docsRoutes } from "./docs-routes.mjs";
import { createLayout } from "./layout.mjs";
import { SCRIPT } from "./script.mjs";
import { sourceRoutes } from "./source-routes.mjs";
import { switchboardRoutes } from "./switchboard-routes.mjs";

/**
 * The static server: pages, built files, and `/config.json`, by which a page learns where the Socket.IO server is.
 *
 * @param {object} options
 * @param {string} options.root the project's folder
 * @param {{ bytes: Buffer, integrity: string }} options.script
 * @param {Map<string, string>} options.bundles
 * @param {import("./switchboard.mjs").Switchboard} options.switchboard
 * @param {{ restart(): Promise<void> }} options.backend
 * @param {[string, express.Router][]} options.routes what examples ask over HTTP
 */
export function createPages({ root, script, bundles, switchboard, backend, routes }) {
  const folder = path.join(root, "demo", "public");
  const layout = createLayout({ folder, integrity: script.integrity });
  const app = express();
  // errors are answered without a stack
  app.set("env", "production");
  app.disable("x-powered-by");
  app.use((request, response, next) => {
    response.set({
      "Content-Security-Policy": policyFor(request, switchboard),
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "no-cache",
    });
    next();
  });

  app.get("/config.json", (request, response) => {
    response.json({ socketUrl: socketUrlFor(request, switchboard) });
  });
  app.use("/switchboard", switchboardRoutes(switchboard, backend));
  app.use("/source", sourceRoutes(path.join(root, "demo")));
  app.use("/docs", docsRoutes(root));
  for (const [address, router] of routes) app.use(address, router);
  app.get(`/dist/${SCRIPT}`, (_request, response) => {
    response.type("text/javascript").send(script.bytes);
  });
  app.use("/dist", express.static(path.join(root, "dist"), { cacheControl: false }));
  app.get("/built/*file", (request, response, next) => {
    const text = bundles.get(request.path.slice("/built/".length));
    if (text === undefined) next();
    else response.type("text/javascript").send(text);
  });
  for (const page of pages) {
    app.get(page.path, (request, response) => layout(page, request, response));
  }
  app.get("/index.html", (_request, response) => response.redirect("/"));
  // As the others, these have an address without an ending too. It comes before their folders.
  for (const { path: address } of pages.filter((page) => page.path.endsWith(".html"))) {
    const short = address.replace(/\.html$/, "");
    app.get(short, ({ originalUrl }, response) =>
      response.redirect(originalUrl.replace(/^\/[\w-]+\/?/, address)),
    );
  }
  app.use(express.static(folder, { cacheControl: false, index: false }));
  app.use((request, response) => layout(notFound, request, response.status(404)));
  return app;
}

/** The name by which the page was reached also reaches the second port: localhost, or an address in the LAN. */
function socketUrlFor(request, { port }) {
  return `http://${hostOf(request)}:${port}`;
}

/** A page connects to this site and to its Socket.IO server, and nowhere else. */
function policyFor(request, switchboard) {
  const socketUrl = socketUrlFor(request, switchboard);
  const { connectsAnywhere } = pages.find((page) => page.path === request.path) ?? {};
  const connect = connectsAnywhere
    ? "http: https: ws: wss:"
    : `${socketUrl} ${socketUrl.replace("http", "ws")}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${connect}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

/** The name in the Host header, brackets of an IPv6 address included, without the port. Anything else is none. */
function hostOf(request) {
  const name = (request.headers.host ?? "").replace(/:\d+$/, "");
  return /^(\[[\da-f:]+\]|[\w.-]+)$/i.test(name) ? name : "localhost";
}
