import { defaults } from "../defaults.js";
import { hints } from "../engine/hints.js";
import { memory as ownMemory } from "../engine/memory.js";
import type { MemoryPart } from "../engine/parts.js";
import { TautlineError } from "../errors.js";
import { createIo, type Io } from "../io.js";
import { type host } from "../platform/browser.js";
import { check, checkNames, checkOneOf, invalid, isDuration } from "./checks.js";
import { Escapes } from "./escapes.js";
import { turn } from "./event-loop.js";
import { type Fault, strike } from "./faults.js";
import { fetchOver } from "./host-fetch.js";
import { messageChannelClass } from "./host-message-channel.js";
import { HostPage } from "./host-page.js";
import { webSocketClass } from "./host-web-socket.js";
import { xhrClass } from "./host-xhr.js";
import { Awaited } from "./awaited.js";
import { type Direction, type LineKind, Network as Lines } from "./lines.js";
import { Places } from "./places.js";
import { PlainServer, type PlainServerOptions } from "./plain-server.js";
import { Server } from "./server.js";
import type { ServerOptions } from "./server-options.js";
import { type NetworkNews, showing, Transcript } from "./transcript.js";
import { BEGINNING, VirtualTime } from "./virtual-time.js";

/** Options of {@link network}. */
export interface NetworkOptions {
  /** The seed of all random numbers: the same seed gives the same run. @default 1 */
  seed?: number;
  /** Milliseconds in each direction. @default 2 */
  latency?: number;
}

/** How connections are cut. */
export interface CutOptions {
  /** Only those of one kind. @default all */
  only?: LineKind;
  /** Which side is notified; the other one keeps a half-open connection. @default "both" */
  side?: "client" | "server" | "both";
  /** Packets in flight in this direction still arrive. @default none */
  keep?: Direction;
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
export class TestNetwork {
  /** Belongs to this network: its managers end with it. */
  readonly io: Io;
  private readonly _managers = new Set<Made>();
  private readonly _time: VirtualTime;
  private readonly _escapes: Escapes;
  private readonly _lines: Lines;
  private readonly _transcript: Transcript;
  private readonly _places = new Places();
  private readonly _servers: Server[] = [];
  private readonly _page: HostPage;
  private readonly _watchers = new Set<(news: NetworkNews) => void>();
  /** When the servers are up again. */
  private _downUntil = 0;

  constructor(
    readonly seed: number,
    private readonly _latency: number,
  ) {
    const time = (this._time = new VirtualTime(seed, BEGINNING));
    const lines = (this._lines = new Lines(time));
    lines.latency = _latency;
    this._transcript = new Transcript(time);
    lines.trace = (direction, kind, frame) => this._transcript.frame(direction, kind, frame);
    const wiring = { network: lines, find: (url: string) => this._places.find(url) };
    time.enter();
    this._escapes = new Escapes(time);
    time.replace(globalThis, "tautlineNetwork", (made: Made) => this._managers.add(made));
    time.replace(globalThis, "WebSocket", webSocketClass(wiring));
    time.replace(globalThis, "XMLHttpRequest", xhrClass(wiring));
    time.replace(globalThis, "fetch", fetchOver(wiring));
    time.replace(globalThis, "MessageChannel", messageChannelClass(time));
    this._page = new HostPage(time);
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
    return this._time.elapsed;
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
    const server = new Server(this._time, url, options);
    this._places.put(url, server.path, server.endpoint);
    this._servers.push(server);
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
    const end = this._time.now + limit;
    // waiting for the host (bytes of a Blob) is not an event of the network
    for (let turns = 0; ; turns++) {
      await turn();
      this._escapes.check();
      if (awaited.isOver()) break;
      if (turns < PATIENCE && !this._time.isDue(end)) continue;
      if (this._time.waitFor(end, () => awaited.isOver())) break;
      if (this._time.run(end)) turns = 0;
      else if (awaited.isOver()) break;
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
    this._time.after(ms, task);
  }

  /** Sets the latency in each direction, in milliseconds, from now on. */
  latency(ms: number): void {
    check("latency", ms, isDuration(ms));
    this._note(`latency ${ms}`);
    this._lines.latency = ms;
  }

  /** Ends the open connections. */
  cut({ only, side = "both", keep }: CutOptions = {}): void {
    checkOneOf("only", only, [undefined, "http", "websocket"]);
    checkOneOf("side", side, ["client", "server", "both"]);
    checkOneOf("keep", keep, [undefined, "up", "down"]);
    this._note(`cut ${only ?? "all"} ${side}`);
    this._lines.cutAll(
      {
        keep: keep ?? "none",
        isTold: keep === "up" ? side !== "client" : side !== "server",
        client: side === "server" || keep === "down" ? -1 : 0,
        server: side === "client" || keep === "up" ? -1 : 0,
      },
      only,
    );
  }

  /** The open connections stop carrying data, and neither side is notified. */
  halfOpen(): void {
    this._note("half-open");
    this._lines.cutAll({ keep: "none", client: -1, server: -1 });
  }

  /** The outcome of new WebSockets, as behind a proxy; `false`: they connect. */
  blockWebSocket(how: "refuse" | "hang" | false = "refuse"): void {
    checkOneOf("how", how, ["refuse", "hang", false]);
    this._note(`websockets ${how || "pass"}`);
    this._lines.reachOf.websocket = how || "ok";
  }

  /** The outcome of new HTTP requests; `false`: they are answered. */
  blockHttp(how: "refuse" | "hang" | false = "refuse"): void {
    checkOneOf("how", how, ["refuse", "hang", false]);
    this._note(`http ${how || "passes"}`);
    this._lines.reachOf.http = how || "ok";
  }

  /** Delays what is sent in a direction by this many milliseconds. */
  stall(ms: number, direction: Direction): void {
    check("ms", ms, isDuration(ms));
    checkOneOf("direction", direction, ["up", "down"]);
    this._note(`stall ${direction} ${ms}`);
    this._lines.stalledUntil[direction] = this._time.now + ms;
  }

  /** Servers lose all state of their clients, and are up again after `downFor` milliseconds. */
  restart({ downFor = 0 }: { downFor?: number } = {}): void {
    check("downFor", downFor, isDuration(downFor));
    this._note(`restart ${downFor}`);
    this._die(downFor);
    this._time.after(downFor, () => this._connectable());
  }

  /** The same, until `start()` is called. */
  kill(): void {
    this._note("kill");
    this._die(Infinity);
  }

  /** Starts the servers that are down. */
  start(): void {
    this._note("start");
    this._downUntil = 0;
    this._connectable();
  }

  /** The host loses its network, and reports it. */
  offline(): void {
    if (!this._page.isOnline) return;
    this._note("offline");
    this._page.isOnline = false;
    this._connectable();
    this._lines.cutAll({ keep: "none", client: 0, server: -1 });
    this._page.tell("offline");
  }

  /** The network is back. */
  online(): void {
    if (this._page.isOnline) return;
    this._note("online");
    this._page.isOnline = true;
    this._connectable();
    this._page.tell("online");
  }

  /**
   * For this many milliseconds no timer of the page fires, and it gets no event: a phone that sleeps. Servers continue.
   */
  freeze(ms: number): void {
    check("ms", ms, isDuration(ms));
    this._note(`freeze ${ms}`);
    this._time.frozenUntil = Math.max(this._time.frozenUntil, this._time.now + ms);
  }

  /** Sets the system clock: `Date.now()` changes, timers do not. */
  setClock(byMs: number): void {
    check("byMs", byMs, Number.isFinite(byMs));
    this._note(`clock ${byMs}`);
    this._time.offset += byMs;
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
    this._lines.watcher ??= showing(this._time, (news) => this._tell(news));
    return () => {
      this._watchers.delete(watcher);
      if (!this._watchers.size) this._lines.watcher = undefined;
    };
  }

  /** Ends all faults and resets latency and clock. Stalled frames continue, and a frozen page wakes. */
  heal(): void {
    this._note("heal");
    this._downUntil = 0;
    this._time.thaw();
    this._time.offset = 0;
    this.online();
    this._lines.heal();
    this._lines.latency = this._latency;
    this._connectable();
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
      await this._pass(this._lines.latency * 4);
    } finally {
      // the originals are restored even if the app throws
      this._time.leave();
      this._escapes.end();
      if (present === this) present = undefined;
    }
  }

  private async _pass(ms: number): Promise<void> {
    const until = this._time.now + ms;
    for (let isDue = true; isDue;) {
      isDue = await this._time.step(until);
      this._escapes.check();
    }
  }

  private _checkOpen(): void {
    if (present !== this) throw invalid("this network is closed");
  }

  private _note(what: string): void {
    this._checkOpen();
    this._transcript.fault(what);
    this._tell({ kind: "fault", at: this.now, what });
  }

  private _tell(news: NetworkNews): void {
    for (const watcher of [...this._watchers]) watcher(news);
  }

  private _die(downFor: number): void {
    for (const server of this._servers) server.restart();
    this._lines.cutAll({ keep: "none", client: 0, server: 0 });
    this._downUntil = this._time.now + downFor;
    this._connectable();
  }

  /** Whether servers can be reached now. */
  private _connectable(): void {
    const isUp = this._downUntil <= this._time.now;
    this._lines.reach = this._page.isOnline && isUp ? "ok" : "refuse";
  }

  private _checkTimers(): void {
    this._checkOpen();
    if (this._time.isReplaced)
      throw invalid(
        "other fake timers were installed after network(): install them before it, or not at all",
      );
  }
}
