/** Runs many programs, and says of the first that fails what is needed to run it again. */
import { minimise } from "./minimise.js";
import { type Program, randomProgram } from "./program.js";
import { run, type Sabotage } from "./run.js";

/** Of the runs that are part of every check. */
export const BASE_SEED = 20_260_101;

export interface Failure {
  seed: number;
  broken: string[];
}

/** The failures among `count` programs; at most `enough`. */
export async function check(
  first: number,
  count: number,
  enough = 1,
  sabotage?: Sabotage,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count && failures.length < enough; seed++) {
    const broken = await run(randomProgram(seed), sabotage);
    if (broken.length) failures.push({ seed, broken });
  }
  return failures;
}

/** A failing program made small, in words and as data to replay. */
export async function explain({ seed }: Failure, sabotage?: Sabotage): Promise<string> {
  const program = await minimise(randomProgram(seed), sabotage);
  const broken = await run(program, sabotage);
  return [
    `seed ${seed}:`,
    ...broken.slice(0, 10).map((claim) => `  ${claim}`),
    ...words(program),
    `again: npm run check:model -- --seed ${seed}`,
    `the small one: npm run check:model -- --program '${JSON.stringify(program)}'`,
  ].join("\n");
}

function words({ config, steps }: Program): string[] {
  return [
    `  with ${JSON.stringify(config)}`,
    ...steps.map(({ at, ...action }) => `  at ${at}: ${JSON.stringify(action)}`),
  ];
}
