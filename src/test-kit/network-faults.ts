import { check, checkOneOf, isDuration } from "./checks.js";
import { HostPage } from "./host-page.js";
import { type Direction, type LineKind, Network as Lines } from "./lines.js";
import type { Server } from "./server.js";
import { BEGINNING, VirtualTime } from "./virtual-time.js";

/** How connections are cut. */
export interface CutOptions {
  /** Only those of one kind. @default all */
  only?: LineKind;
  /** Which side is notified; the other one keeps a half-open connection. @default "both" */
  side?: "client" | "server" | "both";
  /** Packets in flight in this direction still arrive. @default none */
  keep?: Direction;
}

/** What can go wrong on a network, as a test lets it happen. */
export abstract class NetworkFaults {
  protected readonly servers: Server[] = [];
  protected readonly time: VirtualTime;
  protected readonly lines: Lines;
  private readonly _page: HostPage;
  private readonly _latency: number;
  /** When the servers are up again. */
  private _downUntil = 0;

  /** The page is in its time from now on. */
  constructor(seed: number, latency: number) {
    this.time = new VirtualTime(seed, BEGINNING);
    this.lines = new Lines(this.time);
    this.lines.latency = this._latency = latency;
    this.time.enter();
    this._page = new HostPage(this.time);
  }

  /** Writes it down. @throws when the network is closed */
  protected abstract note(what: string): void;

  /** Sets the latency in each direction, in milliseconds, from now on. */
  latency(ms: number): void {
    check("latency", ms, isDuration(ms));
    this.note(`latency ${ms}`);
    this.lines.latency = ms;
  }

  /** Ends the open connections. */
  cut({ only, side = "both", keep }: CutOptions = {}): void {
    checkOneOf("only", only, [undefined, "http", "websocket"]);
    checkOneOf("side", side, ["client", "server", "both"]);
    checkOneOf("keep", keep, [undefined, "up", "down"]);
    this.note(`cut ${only ?? "all"} ${side}`);
    this.lines.cutAll(
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
    this.note("half-open");
    this.lines.cutAll({ keep: "none", client: -1, server: -1 });
  }

  /** The outcome of new WebSockets, as behind a proxy; `false`: they connect. */
  blockWebSocket(how: "refuse" | "hang" | false = "refuse"): void {
    checkOneOf("how", how, ["refuse", "hang", false]);
    this.note(`websockets ${how || "pass"}`);
    this.lines.reachOf.websocket = how || "ok";
  }

  /** The outcome of new HTTP requests; `false`: they are answered. */
  blockHttp(how: "refuse" | "hang" | false = "refuse"): void {
    checkOneOf("how", how, ["refuse", "hang", false]);
    this.note(`http ${how || "passes"}`);
    this.lines.reachOf.http = how || "ok";
  }

  /** Delays what is sent in a direction by this many milliseconds. */
  stall(ms: number, direction: Direction): void {
    check("ms", ms, isDuration(ms));
    checkOneOf("direction", direction, ["up", "down"]);
    this.note(`stall ${direction} ${ms}`);
    this.lines.stalledUntil[direction] = this.time.now + ms;
  }

  /** Servers lose all state of their clients, and are up again after `downFor` milliseconds. */
  restart({ downFor = 0 }: { downFor?: number } = {}): void {
    check("downFor", downFor, isDuration(downFor));
    this.note(`restart ${downFor}`);
    this._die(downFor);
    this.time.after(downFor, () => this._connectable());
  }

  /** The same, until `start()` is called. */
  kill(): void {
    this.note("kill");
    this._die(Infinity);
  }

  /** Starts the servers that are down. */
  start(): void {
    this.note("start");
    this._downUntil = 0;
    this._connectable();
  }

  /** The host loses its network, and reports it. */
  offline(): void {
    if (!this._page.isOnline) return;
    this.note("offline");
    this._page.isOnline = false;
    this._connectable();
    this.lines.cutAll({ keep: "none", client: 0, server: -1 });
    this._page.tell("offline");
  }

  /** The network is back. */
  online(): void {
    if (this._page.isOnline) return;
    this.note("online");
    this._page.isOnline = true;
    this._connectable();
    this._page.tell("online");
  }

  /**
   * For this many milliseconds no timer of the page fires, and it gets no event: a phone that sleeps. Servers continue.
   */
  freeze(ms: number): void {
    check("ms", ms, isDuration(ms));
    this.note(`freeze ${ms}`);
    this.time.frozenUntil = Math.max(this.time.frozenUntil, this.time.now + ms);
  }

  /** Sets the system clock: `Date.now()` changes, timers do not. */
  setClock(byMs: number): void {
    check("byMs", byMs, Number.isFinite(byMs));
    this.note(`clock ${byMs}`);
    this.time.offset += byMs;
  }

  /** Ends all faults and resets latency and clock. Stalled frames continue, and a frozen page wakes. */
  heal(): void {
    this.note("heal");
    this._downUntil = 0;
    this.time.thaw();
    this.time.offset = 0;
    this.online();
    this.lines.heal();
    this.lines.latency = this._latency;
    this._connectable();
  }

  private _die(downFor: number): void {
    for (const server of this.servers) server.restart();
    this.lines.cutAll({ keep: "none", client: 0, server: 0 });
    this._downUntil = this.time.now + downFor;
    this._connectable();
  }

  /** Whether servers can be reached now. */
  private _connectable(): void {
    const isUp = this._downUntil <= this.time.now;
    this.lines.reach = this._page.isOnline && isUp ? "ok" : "refuse";
  }
}
