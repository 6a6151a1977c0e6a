/** Runs a program in a world of its own, and says which claims it breaks. */
import { App } from "./app.js";
import { brokenClaims } from "./claims.js";
import { type Manager, type NetworkEvent, openManager } from "./client-api.js";
import { hostClasses } from "./host.js";
import { Network } from "../../src/test-kit/lines.js";
import { type Action, HIDDEN_LIMIT, LIMIT, type Program } from "./program.js";
import { type Room, THROWN } from "./room.js";
import { type Fault, Saboteur } from "./sabotage.js";
import { ServerApp } from "./server-app.js";
import { ModelServer, withPeriods } from "./server.js";
import { weigh } from "./weigh.js";
import { VirtualTime } from "../../src/test-kit/virtual-time.js";

/** When the faults are over, everything has arrived within so many milliseconds. */
const HEALED = 15_000;
/** With `retries` each packet waits for the one before, and for its tries: so many more. */
const SLOWLY = 120_000;

export async function run(program: Program, fault?: Fault): Promise<string[]> {
  const world = new VirtualTime(program.seed);
  const errors: string[] = [];
  const note = (error: unknown): void => {
    if (!(error instanceof Error && error.message === THROWN)) errors.push(String(error));
  };
  const reporting = globalThis as { reportError?: unknown };
  const { reportError } = reporting;
  reporting.reportError = note;
  process.on("unhandledRejection", note);
  world.enter();
  // nobody reads the stacks of ten thousand errors
  world.replace(Error, "stackTraceLimit", 0);
  try {
    const model = new Model(world, program, new Saboteur(fault));
    const broken = await model.run(program.steps);
    return [...broken, ...errors.map((error) => `an error in a callback: ${error}`)];
  } finally {
    world.leave();
    reporting.reportError = reportError;
    process.off("unhandledRejection", note);
  }
}

class Model {
  readonly #world: VirtualTime;
  readonly #program: Program;
  readonly #network: Network;
  readonly #server: ModelServer;
  readonly #serverApp: ServerApp;
  readonly #manager: Manager;
  readonly #app: App;
  readonly #saboteur: Saboteur;
  readonly #newWeight: number;
  #signal: ((event: NetworkEvent) => void) | undefined;

  constructor(world: VirtualTime, program: Program, saboteur: Saboteur) {
    const { config } = program;
    this.#world = world;
    this.#program = program;
    this.#saboteur = saboteur;
    this.#network = new Network(world);
    this.#serverApp = new ServerApp(world, config, saboteur.ofServer);
    const { recovery, catchAll, transports, hiddenLimit } = config;
    const limit = hiddenLimit ? HIDDEN_LIMIT : LIMIT;
    this.#server = new ModelServer(
      world,
      withPeriods({
        recovery,
        catchAll,
        upgrades: transports.length > 1,
        limit,
        toldLimit: hiddenLimit ? 1_000_000 : limit,
      }),
      this.#serverApp.nodes(),
    );
    for (const [name, value] of Object.entries(hostClasses(this.#network, this.#server)))
      world.replace(globalThis, name, value);
    this.#manager = openManager(
      transports,
      {
        subscribe: (listener) => {
          this.#signal = listener;
          return () => {
            if (saboteur.fault !== "keeps a subscription") this.#signal = undefined;
          };
        },
      },
      config.attempts,
    );
    this.#app = new App(world, this.#manager, config.rooms);
    this.#serverApp.app = this.#app;
    this.#server.punished = (frame) => this.#punished(frame);
    saboteur.begin({
      world,
      network: this.#network,
      server: this.#server,
      app: this.#app,
      manager: this.#manager,
      store: this.#serverApp.memory.store,
    });
    this.#newWeight = this.#weight;
    for (const room of this.#app.rooms) room.connect();
  }

  async run(steps: Program["steps"]): Promise<string[]> {
    const world = this.#world;
    const app = this.#app;
    for (const { at, ...action } of steps) {
      await world.pass(at - world.elapsed);
      this.#act(action);
      app.watch();
    }
    await world.pass(50);
    this.#network.heal();
    this.#signal?.("online");
    app.isHealing = true;
    for (let left = HEALED; left > 0; left -= 1000) await this.#heal();
    for (let left = SLOWLY; left > 0 && !app.rooms.every(({ isDone }) => isDone); left -= 1000)
      if (app.rooms.some(({ hasRetries }) => hasRetries)) await this.#heal();
    const absent = app.rooms.filter(({ socket }) => !socket.connected).map(({ nsp }) => nsp);
    const live = this.#weight - this.#newWeight;
    const unanswered = app.rooms.reduce((sum, room) => sum + room.unanswered, 0);
    await this.#end();
    return brokenClaims({
      program: this.#program,
      app,
      server: this.#server,
      serverApp: this.#serverApp,
      absent,
      unanswered,
      timers: world.timers,
      isSubscribed: this.#signal !== undefined,
      weight: {
        live,
        client: this.#weight - this.#newWeight,
        server: this.#serverApp.memory.weight,
      },
    });
  }

  async #heal(): Promise<void> {
    const app = this.#app;
    for (const room of app.rooms) if (!room.socket.active || app.hasFailed) room.connect();
    await this.#world.pass(1000);
    app.watch();
  }

  get #weight(): number {
    return weigh(this.#manager, new Set([this.#server, this.#network, this.#world, this.#app]));
  }

  /** Everybody leaves; what is begun afterwards settles all the same. */
  async #end(): Promise<void> {
    const app = this.#app;
    app.isOver = true;
    for (const room of app.rooms) {
      room.total = room.sent.length;
      room.disconnect();
    }
    await this.#world.pass(2000);
    for (const room of app.rooms) {
      room.emit({ do: "emit", count: 1, ack: "promise" });
      room.flush();
      room.next();
      room.read(1);
    }
    await this.#world.pass(100);
    app.watch();
    for (const { socket } of app.rooms) socket.clearBuffer();
    this.#saboteur.end();
    await this.#world.pass(2000);
  }

  #act(action: Action): void {
    const network = this.#network;
    const room = this.#app.rooms[("room" in action && action.room) || 0];
    if (room && this.#actIn(room, action)) return;
    switch (action.do) {
      case "network":
        return this.#signal?.(action.event);
      case "clock":
        this.#world.offset += action.ms;
        return;
      case "cut":
        return network.cutAll(action.manner);
      case "trap":
        network.trap = { ...action.trap };
        return;
      case "stall":
        network.stalledUntil[action.direction] = this.#world.now + action.ms;
        return;
      case "latency":
        network.latency = action.ms;
        return;
      case "reach":
        return this.#unreachable(action.reach, action.ms);
      case "restart":
        this.#server.restart(action.recovery, this.#serverApp.nodes());
        network.cutAll({ keep: "none", client: 0, server: 0 });
        return this.#unreachable("refuse", action.ms);
    }
  }

  /** True when it was something that is done in a room. */
  #actIn(room: Room, action: Action): boolean {
    const space = this.#serverApp.rooms[room.index];
    switch (action.do) {
      case "emit":
        room.emit(action);
        return true;
      case "flush":
        room.flush(action.timeout, action.abort);
        return true;
      case "next":
        room.next(action.timeout, action.abort);
        return true;
      case "read":
        room.read(action.count);
        return true;
      case "disconnect":
        room.disconnect();
        return true;
      case "connect":
        room.connect();
        return true;
      case "bounce":
        room.disconnect();
        room.connect();
        return true;
      case "strict":
        room.connect();
        room.disconnect();
        room.connect();
        return true;
      case "clear":
        room.clear(action.every);
        return true;
      case "react":
        room.react(action.to, action.reaction, action.times);
        return true;
      case "nameless":
        room.nameless(action.how);
        return true;
      case "kick":
        space?.latest?.disconnect(action.close);
        return true;
      case "refuse":
        space?.refuse(action.ms, action.retryable);
        return true;
      case "say":
        for (let i = 0; i < action.count; i++) space?.say(action.binary);
        return true;
      case "ask":
        space?.ask();
        return true;
      default:
        return false;
    }
  }

  #punished(frame: unknown): void {
    const [, nsp, n] = /^4[25](?:\d+-)?(?:(\/[^,]*),)?\d*\["n",(\d+)/.exec(String(frame)) ?? [];
    const sent = n === undefined ? undefined : this.#app.room(nsp ?? "/")?.sent[Number(n)];
    if (sent?.how.size) sent.punished++;
  }

  #unreachable(reach: "refuse" | "hang", ms: number): void {
    this.#network.reach = reach;
    this.#world.after(ms, () => (this.#network.reach = "ok"));
  }
}
