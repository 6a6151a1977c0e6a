/** What the server of the model does with events: it handles numbers, answers, and says numbers itself. */
import { dedupe } from "../../src/server/dedupe.js";
import { MemoryStore } from "../../src/server/memory-store.js";
import type { DedupeStore } from "../../src/server/store.js";
import type { App } from "./app.js";
import type { Config } from "./program.js";
import { ServerNode, type ServerSocket } from "./server-client.js";
import type { World } from "./world.js";

/** A slow store's, at most: milliseconds. */
const STORE_LATENCY = 8;
/** Some handlers never answer, some take their time. */
const NEVER = 7;

export class ServerApp {
  /** What was said, by the session that it was said to. */
  readonly said = new Map<string | undefined, number[]>();
  /** How often each question was answered, and with what. */
  readonly answers: unknown[][] = [];
  app: App | undefined;
  readonly #world: World;
  readonly #config: Config;
  /** Outlives the processes of the server. */
  readonly #store: DedupeStore;
  #sockets: ServerSocket[] = [];
  #said = 0;
  #handled = 0;

  constructor(world: World, config: Config) {
    this.#world = world;
    this.#config = config;
    this.#store = config.slowStore ? slow(world, new MemoryStore()) : new MemoryStore();
  }

  /** @param drops - false: the server only pretends to drop what it has seen */
  nodes(drops = true): ServerNode[] {
    return Array.from({ length: this.#config.nodes }, () => {
      const node = new ServerNode();
      node.arrived = (args) => {
        if (args[0] === "n") this.app?.sent[args[1] as number]?.received.push(this.#world.elapsed);
      };
      if (this.#config.mode === "exactly-once")
        dedupe(node, { store: drops ? this.#store : { claim: () => true } });
      node.on("connection", (socket: ServerSocket) => {
        this.#sockets.push(socket);
        socket.on("n", (n: number, ...rest: unknown[]) => this.#handle(socket, n, rest));
      });
      return node;
    });
  }

  say(): void {
    const socket = this.#latest;
    if (!socket) return;
    const m = this.#said++;
    const of = socket.pid ?? socket.id;
    this.said.set(of, [...(this.said.get(of) ?? []), m]);
    socket.say(["down", m]);
  }

  ask(): void {
    const at = this.answers.push([]) - 1;
    this.#latest?.say(["q", at], (...answer) => this.answers[at]?.push(answer[0]));
  }

  kick(): void {
    this.#latest?.kick();
  }

  get #latest(): ServerSocket | undefined {
    this.#sockets = this.#sockets.filter(({ connected }) => connected);
    return this.#sockets.at(-1);
  }

  #handle(by: object, n: number, rest: unknown[]): void {
    this.app?.sent[n]?.handled.push({ at: this.#handled++, by });
    const answer = rest.at(-1);
    if (typeof answer !== "function" || n % NEVER === 0) return;
    if (n % NEVER < 3) this.#world.after((n % NEVER) * 150, () => answer(n));
    else answer(n);
  }
}

/** Answers late, but in order, as a database over one connection does. */
function slow(world: World, store: MemoryStore): DedupeStore {
  let free = 0;
  const later = <T>(compute: () => T): Promise<T> =>
    new Promise((resolve) => {
      free = Math.max(free, world.now + world.pick(STORE_LATENCY));
      world.after(free - world.now, () => resolve(compute()));
    });
  return {
    claim: (stream, sequence) => later(() => store.claim(stream, sequence)),
    saveReply: (stream, sequence, args) => store.saveReply(stream, sequence, args),
    reply: (stream, sequence) => later(() => store.reply(stream, sequence)),
  };
}
