/** Random programs: what the app, the server, the network and the host do, and when. A program is plain data. */
import type { BufferOptions, DeliveryMode, NetworkEvent } from "../../src/index.js";
import { seeded } from "../support/seeded.js";
import type { Direction, Manner, Trap } from "./network.js";

export interface Config {
  mode: DeliveryMode;
  transports: ("websocket" | "polling")[];
  recovery: boolean;
  catchAll: boolean;
  /** A second namespace keeps the connection open when the first one is left. */
  held: boolean;
  nodes: 1 | 2;
  /** The store of `dedupe()` takes time to answer. */
  slowStore: boolean;
  buffer?: BufferOptions;
}

export interface Emit {
  do: "emit";
  count: number;
  ack?: "plain" | "timed" | "promise";
  timeout?: number;
  ttl?: number;
  key?: string;
  volatile?: true;
  /** Milliseconds until it is aborted. */
  abort?: number;
  binary?: true;
  /** Emits another one when it is settled. */
  chain?: true;
}

export type Action =
  | Emit
  | { do: "flush"; timeout?: number; abort?: number }
  | { do: "disconnect" }
  | { do: "connect" }
  | { do: "clear"; every: number }
  | { do: "network"; event: NetworkEvent }
  | { do: "cut"; manner: Manner }
  | { do: "trap"; trap: Trap }
  | { do: "stall"; direction: Direction; ms: number }
  | { do: "latency"; ms: number }
  | { do: "reach"; reach: "refuse" | "hang"; ms: number }
  | { do: "restart"; ms: number; recovery: boolean }
  | { do: "kick" }
  | { do: "say"; count: number }
  | { do: "ask" };

export interface Program {
  seed: number;
  config: Config;
  /** In the order of time: milliseconds since the beginning. */
  steps: (Action & { at: number })[];
}

export function randomProgram(seed: number): Program {
  const chance = new Chance(seed);
  const config = randomConfig(chance);
  const steps: Program["steps"] = [];
  let at = 0;
  for (let left = 8 + chance.below(40); left > 0; left--) {
    at += chance.of([0, 0, 0, 1, 3, 10, 40, 150, 600]);
    steps.push({ at, ...randomAction(chance) });
  }
  return { seed, config, steps };
}

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

function randomConfig(chance: Chance): Config {
  const config: Config = {
    mode: chance.of(["at-most-once", "at-least-once", "exactly-once"]),
    transports: chance.of<Config["transports"]>([
      ["websocket"],
      ["polling"],
      ["polling", "websocket"],
      ["websocket", "polling"],
    ]),
    recovery: chance.in(50),
    catchAll: chance.in(15),
    held: chance.in(30),
    nodes: chance.in(30) ? 2 : 1,
    slowStore: chance.in(30),
  };
  if (chance.in(25))
    config.buffer = {
      maxPackets: 1 + chance.below(30),
      overflow: chance.of(["reject", "drop-oldest", "drop-newest"]),
      ...(chance.in(30) && { ttl: 50 + chance.below(2000) }),
      ...(chance.in(20) && { maxBytes: 200 + chance.below(2000) }),
    };
  return config;
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

function randomAction(chance: Chance): Action {
  const dice = chance.below(100);
  if (dice < 42) return randomEmit(chance);
  if (dice < 50)
    return {
      do: "flush",
      ...(chance.in(20) && { timeout: 1 + chance.below(300) }),
      ...(chance.in(15) && { abort: chance.below(300) }),
    };
  if (dice < 62) return { do: "cut", manner: randomManner(chance) };
  if (dice < 72)
    return {
      do: "trap",
      trap: {
        ...randomManner(chance),
        direction: direction(chance),
        where: chance.of(["before", "middle", "after"] as const),
        nth: 1 + chance.below(12),
      },
    };
  if (dice < 75) return { do: "stall", direction: direction(chance), ms: chance.below(1500) };
  if (dice < 77) return { do: "latency", ms: chance.of([0, 1, 5, 30, 120]) };
  if (dice < 80)
    return { do: "reach", reach: chance.of(["refuse", "hang"] as const), ms: chance.below(1500) };
  if (dice < 83) return { do: "restart", ms: chance.below(600), recovery: chance.in(50) };
  if (dice < 86) return { do: "disconnect" };
  if (dice < 90) return { do: "connect" };
  if (dice < 91) return { do: "kick" };
  if (dice < 92) return { do: "clear", every: 1 + chance.below(3) };
  if (dice < 95)
    return {
      do: "network",
      event: chance.of(["online", "offline", "wake", "sleep", "networkchange"] as const),
    };
  if (dice < 98) return { do: "say", count: 1 + chance.below(5) };
  return { do: "ask" };
}

function randomEmit(chance: Chance): Emit {
  const ack = chance.of([undefined, undefined, "plain", "timed", "promise"] as const);
  return {
    do: "emit",
    count: chance.of([1, 1, 2, 5, 20, 100]),
    ...(ack && { ack }),
    ...(ack === "timed" && { timeout: 1 + chance.below(1500) }),
    ...(chance.in(8) && { ttl: chance.below(800) }),
    ...(chance.in(8) && { key: chance.of(["a", "b"]) }),
    ...(chance.in(8) && { volatile: true as const }),
    ...(chance.in(8) && { abort: chance.below(500) }),
    ...(chance.in(12) && { binary: true as const }),
    ...(ack && chance.in(15) && { chain: true as const }),
  };
}
