/** What the server of the model does with events: it handles numbers, answers, and says numbers itself. */
import type { DedupeStore } from "../../src/server/store.js";
import { type App, NAMESPACES } from "./app.js";
import type { Config, RoomConfig } from "./program.js";
import { dropSeen, eachMethod, SharedMemory } from "./server-api.js";
import { ServerNode } from "./server-client.js";
import type { Type } from "../../src/test-kit/packets.js";
import type { ServerSocket } from "../../src/test-kit/server-socket.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";

/** A slow store's, at most: milliseconds. */
const STORE_LATENCY = 8;
/** A slow middleware's. */
const MIDDLEWARE_LATENCY = 25;
/** Some handlers never answer, some take their time. */
const NEVER = 7;
/** The same where only one packet is under way at a time. */
const SELDOM = 23;
/** How often a server that crosses answers does so. */
const CROSSES = 20;
const NO_TYPE = 9 as Type;

export interface ServerFaults {
  /** It doesn't drop what it has seen. */
  keepsDuplicates: boolean;
  /** It answers some packets with the answer to the one before. */
  crossesAnswers: boolean;
  /** It says something that nobody can read. */
  babbles: boolean;
}

/** What a namespace of the server is like. */
class ServerRoom {
  /** What was said, by the session that it was said to. */
  readonly said = new Map<string, number[]>();
  /** How often each question was answered, and with what. */
  readonly answers: unknown[][] = [];
  refusesUntil = 0;
  refusal: object = {};
  #sockets: ServerSocket[] = [];
  #count = 0;

  constructor(
    readonly world: VirtualTime,
    readonly nsp: string,
    readonly config: RoomConfig,
  ) {}

  enter(socket: ServerSocket): void {
    this.#sockets.push(socket);
  }

  get latest(): ServerSocket | undefined {
    this.#sockets = this.#sockets.filter(({ connected }) => connected);
    return this.#sockets.at(-1);
  }

  say(isBinary: boolean | undefined): void {
    const socket = this.latest;
    if (!socket) return;
    const m = this.#count++;
    // a session that was recovered has its id again
    const { id } = socket;
    this.said.set(id, [...(this.said.get(id) ?? []), m]);
    socket.emit("down", m, ...(isBinary ? [Uint8Array.of(m & 255, m >> 8)] : []));
  }

  /** Lets nobody in for so many milliseconds. */
  refuse(ms: number, isRetryable: boolean | undefined): void {
    this.refusesUntil = this.world.elapsed + ms;
    this.refusal = { message: "not now", ...(isRetryable && { data: { retryable: true } }) };
  }

  ask(): void {
    const at = this.answers.push([]) - 1;
    this.latest?.emit("q", at, (...answer: unknown[]) => this.answers[at]?.push(answer[0]));
  }
}

export class ServerApp {
  readonly rooms: ServerRoom[];
  app: App | undefined;
  /** Outlives the processes of the server. */
  readonly memory = new SharedMemory();
  readonly #world: VirtualTime;
  readonly #config: Config;
  readonly #faults: ServerFaults;
  #handled = 0;

  constructor(world: VirtualTime, config: Config, faults: ServerFaults) {
    this.#world = world;
    this.#config = config;
    this.#faults = faults;
    this.rooms = config.rooms.map(
      (room, i) => new ServerRoom(world, NAMESPACES[i] as string, room),
    );
  }

  /** The processes of the server. */
  nodes(): ServerNode[] {
    const store = this.#faults.keepsDuplicates
      ? forgetful()
      : this.#config.slowStore
        ? slow(this.#world, this.memory.store)
        : this.memory.store;
    return Array.from({ length: this.#config.nodes }, () => {
      const node = new ServerNode(this.#world);
      node.arrived = (nsp, args, by) => this.#arrived(nsp, args, by);
      node.welcome = (nsp, decide) => this.#welcome(nsp, decide);
      for (const room of this.rooms) {
        const { nsp } = room;
        if (room.config.mode === "exactly-once") dropSeen(node.of(nsp), store);
        node.of(nsp).on("connection", (socket: ServerSocket) => this.#connected(room, socket));
      }
      return node;
    });
  }

  #connected(room: ServerRoom, socket: ServerSocket): void {
    const { middleware } = room.config;
    room.enter(socket);
    if (middleware) socket.use(delaying(this.#world, middleware === "reorders"));
    socket.on("n", (n: number, ...rest: unknown[]) => this.#handle(room, socket, n, rest));
    if (this.#faults.babbles) socket.client.send(NO_TYPE, room.nsp);
  }

  #welcome(nsp: string, decide: (refusal?: object) => void): void {
    const room = this.rooms.find((one) => one.nsp === nsp);
    if (!room) return decide({ message: "Invalid namespace" });
    const answer = (): void =>
      decide(room.refusesUntil > this.#world.elapsed ? room.refusal : undefined);
    const { welcome } = room.config;
    if (welcome === undefined) answer();
    else this.#world.after(welcome, answer);
  }

  /** True: the connection breaks. */
  #arrived(nsp: string, args: unknown[], by: object): boolean {
    const sent = args[0] === "n" && this.app?.room(nsp)?.sent[args[1] as number];
    if (!sent) return false;
    if (sent.how.poison) {
      sent.punished++;
      return true;
    }
    sent.received.push(by);
    return false;
  }

  #handle(room: ServerRoom, by: object, n: number, rest: unknown[]): void {
    const client = this.app?.room(room.nsp);
    client?.sent[n]?.handled.push({ at: this.#handled++, by });
    const answer = rest.at(-1);
    if (typeof answer !== "function") return;
    const never = room.config.retries === undefined ? NEVER : SELDOM;
    if (n % never === 0) return;
    const isCrossed = this.#faults.crossesAnswers && n % CROSSES === 1;
    const value = client?.answerOf(isCrossed ? n - 1 : n);
    if (n % never < 3) this.#world.after((n % never) * 150, () => answer(value));
    else answer(value);
  }
}

/** A middleware that takes its time: for each packet its own, or in order. */
function delaying(world: VirtualTime, reorders: boolean) {
  let free = 0;
  return (_event: unknown[], next: () => void): void => {
    const at = world.now + world.pick(MIDDLEWARE_LATENCY);
    free = reorders ? at : Math.max(free, at);
    world.after(free - world.now, next);
  };
}

/** Answers late, but in order, as a database over one connection does. */
function slow(world: VirtualTime, store: DedupeStore): DedupeStore {
  let free = 0;
  return eachMethod(
    () => store,
    (work) =>
      new Promise((resolve) => {
        free = Math.max(free, world.now + world.pick(STORE_LATENCY));
        world.after(free - world.now, () => resolve(work()));
      }),
  );
}

/** Knows nothing of what it was told before. */
function forgetful(): DedupeStore {
  return eachMethod(
    () => new SharedMemory().store,
    (work) => work(),
  );
}
