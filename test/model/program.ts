/** Random programs: what the app, the server, the network and the host do, and when. A program is plain data. */
import { seeded } from "../../src/test-kit/seeded.js";
import type { BufferOptions, Mode, NetworkEvent } from "./client-api.js";
import type { Direction, Manner, Trap } from "../../src/test-kit/lines.js";

/** Bytes that the server takes in one frame or body, where it says so. */
export const LIMIT = 2000;
/** The same of something between that doesn't say so. */
export const HIDDEN_LIMIT = 60_000;

/** Of signals that nobody aborts. */
export const NEVER = -1;

export interface RoomConfig {
  mode: Mode;
  buffer?: BufferOptions;
  retries?: number;
  /** The server's `socket.use()`: takes its time, and may let later packets overtake. */
  middleware?: "slow" | "reorders";
  /** The namespace's own middleware takes so many milliseconds. */
  welcome?: number;
}

export interface Config {
  /** One or two namespaces on one connection. */
  rooms: RoomConfig[];
  transports: ("websocket" | "polling")[];
  recovery: boolean;
  catchAll: boolean;
  nodes: 1 | 2;
  /** The store of `dedupe()` takes time to answer. */
  slowStore: boolean;
  /** The limit of what is between client and server doesn't stand in the handshake. */
  hiddenLimit?: boolean;
  /** `reconnectionAttempts`. */
  attempts?: number;
}

/** What callbacks of the app do. "mate": the other room leaves and comes back. */
export type Reaction =
  "emit" | "ask" | "connect" | "disconnect" | "bounce" | "mate" | "flush" | "clear" | "throw";

export interface Emit {
  do: "emit";
  count: number;
  room?: number;
  ack?: "plain" | "timed" | "promise";
  timeout?: number;
  ttl?: number;
  key?: string;
  volatile?: true;
  /** Milliseconds until it is aborted, or {@link NEVER}. */
  abort?: number;
  binary?: true;
  /** Emits another one when it is settled. */
  chain?: true;
  /** Done when it is settled, once. */
  settled?: Reaction;
  /** Done while it is encoded, once. */
  json?: Reaction;
  /** Bytes of it. */
  size?: number;
  /** The server breaks the connection whenever it reads it. */
  poison?: true;
}

/** Where the app listens, and acts. */
export type Occasion = "connect" | "disconnect" | "connect_error" | "down" | "drop" | "outgoing";

export type Action =
  | Emit
  | { do: "flush"; timeout?: number; abort?: number; room?: number }
  | { do: "next"; timeout?: number; abort?: number; room?: number }
  | { do: "read"; count: number; room?: number }
  | { do: "disconnect"; room?: number }
  | { do: "connect"; room?: number }
  /** disconnect, connect */
  | { do: "bounce"; room?: number }
  /** connect, disconnect, connect */
  | { do: "strict"; room?: number }
  | { do: "clear"; every: number; room?: number }
  | { do: "react"; to: Occasion; reaction: Reaction; times: number; room?: number }
  /** An event that no server can read. */
  | { do: "nameless"; how: "none" | "undefined" | "object"; room?: number }
  | { do: "network"; event: NetworkEvent }
  | { do: "clock"; ms: number }
  | { do: "cut"; manner: Manner }
  | { do: "trap"; trap: Trap }
  | { do: "stall"; direction: Direction; ms: number }
  | { do: "latency"; ms: number }
  | { do: "reach"; reach: "refuse" | "hang"; ms: number }
  | { do: "restart"; ms: number; recovery: boolean }
  | { do: "kick"; close?: true; room?: number }
  /** The server refuses whoever wants to enter. */
  | { do: "refuse"; ms: number; retryable?: true; room?: number }
  | { do: "say"; count: number; binary?: true; room?: number }
  | { do: "ask"; room?: number };

export interface Program {
  seed: number;
  config: Config;
  /** In the order of time: milliseconds since the beginning. */
  steps: (Action & { at: number })[];
}

/** Steady: latencies that no deadline of the model minds. */
const STEADY = 30;
const HARMLESS = new Set<Action["do"]>([
  "emit",
  "flush",
  "next",
  "read",
  "disconnect",
  "connect",
  "bounce",
  "strict",
  "nameless",
  "clock",
  "latency",
  "say",
  "ask",
]);

/** Nothing goes wrong in such a program but what the client does wrong. */
export function isCalm({ steps }: Program): boolean {
  return steps.every(
    (step) =>
      HARMLESS.has(step.do) &&
      !(step.do === "latency" && step.ms > STEADY) &&
      !(step.do === "emit" && (step.size || step.poison || step.json || step.settled)),
  );
}

/** An upgrade takes no longer, in milliseconds. */
const UPGRADING = 1000;
const BEGINNINGS = new Set<Action["do"]>(["bounce", "strict", "disconnect", "connect"]);

/** No line becomes slower while an upgrade may be under way: nobody could tell that a poll will cross the switch. */
export function isSteady({ steps }: Program): boolean {
  const begins = steps.filter((step) => BEGINNINGS.has(step.do)).map(({ at }) => at);
  return steps.every(
    (step) =>
      step.do !== "latency" ||
      [0, ...begins].every((begin) => step.at < begin || step.at - begin > UPGRADING),
  );
}

export function randomProgram(seed: number): Program {
  const chance = new Chance(seed);
  const config = randomConfig(chance);
  const isQuiet = chance.in(15);
  const steps: Program["steps"] = [];
  let at = 0;
  for (let left = 6 + chance.below(30); left > 0; left--) {
    at += chance.of([0, 0, 0, 1, 3, 10, 40, 150, 600]);
    const action = isQuiet ? quietAction(chance, config) : randomAction(chance, config);
    const isMates = config.rooms.length > 1 && IN_ROOM.has(action.do) && chance.in(50);
    steps.push({ at, ...action, ...(isMates && { room: 1 }) });
  }
  return { seed, config, steps };
}

/** Actions that are one room's. */
const IN_ROOM = new Set<Action["do"]>([
  ...(["emit", "flush", "next", "read", "disconnect", "connect", "bounce", "strict"] as const),
  ...(["clear", "react", "nameless", "kick", "refuse", "say", "ask"] as const),
]);

class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed);
  }

  below(count: number): number {
    return Math.floor(this.#next() * count);
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  in(percent: number): boolean {
    return this.below(100) < percent;
  }
}

function randomRoom(chance: Chance): RoomConfig {
  const room: RoomConfig = {
    mode: chance.of(["at-most-once", "at-least-once", "exactly-once"]),
  };
  if (chance.in(20))
    room.buffer = {
      maxPackets: 1 + chance.below(30),
      overflow: chance.of(["reject", "drop-oldest", "drop-newest"]),
      ...(chance.in(30) && { ttl: 50 + chance.below(2000) }),
      ...(chance.in(20) && { maxBytes: 200 + chance.below(2000) }),
    };
  if (chance.in(12)) room.retries = 1 + chance.below(3);
  if (chance.in(20)) room.middleware = chance.of(["slow", "reorders"] as const);
  if (chance.in(20)) room.welcome = chance.of([0, 1, 15, 60]);
  return room;
}

function randomConfig(chance: Chance): Config {
  return {
    rooms: chance.in(45) ? [randomRoom(chance), randomRoom(chance)] : [randomRoom(chance)],
    transports: chance.of<Config["transports"]>([
      ["websocket"],
      ["polling"],
      ["polling", "websocket"],
      ["websocket", "polling"],
    ]),
    recovery: chance.in(40),
    catchAll: chance.in(15),
    nodes: chance.in(30) ? 2 : 1,
    slowStore: chance.in(30),
    ...(chance.in(10) && { hiddenLimit: true }),
    ...(chance.in(12) && { attempts: 1 + chance.below(4) }),
  };
}

function randomManner(chance: Chance): Manner {
  const heard = [0, 0, 1, 10, 200, -1];
  return {
    keep: chance.of(["none", "up", "down"] as const),
    client: chance.of(heard),
    server: chance.of(heard),
  };
}

const direction = (chance: Chance): Direction => chance.of(["up", "down"] as const);
const HOUR = 3_600_000;

/** What the app and the server do, and nothing that goes wrong. */
function quietAction(chance: Chance, config: Config): Action {
  const dice = chance.below(100);
  if (dice < 40) {
    const {
      size: _size,
      poison: _poison,
      json: _json,
      settled: _settled,
      ...emit
    } = randomEmit(chance, config);
    return emit;
  }
  if (dice < 48) return { do: "flush" };
  if (dice < 52) return { do: "next" };
  if (dice < 56) return { do: "disconnect" };
  if (dice < 66) return { do: "connect" };
  if (dice < 74) return { do: "bounce" };
  if (dice < 78) return { do: "strict" };
  if (dice < 84) return clockStep(chance);
  if (dice < 86) return { do: "latency", ms: chance.of([0, 1, 5, 30]) };
  if (dice < 88)
    return { do: "nameless", how: chance.of(["none", "undefined", "object"] as const) };
  if (dice < 97) return say(chance);
  return { do: "ask" };
}

function clockStep(chance: Chance): Action {
  return { do: "clock", ms: chance.of([-HOUR, -5000, 5000, HOUR]) };
}

function say(chance: Chance): Action {
  return {
    do: "say",
    count: 1 + chance.below(5),
    ...(chance.in(40) && { binary: true as const }),
  };
}

/** Weights, and what they stand for. */
const DEEDS: [weight: number, make: (chance: Chance, config: Config) => Action][] = [
  [38, randomEmit],
  [6, (chance) => ({ do: "flush", ...waiting(chance) })],
  [3, (chance) => ({ do: "next", ...waiting(chance) })],
  [2, (chance) => ({ do: "read", count: 1 + chance.below(4) })],
  [10, (chance) => ({ do: "cut", manner: randomManner(chance) })],
  [
    9,
    (chance) => ({
      do: "trap",
      trap: {
        ...randomManner(chance),
        direction: direction(chance),
        where: chance.of(["before", "middle", "after"] as const),
        nth: 1 + chance.below(12),
      },
    }),
  ],
  [3, (chance) => ({ do: "stall", direction: direction(chance), ms: chance.below(1500) })],
  [2, (chance) => ({ do: "latency", ms: chance.of([0, 1, 5, 30, 120]) })],
  [
    3,
    (chance) => ({
      do: "reach",
      reach: chance.of(["refuse", "hang"] as const),
      ms: chance.below(1500),
    }),
  ],
  [3, (chance) => ({ do: "restart", ms: chance.below(600), recovery: chance.in(50) })],
  [3, () => ({ do: "disconnect" })],
  [4, () => ({ do: "connect" })],
  [3, () => ({ do: "bounce" })],
  [2, () => ({ do: "strict" })],
  [2, (chance) => ({ do: "kick", ...(chance.in(30) && { close: true as const }) })],
  [
    2,
    (chance) => ({
      do: "refuse",
      ms: chance.below(800),
      ...(chance.in(40) && { retryable: true as const }),
    }),
  ],
  [1, (chance) => ({ do: "clear", every: 1 + chance.below(3) })],
  [
    3,
    (chance) => ({
      do: "network",
      event: chance.of(["online", "offline", "wake", "sleep", "networkchange"] as const),
    }),
  ],
  [2, clockStep],
  [5, say],
  [2, () => ({ do: "ask" })],
  [
    4,
    (chance) => ({
      do: "react",
      to: chance.of([
        "connect",
        "disconnect",
        "connect_error",
        "down",
        "drop",
        "outgoing",
      ] as const),
      reaction: reaction(chance),
      times: 1 + chance.below(3),
    }),
  ],
  [1, (chance) => ({ do: "nameless", how: chance.of(["none", "undefined", "object"] as const) })],
];
const TOTAL = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

function randomAction(chance: Chance, config: Config): Action {
  let dice = chance.below(TOTAL);
  for (const [weight, make] of DEEDS) {
    if (dice < weight) return make(chance, config);
    dice -= weight;
  }
  return { do: "connect" };
}

function waiting(chance: Chance): { timeout?: number; abort?: number } {
  return {
    ...(chance.in(20) && { timeout: 1 + chance.below(300) }),
    ...(chance.in(15) && { abort: chance.in(25) ? NEVER : chance.below(300) }),
  };
}

function reaction(chance: Chance): Reaction {
  return chance.of([
    "emit",
    "ask",
    "connect",
    "disconnect",
    "bounce",
    "mate",
    "flush",
    "clear",
    "throw",
  ] as const);
}

function randomEmit(chance: Chance, { rooms, hiddenLimit }: Config): Emit {
  const ack = chance.of([undefined, undefined, "plain", "timed", "promise"] as const);
  // one in flight: many would take for ever
  const isSlow = rooms.some(({ retries }) => retries);
  const isBig = chance.in(3);
  const isPoison = !isBig && chance.in(1);
  return {
    do: "emit",
    count: isBig || isPoison ? 1 : chance.of(isSlow ? [1, 1, 2, 5] : [1, 1, 2, 5, 20, 100]),
    ...(ack && { ack }),
    ...(ack === "timed" && { timeout: 1 + chance.below(1500) }),
    ...(chance.in(8) && { ttl: chance.below(800) }),
    ...(chance.in(8) && { key: chance.of(["a", "b"]) }),
    ...(chance.in(8) && { volatile: true as const }),
    ...(chance.in(8) && { abort: chance.in(25) ? NEVER : chance.below(500) }),
    ...(chance.in(12) && { binary: true as const }),
    ...(ack && chance.in(12) && { chain: true as const }),
    ...(ack && chance.in(6) && { settled: reaction(chance) }),
    ...(chance.in(4) && { json: reaction(chance) }),
    ...(isBig && { size: (hiddenLimit ? HIDDEN_LIMIT : LIMIT) + 200 }),
    ...(isPoison && { poison: true as const }),
  };
}
