import { defaults } from "../defaults.js";
import { hints } from "../engine/hints.js";
import { memory as ownMemory } from "../engine/memory.js";
import type { MemoryPart } from "../engine/parts.js";
import { TautlineError } from "../errors.js";
import { createIo, type Io } from "../io.js";
import { type host } from "../platform/browser.js";
import { check, checkNames, invalid, isDuration } from "./checks.js";
import { Escapes } from "./escapes.js";
import { turn } from "./event-loop.js";
import { type Fault, strike } from "./faults.js";
import { fetchOver } from "./host-fetch.js";
import { messageChannelClass } from "./host-message-channel.js";
import { webSocketClass } from "./host-web-socket.js";
import { xhrClass } from "./host-xhr.js";
import { Awaited } from "./awaited.js";
import { NetworkFaults } from "./network-faults.js";
import { Places } from "./places.js";
import { PlainServer, type PlainServerOptions } from "./plain-server.js";
import { Server } from "./server.js";
import type { ServerOptions } from "./server-options.js";
import { type NetworkNews, showing, Transcript } from "./transcript.js";

/** Options of {@link network}. */
export interface NetworkOptions {
  /** The seed of all random numbers: the same seed gives the same run. @default 1 */
  seed?: number;
  /** Milliseconds in each direction. @default 2 */
  latency?: number;
}

/** What is disconnected with the network, whichever build of Tautline made it. */
type Made = Parameters<NonNullable<typeof host.tautlineNetwork>>[0];

/** How many turns of the real event loop without any event end the waiting. */
const PATIENCE = 2000;

/** How many there were. */
let networks = 0;
/** The open network: there is only one page. */
let present: TestNetwork | undefined;

/**
 * A network in memory, in a time of its own. From now on until `close()` the page's `WebSocket`, `XMLHttpRequest`, `fetch`, timers,
 * clocks and random numbers are those of the network: an app that is tested needs no changes.
 *
 * @throws TautlineError `invalid-option` for a wrong option, or while another network is open
 * @example const net = network({ seed: 7 }); const server = net.server("http://chat.test"); await net.advance(1000);
 */
export function network(options: NetworkOptions = {}): TestNetwork {
  checkNames(options, ["seed", "latency"], "network()");
  const { seed = 1, latency = 2 } = options;
  check("seed", seed, Number.isSafeInteger(seed));
  check("latency", latency, isDuration(latency));
  if (present)
    throw invalid("another network is open: await its close() first, for example in afterEach()");
  return (present = new TestNetwork(seed, latency));
}

/** See {@link network}. */
export class TestNetwork extends NetworkFaults {
  /** Belongs to this network: its managers end with it. */
  readonly io: Io;
  private readonly _managers = new Set<Made>();
  private readonly _escapes: Escapes;
  private readonly _transcript: Transcript;
  private readonly _places = new Places();
  private readonly _watchers = new Set<(news: NetworkNews) => void>();

  constructor(
    readonly seed: number,
    latency: number,
  ) {
    super(seed, latency);
    const { time, lines } = this;
    this._transcript = new Transcript(time);
    lines.trace = (direction, kind, frame) => this._transcript.frame(direction, kind, frame);
    const wiring = { network: lines, find: (url: string) => this._places.find(url) };
    this._escapes = new Escapes(time);
    time.replace(globalThis, "tautlineNetwork", (made: Made) => this._managers.add(made));
    time.replace(globalThis, "WebSocket", webSocketClass(wiring));
    time.replace(globalThis, "XMLHttpRequest", xhrClass(wiring));
    time.replace(globalThis, "fetch", fetchOver(wiring));
    time.replace(globalThis, "MessageChannel", messageChannelClass(time));
    // the memory of transports on one network must not affect the next
    const mine = ` on network ${++networks}`;
    const memory: MemoryPart = {
      ...ownMemory,
      open: (place) => ownMemory.open(place + mine, false),
    };
    const io = createIo({ ...defaults, memory }, { hints });
    const lookup = (...call: Parameters<Io>): ReturnType<Io> => {
      const socket = io(...call);
      this._managers.add(socket.io);
      return socket;
    };
    this.io = Object.assign(lookup, io, { io: lookup, connect: lookup }) as Io;
  }

  /** Milliseconds since it was made. */
  get now(): number {
    return this.time.elapsed;
  }

  /** One line for each frame that arrived and each fault: the same for the same seed and the same program. */
  get transcript(): string {
    return this._transcript.text;
  }

  /**
   * Puts a Socket.IO server at an address. It has the interface of `socket.io`'s `Server`.
   *
   * @throws TautlineError `invalid-option`
   */
  server(url: string, options: ServerOptions = {}): Server {
    this._checkOpen();
    const server = new Server(this.time, url, options);
    this._places.put(url, server.path, server.endpoint);
    this.servers.push(server);
    return server;
  }

  /** Puts a plain WebSocket server at an address, with the interface of `ws`. */
  webSocketServer(url: string, options: PlainServerOptions = {}): PlainServer {
    this._checkOpen();
    const server = new PlainServer(url, options);
    this._places.put(url, "/", server);
    return server;
  }

  /**
   * Lets everything happen that is due in the next `ms` milliseconds: timers, frames, and what follows from them.
   *
   * @throws whatever a callback of the app or a handler of a server has thrown
   */
  async advance(ms: number): Promise<void> {
    check("ms", ms, isDuration(ms));
    this._checkTimers();
    await this._pass(ms);
  }

  /**
   * Advances until a condition is true, or a promise has settled. A condition is looked at when something has happened, and where it
   * depends on the time alone, at its time.
   *
   * @param limit - virtual milliseconds. @default 60000
   * @returns what the promise brings
   * @throws TautlineError `timeout`; what the promise rejects with; whatever a callback of the app or a handler of a server has thrown
   */
  async until<T>(what: (() => unknown) | PromiseLike<T>, limit = 60_000): Promise<T> {
    this._checkTimers();
    check("limit", limit, isDuration(limit));
    const awaited = new Awaited(what);
    const end = this.time.now + limit;
    // waiting for the host (bytes of a Blob) is not an event of the network
    for (let turns = 0; ; turns++) {
      await turn();
      this._escapes.check();
      if (awaited.isOver()) break;
      if (turns < PATIENCE && !this.time.isDue(end)) continue;
      if (this.time.waitFor(end, () => awaited.isOver())) break;
      if (this.time.run(end)) turns = 0;
      else
        throw new TautlineError(
          "timeout",
          `it did not come within ${limit} ms of virtual time. The last that happened:\n${this._transcript.tail()}`,
        );
    }
    return awaited.value;
  }

  /** Runs a task after `ms` virtual milliseconds, also while the page is frozen. */
  later(ms: number, task: () => void): void {
    check("ms", ms, isDuration(ms));
    this.time.after(ms, task);
  }

  /** Applies a fault now; its `at` is ignored. */
  strike(fault: Fault): void {
    strike(this, fault);
  }

  /**
   * Tells of each frame when it leaves, arrives or is lost, of each line that opens or ends, and of each fault. A watcher changes
   * nothing: the transcript stays the same.
   *
   * @returns what ends that
   */
  watch(watcher: (news: NetworkNews) => void): () => void {
    this._watchers.add(watcher);
    this.lines.watcher ??= showing(this.time, (news) => this._tell(news));
    return () => {
      this._watchers.delete(watcher);
      if (!this._watchers.size) this.lines.watcher = undefined;
    };
  }

  /**
   * Gives the page its own globals back. All sockets of Tautline that were made meanwhile are disconnected, also those of the
   * app's own `io`.
   *
   * @returns when it is over: only then another network can be made. It rejects with what the app throws meanwhile.
   */
  async close(): Promise<void> {
    if (present !== this) return;
    try {
      for (const manager of this._managers) manager.disconnect();
      // their last packets are sent on this network
      await this._pass(this.lines.latency * 4);
    } finally {
      // the originals are restored even if the app throws
      this.time.leave();
      this._escapes.end();
      if (present === this) present = undefined;
    }
  }

  private async _pass(ms: number): Promise<void> {
    const until = this.time.now + ms;
    for (let isDue = true; isDue;) {
      isDue = await this.time.step(until);
      this._escapes.check();
    }
  }

  private _checkOpen(): void {
    if (present !== this) throw invalid("this network is closed");
  }

  protected override note(what: string): void {
    this._checkOpen();
    this._transcript.fault(what);
    this._tell({ kind: "fault", at: this.now, what });
  }

  private _tell(news: NetworkNews): void {
    for (const watcher of [...this._watchers]) watcher(news);
  }

  private _checkTimers(): void {
    this._checkOpen();
    if (this.time.isReplaced)
      throw invalid(
        "other fake timers were installed after network(): install them before it, or not at all",
      );
  }
}
