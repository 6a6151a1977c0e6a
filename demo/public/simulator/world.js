/** One run: a network, its client and its server, and what happened on it. */
import * as kit from "./library.js";
import { begin, DURATION, FAULTS, LATENCY, LENGTH, Run } from "./scenario.js";

/** Frames that are listed. */
const LISTED = 200;
/** All in milliseconds. A run by hand ends some time, as its transcript is kept. */
const AN_HOUR = 3_600_000;
/** A slow network takes it each way. */
const SLOW = 500;
/** What callbacks throw is a claim that fails; the run goes on. */
const MOST_ERRORS = 100;
const LONGEST_STEP = 1000;
const FREEZE = 5000;
const RESTART = 2000;

export class World {
  /** Frames and faults, the newest first. */
  news = [];
  /** Frames under way, by their number. */
  flying = new Map();
  /** Counts what happened. */
  count = 0;
  isOver = false;
  /** Somebody has changed what the seed says. */
  isTouched = false;
  switches = { offline: false, blocked: false, slow: false };
  #downUntil = 0;
  #net;

  /** @param {{ seed: number | undefined, policy: string }} choice without a seed, faults come by hand, and nothing is healed */
  constructor({ seed, policy }) {
    this.seed = seed;
    this.end = seed === undefined ? AN_HOUR : LENGTH;
    const net = (this.#net = kit.network({ seed: seed ?? 1 }));
    net.watch((news) => this.#hear(news));
    this.faults = seed === undefined ? [] : kit.faultsOf({ seed, ...FAULTS });
    // as explore() does it
    for (const fault of this.faults) net.later(fault.at, () => net.strike(fault));
    if (this.faults.length) net.later(DURATION, () => net.heal());
    if (seed === undefined) {
      this.run = new Run(net, kit, policy);
      this.run.keepSending();
    } else this.run = begin(net, kit, policy);
    this.recording = kit.record(this.run.socket);
    this.run.socket.io.on("state", () => this.count++);
  }

  get now() {
    return this.#net.now;
  }

  /** Its server. */
  get isDown() {
    return this.now < this.#downUntil;
  }

  get transcript() {
    return this.#net.transcript;
  }

  /** Lets so many milliseconds pass, at most to the end. */
  async advance(ms) {
    if (this.isOver) return;
    const until = Math.min(this.now + ms, this.end);
    for (let errors = 0; this.now < until && errors < MOST_ERRORS; errors++)
      await this.#net.advance(until - this.now).catch((error) => this.run.claims.failed(error));
    if (this.now < this.end) return;
    this.isOver = true;
    if (this.seed !== undefined) this.run.claims.end();
  }

  /** Until the next thing happens, at most a second. */
  async step() {
    const before = this.count;
    for (let left = LONGEST_STEP; left > 0 && this.count === before; left--) await this.advance(1);
  }

  async close() {
    this.recording.stop();
    await this.#net.close();
  }

  /** What one can do to it. @param {string} id */
  do(id) {
    if (this.isOver) return;
    const { switches, isDown, run } = this;
    const net = this.#net;
    if (this.seed !== undefined) this.isTouched = true;
    switch (id) {
      case "send":
        return run.send();
      case "cut":
        return net.cut();
      case "half-open":
        return net.halfOpen();
      case "block":
        return net.blockWebSocket(switches.blocked ? false : "refuse");
      case "slow":
        return net.latency(switches.slow ? LATENCY : SLOW);
      case "freeze":
        return net.freeze(FREEZE);
      case "offline":
        return switches.offline ? net.online() : net.offline();
      case "kill":
        return isDown ? net.start() : net.kill();
      case "restart":
        return net.restart({ downFor: RESTART });
      case "heal":
        net.heal();
        return net.latency(LATENCY);
    }
  }

  #hear(news) {
    const { kind } = news;
    this.count++;
    if (kind === "opened" || kind === "ended") return;
    if (kind === "fault") {
      this.#changed(news.what);
      return this.#list({ ...news, fate: "fault" });
    }
    const known = this.flying.get(news.frame);
    if (kind === "sent" || !known) this.#list({ ...news, sent: news.at, fate: kind });
    else Object.assign(known, { fate: kind, until: news.at });
    if (kind !== "sent") this.flying.delete(news.frame);
  }

  /** What a fault, of the seed or by hand, has changed for longer. */
  #changed(what) {
    const { switches } = this;
    const [name, how] = what.split(" ");
    if (name === "offline" || name === "online") switches.offline = name === "offline";
    else if (name === "websockets") switches.blocked = how !== "pass";
    else if (name === "latency") switches.slow = Number(how) > LATENCY;
    else if (name === "heal") switches.blocked = false;
    const downFor = { kill: Infinity, restart: Number(how), start: 0, heal: 0 }[name];
    if (downFor !== undefined) this.#downUntil = this.now + downFor;
  }

  #list(entry) {
    this.news.unshift(entry);
    if (this.news.length > LISTED) this.news.length = LISTED;
    if (entry.fate === "sent") this.flying.set(entry.frame, entry);
  }
}
