/**
 * The server of pages that store what they send, for tests and benchmarks.
 *
 *   const site = await startDurableSite();
 *   await tab.goto(site.url);                      // has `live`, see durable-page.js
 *   site.isOpen = false;                           // lets nobody in, and ends what is open
 *   site.received;                                 // the numbers that came, in their order
 *   site.stored;                                   // those that pages have reported as stored
 */
import { EventEmitter } from "node:events";
import { WebSocketServer } from "ws";
import { startAppSite } from "./app-site.mjs";

export async function startDurableSite() {
  const gate = { isOpen: true };
  const site = await startAppSite("durable-page.js", {
    destroyUpgrade: false,
    allowRequest: (_request, decide) => decide(null, gate.isOpen),
  });
  return new DurableSite(site, gate);
}

/**
 * Its events: "received" (n), "stored" (n), "failed" (why), "fresh" (a page has begun a database: its old version, and what
 * Chromium says of one that it could not read), and "report" (a page has opened its reports).
 */
class DurableSite extends EventEmitter {
  received = [];
  stored = new Set();
  failures = [];
  #site;
  #gate;
  #reports = new WebSocketServer({ noServer: true });

  constructor(site, gate) {
    super();
    this.#site = site;
    this.#gate = gate;
    this.io = site.io;
    this.url = site.url;
    this.io.on("connection", (socket) => {
      socket.on("number", (n, ...rest) => {
        this.received.push(n);
        // an ack means that it is delivered
        rest.pop()();
        this.emit("received", n);
      });
    });
    site.http.on("upgrade", (request, socket, head) => {
      if (request.url !== "/report") return;
      this.#reports.handleUpgrade(request, socket, head, (one) => this.#listen(one));
    });
  }

  get isOpen() {
    return this.#gate.isOpen;
  }

  set isOpen(isOpen) {
    this.#gate.isOpen = isOpen;
    if (!isOpen) for (const { conn } of this.io.sockets.sockets.values()) conn.close();
  }

  /** What has not come of what was stored. */
  get missing() {
    const received = new Set(this.received);
    return [...this.stored].filter((n) => !received.has(n));
  }

  #listen(page) {
    page.on("message", (data) => {
      const [what, value] = JSON.parse(data);
      if (what === "stored") this.stored.add(value);
      else if (what === "failed") this.failures.push(value);
      this.emit(what, value);
    });
    this.emit("report");
  }

  async close() {
    for (const page of this.#reports.clients) page.terminate();
    await this.#site.close();
  }
}
