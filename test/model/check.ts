/** Runs many programs, and says of those that fail what is needed to run them again. */
import { minimise } from "./minimise.js";
import { type Program, randomProgram } from "./program.js";
import { run } from "./run.js";
import type { Fault } from "./sabotage.js";

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
  fault?: Fault,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + count && failures.length < enough; seed++) {
    const broken = await run(randomProgram(seed), fault);
    if (broken.length) failures.push({ seed, broken });
  }
  return failures;
}

/** The kind of a broken claim: the same words, whatever the numbers. */
export function kindOf(claim: string): string {
  return claim.replace(/^\/\w+: /u, "").replace(/\d+(?:\.\d+)?(?:, \d+)*/gu, "#");
}

/** A failing program made small, in words and as data to replay. @param kind - of the claim that it still breaks */
export async function explain(failure: Failure, fault?: Fault, kind?: string): Promise<string> {
  const { seed, broken } = failure;
  const claim = kind ?? kindOf(broken[0] as string);
  const program = await minimise(randomProgram(seed), async (candidate) =>
    (await run(candidate, fault)).some((one) => kindOf(one) === claim),
  );
  const left = await run(program, fault);
  return [
    `seed ${seed}:`,
    ...left.slice(0, 10).map((one) => `  ${one}`),
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
