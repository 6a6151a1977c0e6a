/**
 * The network between clients and servers: connections ("lines") with two directions, which can be cut before, in the
 * middle of and after each frame, delayed, stalled, refused and ignored.
 */
import type { VirtualTime } from "./virtual-time.js";

export type Direction = "up" | "down";

/** The outcome of new connections: they are made, refused, or never answered. */
export type Reach = "ok" | "refuse" | "hang";

export type LineKind = "http" | "websocket";

/** How a line is cut. */
export interface Manner {
  /** Frames in flight in this direction still arrive. */
  keep: Direction | "none";
  /** Milliseconds until each side is notified; -1: never. */
  client: number;
  server: number;
  /** The side that gets the kept frames is notified after them. */
  isTold?: boolean;
}

/** Happens at the n-th frame from now on. */
export interface Trap extends Manner {
  direction: Direction;
  where: "before" | "middle" | "after";
  nth: number;
}

/** A frame in flight. */
export interface Flight {
  readonly frame: unknown;
  /** When it arrives, unless it is delayed. */
  readonly at: number;
  readonly bytes: number;
}

/** Gets the events of all lines. */
export interface LineWatcher {
  line(what: "opened" | "ended", line: Line): void;
  frame(what: "sent" | "arrived" | "lost", flight: Flight, line: Line, direction: Direction): void;
}

export class Network {
  latency = 2;
  /** A fault that real networks do not have: one frame in this many is lost, and its line stays open. */
  losesOneIn = Infinity;
  /** Another one: one frame in this many overtakes the one before it. */
  swapsOneIn = Infinity;
  /** Of new connections. */
  reach: Reach = "ok";
  /** The same of one kind of connection. */
  readonly reachOf: { http: Reach; websocket: Reach } = { http: "ok", websocket: "ok" };
  trap: Trap | undefined;
  readonly stalledUntil = { up: 0, down: 0 };
  readonly lines = new Set<Line>();

  constructor(readonly world: VirtualTime) {}

  /** The client requests a line. */
  connect(kind: LineKind, opened: (line: Line) => void, failed: () => void): void {
    const { world } = this;
    world.tellAfter(this.latency * 2, () => {
      const reach = this.reach === "ok" ? this.reachOf[kind] : this.reach;
      if (reach === "hang") return;
      if (reach === "refuse") return failed();
      const line = new Line(this, kind);
      this.lines.add(line);
      this.watcher?.line("opened", line);
      opened(line);
    });
  }

  /** @param kind - undefined: of all kinds */
  cutAll(manner: Manner, kind?: LineKind): void {
    for (const line of [...this.lines]) if (!kind || line.kind === kind) line.cut(manner);
  }

  /** Ends all faults; stalled frames continue. */
  heal(): void {
    this.latency = 2;
    this.reach = this.reachOf.http = this.reachOf.websocket = "ok";
    this.trap = undefined;
    this.stalledUntil.up = this.stalledUntil.down = 0;
    for (const line of this.lines) line.wake();
  }

  watcher: LineWatcher | undefined;

  /** Removes the line. Returns false when it did not exist. */
  end(line: Line): boolean {
    if (!this.lines.delete(line)) return false;
    this.watcher?.line("ended", line);
    return true;
  }

  /** Called for each frame that arrives. */
  trace: ((direction: Direction, kind: LineKind, frame: unknown) => void) | undefined;

  /** Whether the line is cut by a frame that is about to arrive. */
  springs(direction: Direction): Trap | undefined {
    const { trap } = this;
    if (trap?.direction !== direction || --trap.nth > 0) return undefined;
    this.trap = undefined;
    return trap;
  }
}

/** The events of one side. */
export interface End {
  frame(frame: unknown): void;
  /** @param code - of a WebSocket that was closed with one */
  closed(code?: number, reason?: string): void;
}

const silent: End = { frame() {}, closed() {} };

export class Line {
  readonly up: Pipe;
  readonly down: Pipe;
  client: End = silent;
  server: End = silent;

  constructor(
    readonly network: Network,
    readonly kind: LineKind,
  ) {
    this.up = new Pipe(this, "up", () => this.server);
    this.down = new Pipe(this, "down", () => this.client);
  }

  wake(): void {
    this.up.wake();
    this.down.wake();
  }

  /** One side closes: what it has sent still arrives, then the end. */
  close(side: "client" | "server", code?: number, reason?: string): void {
    this[side] = silent;
    (side === "client" ? this.up : this.down).end(code, reason);
    (side === "client" ? this.down : this.up).drop();
    this.network.end(this);
  }

  cut({ keep, client, server, isTold }: Manner): void {
    const { network } = this;
    if (!network.end(this)) return;
    for (const direction of ["up", "down"] as const)
      if (keep !== direction) this[direction].drop();
      else if (isTold) this[direction].end();
      else this[direction].stop();
    if (client >= 0) network.world.tellAfter(client, () => this._close("client"));
    if (server >= 0)
      network.world.after(server, () => {
        network.world.asServer();
        this._close("server");
      });
  }

  private _close(side: "client" | "server"): void {
    const end = this[side];
    this[side] = silent;
    end.closed();
  }
}

/** The last frame of a line. */
class Ending {
  constructor(
    readonly code: number | undefined,
    readonly reason: string | undefined,
  ) {}
}

class Pipe {
  private readonly _flight: Flight[] = [];
  private _open = true;
  private _pump: (() => void) | undefined;
  bytes = 0;

  constructor(
    readonly line: Line,
    readonly direction: Direction,
    readonly to: () => End,
  ) {}

  send(frame: unknown, bytes = 0): void {
    const { network } = this.line;
    const { world } = network;
    if (!this._open) return this._tell("lost", { frame, at: world.now, bytes });
    const at = world.now + network.latency * (0.5 + world.random());
    const flight = { frame, at, bytes };
    this._tell("sent", flight);
    this.bytes += bytes;
    const isSwapped = network.swapsOneIn < Infinity && world.pick(network.swapsOneIn) === 0;
    this._flight.splice(this._flight.length - (isSwapped ? 1 : 0), 0, flight);
    this._schedule();
  }

  end(code?: number, reason?: string): void {
    this.send(new Ending(code, reason));
    this._open = false;
  }

  /** Accepts no more frames. */
  stop(): void {
    this._open = false;
  }

  drop(): void {
    this._open = false;
    for (const flight of this._flight.splice(0)) this._tell("lost", flight);
    this.bytes = 0;
  }

  /** The conditions have changed. */
  wake(): void {
    this._pump?.();
    this._pump = undefined;
    this._schedule();
  }

  private _tell(what: "sent" | "arrived" | "lost", flight: Flight): void {
    // the end of a line is not a frame
    if (flight.frame instanceof Ending) return;
    this.line.network.watcher?.frame(what, flight, this.line, this.direction);
  }

  private _schedule(): void {
    const head = this._flight[0];
    if (!head || this._pump) return;
    const { world, stalledUntil } = this.line.network;
    const at = Math.max(head.at, stalledUntil[this.direction]);
    const isUp = this.direction === "up";
    const arriveAfter = (ms: number, task: () => void): (() => void) =>
      isUp ? world.after(ms, task) : world.tellAfter(ms, task);
    this._pump = arriveAfter(at - world.now, () => {
      this._pump = undefined;
      if (isUp) world.asServer();
      if (stalledUntil[this.direction] <= world.now) this._arrive();
      this._schedule();
    });
  }

  private _arrive(): void {
    const { network } = this.line;
    const { world } = network;
    // frames that have arrived by now are read together, as from a real socket
    while (this._flight[0] && this._flight[0].at <= world.now) {
      const trap = network.lines.has(this.line) ? network.springs(this.direction) : undefined;
      if (trap && trap.where !== "after")
        return this.line.cut(trap.where === "before" ? { ...trap, keep: "none" } : trap);
      const head = this._flight.shift();
      if (!head) return;
      this.bytes -= head.bytes;
      if (head.frame instanceof Ending) this.to().closed(head.frame.code, head.frame.reason);
      else if (world.random() * network.losesOneIn >= 1 || network.losesOneIn === Infinity) {
        this._tell("arrived", head);
        network.trace?.(this.direction, this.line.kind, head.frame);
        this.to().frame(head.frame);
      }
      if (trap) return this.line.cut(trap);
    }
  }
}
