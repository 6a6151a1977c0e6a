/** Takes away from a failing program what it doesn't need to fail. */
import type { Config, Program } from "./program.js";
import { run, type Sabotage } from "./run.js";

export async function minimise(program: Program, sabotage?: Sabotage): Promise<Program> {
  const fails = async (candidate: Program): Promise<boolean> =>
    (await run(candidate, sabotage)).length > 0;
  let smallest = await withFewerSteps(program, fails);
  for (const simpler of simplerConfigs(smallest.config)) {
    const candidate = { ...smallest, config: { ...smallest.config, ...simpler } };
    if (await fails(candidate)) smallest = candidate;
  }
  smallest = await withSmallerSteps(smallest, fails);
  return withFewerSteps(smallest, fails);
}

type Fails = (program: Program) => Promise<boolean>;

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

async function withSmallerSteps(program: Program, fails: Fails): Promise<Program> {
  let smallest = program;
  for (let i = 0; i < smallest.steps.length; i++) {
    const step = smallest.steps[i];
    if (step?.do !== "emit") continue;
    const changes = [
      ...[1, 2, 5, 20].filter((count) => count < step.count).map((count) => ({ count })),
      ...(["ack", "ttl", "key", "volatile", "abort", "binary", "chain"] as const)
        .filter((name) => step[name] !== undefined)
        .map((name) => ({ [name]: undefined })),
    ];
    for (const change of changes) {
      const steps = smallest.steps.map((other, at) => (at === i ? { ...other, ...change } : other));
      const candidate = JSON.parse(JSON.stringify({ ...smallest, steps })) as Program;
      if (await fails(candidate)) smallest = candidate;
    }
  }
  return smallest;
}

function simplerConfigs({ buffer, transports }: Config): Partial<Config>[] {
  return [
    { recovery: false },
    { catchAll: false },
    { held: false },
    { nodes: 1 },
    { slowStore: false },
    ...(transports.length > 1 ? transports.map((name) => ({ transports: [name] })) : []),
    ...(buffer ? [{ buffer: {} }] : []),
  ];
}
