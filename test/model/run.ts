/** Runs a program in a world of its own, and says which claims it breaks. */
import { Manager, type NetworkEvent } from "../../src/index.js";
import { App } from "./app.js";
import { carriers } from "./carriers.js";
import { brokenClaims } from "./claims.js";
import { Network } from "./network.js";
import type { Action, Config, Program } from "./program.js";
import { ServerApp } from "./server-app.js";
import { ModelServer } from "./server.js";
import { World } from "./world.js";

/** When the faults are over, everything has arrived within so many milliseconds. */
const HEALED = 15_000;

/** Faults that are built in, to see that they are found. */
export interface Sabotage {
  /** The server doesn't drop what it has seen. */
  keepsDuplicates?: boolean;
  /** Frames vanish without the connection dying. */
  losesFrames?: boolean;
}

export async function run(program: Program, sabotage: Sabotage = {}): Promise<string[]> {
  const world = new World(program.seed);
  const errors: unknown[] = [];
  const reporting = globalThis as { reportError?: unknown };
  const { reportError } = reporting;
  reporting.reportError = (error: unknown) => errors.push(error);
  world.enter();
  try {
    const model = new Model(world, program.config, sabotage);
    const broken = await model.run(program.steps);
    return [...broken, ...errors.map((error) => `an error in a callback: ${String(error)}`)];
  } finally {
    world.leave();
    reporting.reportError = reportError;
  }
}

class Model {
  readonly #world: World;
  readonly #config: Config;
  readonly #network: Network;
  readonly #server: ModelServer;
  readonly #serverApp: ServerApp;
  readonly #manager: Manager;
  readonly #app: App;
  readonly #drops: boolean;
  #signal: (event: NetworkEvent) => void = () => {};

  constructor(world: World, config: Config, sabotage: Sabotage) {
    this.#world = world;
    this.#config = config;
    this.#drops = !sabotage.keepsDuplicates;
    this.#network = new Network(world);
    if (sabotage.losesFrames) this.#network.losesOneIn = 40;
    this.#serverApp = new ServerApp(world, config);
    this.#server = new ModelServer(
      world,
      { ...config, upgrades: config.transports.length > 1 },
      this.#serverApp.nodes(this.#drops),
    );
    const classes = carriers(this.#network, this.#server);
    this.#manager = new Manager("http://model.test", {
      transports: config.transports.map((name) => classes[name]!),
      reconnectionDelay: 30,
      reconnectionDelayMax: 300,
      timeout: 1500,
      probeTimeout: 300,
      minUptime: 400,
      autoConnect: false,
      network: {
        subscribe: (listener) => {
          this.#signal = listener;
          return () => {
            this.#signal = () => {};
          };
        },
      },
    });
    const { mode, buffer } = config;
    const socket = this.#manager.socket("/", { delivery: mode, ...(buffer && { buffer }) });
    this.#app = new App(world, socket, mode !== "at-most-once");
    this.#serverApp.app = this.#app;
    if (config.held) this.#manager.socket("/held").connect();
    socket.connect();
  }

  async run(steps: Program["steps"]): Promise<string[]> {
    const world = this.#world;
    for (const { at, ...action } of steps) {
      await world.pass(at - world.elapsed);
      this.#act(action);
    }
    await world.pass(50);
    this.#network.heal();
    this.#signal("online");
    const { socket } = this.#app;
    for (let left = HEALED; left > 0; left -= 1000) {
      if (!socket.active) socket.connect();
      await world.pass(1000);
    }
    const isConnected = socket.connected;
    this.#app.isOver = true;
    socket.disconnect();
    if (this.#config.held) this.#manager.socket("/held").disconnect();
    socket.clearBuffer();
    await world.pass(2000);
    const { timers } = world;
    return brokenClaims({
      config: this.#config,
      app: this.#app,
      server: this.#serverApp,
      isConnected,
      timers,
    });
  }

  #act(action: Action): void {
    const network = this.#network;
    const { socket } = this.#app;
    switch (action.do) {
      case "emit":
        return this.#app.emit(action);
      case "flush":
        return this.#app.flush(action.timeout, action.abort);
      case "disconnect":
        return void socket.disconnect();
      case "connect":
        return void socket.connect();
      case "clear":
        return this.#app.clear(action.every);
      case "network":
        return this.#signal(action.event);
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
        this.#server.restart(action.recovery, this.#serverApp.nodes(this.#drops));
        network.cutAll({ keep: "none", client: 0, server: 0 });
        return this.#unreachable("refuse", action.ms);
      case "kick":
        return this.#serverApp.kick();
      case "say":
        for (let i = 0; i < action.count; i++) this.#serverApp.say();
        return;
      case "ask":
        return this.#serverApp.ask();
    }
  }

  #unreachable(reach: "refuse" | "hang", ms: number): void {
    this.#network.reach = reach;
    this.#world.after(ms, () => (this.#network.reach = "ok"));
  }
}
