/**
 * The server of pages that share a connection, for tests and benchmarks.
 *
 *   const site = await startTabsSite({ rate: 50 });
 *   await tab.goto(site.url);                      // has `live`, see tabs-page.js
 *   await tab.evaluate(`live.start({ life: "a", mode: "shared", rate: 50 })`);
 *   site.lines;                                    // connections of the server that are open
 *   site.lives.get("a");                           // the Tally of what came from that page
 */
import { EventEmitter } from "node:events";
import { startAppSite } from "./app-site.mjs";
import { Tally } from "./tally.mjs";

/** @param options `{ io, rate }`: of socket.io's server, and how many "down" events there are in a second */
export async function startTabsSite({ io, rate = 0 } = {}) {
  const site = new TabsSite(await startAppSite("tabs-page.js", io));
  if (rate) site.sendDowns(1000 / rate);
  return site;
}

/** Its events: "line" (number of the connection), "lineEnd", and "up" (number of the connection, life, n). */
class TabsSite extends EventEmitter {
  /** How many connections there have been. */
  count = 0;
  /** The numbers of those that are open. */
  lines = new Set();
  lives = new Map();
  recovered = 0;
  broken = [];
  downs = 0;
  /** Of each connection: when it began, what it asked for and got. */
  log = [];
  #site;
  #timer;

  constructor(site) {
    super();
    this.#site = site;
    this.io = site.io;
    this.url = site.url;
    this.io.on("connection", (socket) => this.#connected(socket));
  }

  sendDowns(milliseconds) {
    this.#timer = setInterval(() => this.io.emit("down", this.downs++), milliseconds);
  }

  #connected(socket) {
    const line = ++this.count;
    this.lines.add(line);
    if (socket.recovered) this.recovered++;
    const { pid, offset } = socket.handshake.auth;
    this.note(`line ${line}`, { pid, offset, recovered: socket.recovered });
    socket.on("up", (life, n, ...rest) => {
      const answer = rest.pop();
      if (n % 16 === 0 && !isBinaryOf(n, rest[0])) this.broken.push([life, n]);
      this.tally(life).receive(n);
      answer(line);
      this.emit("up", line, life, n);
    });
    socket.on("echo", (value, answer) => answer(value));
    socket.on("disconnect", (reason) => {
      this.lines.delete(line);
      this.note(`line ${line} ends`, reason);
      this.emit("lineEnd", line, reason);
    });
    this.emit("line", line);
  }

  note(...entry) {
    this.log.push([Date.now(), ...entry]);
    if (this.log.length > 50) this.log.shift();
  }

  tally(life) {
    if (!this.lives.has(life)) this.lives.set(life, new Tally());
    return this.lives.get(life);
  }

  async close() {
    clearInterval(this.#timer);
    await this.#site.close();
  }
}

function isBinaryOf(n, value) {
  return Buffer.isBuffer(value) && value.equals(Buffer.from([n & 255, (n >> 8) & 255, 255]));
}
