/**
 * The command line of the model checker:
 *   npm run check:model -- --seeds 100000 [--first 1]   many programs
 *   npm run check:model -- --seed 7                     one of them, made small when it fails
 *   npm run check:model -- --program '{...}'            one that was printed
 */
import { parseArgs } from "node:util";
import { BASE_SEED, check, explain, type Failure } from "./check.js";
import type { Program } from "./program.js";
import { run } from "./run.js";

const ENOUGH = 10;

export async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      first: { type: "string", default: String(BASE_SEED) },
      seed: { type: "string" },
      program: { type: "string" },
    },
  });
  if (values.program) {
    const broken = await run(JSON.parse(values.program) as Program);
    console.log(broken.join("\n") || "every claim holds");
    return broken.length ? 1 : 0;
  }
  const first = Number(values.seed ?? values.first);
  const count = values.seed ? 1 : Number(values.seeds);
  const start = performance.now();
  const failures: Failure[] = [];
  for (let done = 0; done < count && failures.length < ENOUGH; done += 1000) {
    const size = Math.min(1000, count - done);
    failures.push(...(await check(first + done, size, ENOUGH - failures.length)));
  }
  for (const failure of failures) console.log(await explain(failure));
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${count} programs from seed ${first}, ${failures.length} failures, ${seconds} s`);
  return failures.length ? 1 : 0;
}
