/** Takes away from a failing program what it doesn't need to fail. */
import type { Config, Program, RoomConfig } from "./program.js";

export type Fails = (program: Program) => Promise<boolean>;

export async function minimise(program: Program, fails: Fails): Promise<Program> {
  let smallest = await withFewerSteps(program, fails);
  for (const simpler of simplerConfigs(smallest.config)) {
    const candidate = { ...smallest, config: simpler(smallest.config) };
    if (await fails(candidate)) smallest = candidate;
  }
  smallest = await withSmallerSteps(smallest, fails);
  return withFewerSteps(smallest, fails);
}

async function withFewerSteps(program: Program, fails: Fails): Promise<Program> {
  let smallest = program;
  for (let size = Math.ceil(program.steps.length / 2); size > 0; size = Math.floor(size / 2))
    for (let at = 0; at < smallest.steps.length;) {
      const steps = smallest.steps.filter((_step, i) => i < at || i >= at + size);
      const candidate = { ...smallest, steps };
      if (await fails(candidate)) smallest = candidate;
      else at += size;
    }
  return smallest;
}

/** What a step may do without. */
const EXTRAS = [
  ...(["ack", "ttl", "key", "volatile", "abort", "binary", "chain"] as const),
  ...(["settled", "json", "size", "poison", "room", "retryable", "close"] as const),
] as const;

async function withSmallerSteps(program: Program, fails: Fails): Promise<Program> {
  let smallest = program;
  for (let i = 0; i < smallest.steps.length; i++) {
    const step = smallest.steps[i] as Record<string, unknown> | undefined;
    if (!step) continue;
    const { count } = step;
    const changes = [
      ...[1, 2, 5, 20]
        .filter((fewer) => fewer < Number(count ?? 0))
        .map((fewer) => ({ count: fewer })),
      ...EXTRAS.filter((name) => step[name] !== undefined).map((name) => ({ [name]: undefined })),
    ];
    for (const change of changes) {
      const steps = smallest.steps.map((other, at) => (at === i ? { ...other, ...change } : other));
      const candidate = JSON.parse(JSON.stringify({ ...smallest, steps })) as Program;
      if (await fails(candidate)) smallest = candidate;
    }
  }
  return smallest;
}

type Simpler = (config: Config) => Config;

const ROOM_EXTRAS = ["buffer", "retries", "middleware", "welcome"] as const;

function simplerConfigs({ rooms, transports }: Config): Simpler[] {
  const without =
    (name: keyof RoomConfig, at: number): Simpler =>
    (config) =>
      JSON.parse(
        JSON.stringify({
          ...config,
          rooms: config.rooms.map((room, i) => (i === at ? { ...room, [name]: undefined } : room)),
        }),
      ) as Config;
  return [
    ...(rooms.length > 1 ? [0, 1].map((at): Simpler => only(at)) : []),
    (config) => ({ ...config, recovery: false }),
    (config) => ({ ...config, catchAll: false }),
    (config) => ({ ...config, nodes: 1 }),
    (config) => ({ ...config, slowStore: false }),
    ({ attempts: _attempts, ...config }) => config,
    ({ hiddenLimit: _hiddenLimit, ...config }) => config,
    ...(transports.length > 1
      ? transports.map((name): Simpler => (config) => ({ ...config, transports: [name] }))
      : []),
    ...[0, 1].flatMap((at) => ROOM_EXTRAS.map((name) => without(name, at))),
    ...[0, 1].map((at): Simpler => (config) => ({
      ...config,
      rooms: config.rooms.map((room, i) => (i === at ? { ...room, mode: "at-most-once" } : room)),
    })),
  ];
}

/** Steps of the other room happen in this one then. */
const only =
  (at: number): Simpler =>
  (config) =>
    config.rooms.length > 1 ? { ...config, rooms: config.rooms.slice(at, at + 1) } : config;
