/**
 * The command line of the model checker:
 *   npm run check:model -- --seeds 100000 [--first 1] [--jobs 2]   many programs, in so many processes
 *   npm run check:model -- --seeds 5000 --survey                    all kinds of failure, and how often they came
 *   npm run check:model -- --seed 7                                 one of them, made small when it fails
 *   npm run check:model -- --program '{...}'                        one that was printed
 *   npm run check:model -- --streams 20000 [--first 1]              programs of streams: see streams.ts
 *   npm run check:model -- --stores 20000 [--first 1]               programs of stores: see stores.ts
 *   npm run check:model -- --tabs 20000 [--first 1] [--survey]      programs of tabs: see tabs.ts
 *   npm run check:model -- --transcripts 1000 [--first 1]            runs of one seed of the test kit: all have one transcript
 */
import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BASE_SEED, check, explain, type Failure, kindOf } from "./check.js";
import type { Program } from "./program.js";
import { run } from "./run.js";
import { checkStores, minimiseStores, randomProgram as randomStores } from "./stores.js";
import { checkStreams } from "./streams.js";
import { transcriptOf } from "../support/kit-scenario.js";
import { kindOfClaim, minimiseTabs, randomTabs, runTabs } from "./tabs.js";

const ENOUGH = 10;
const BATCH = 250;

interface Batch {
  first: number;
  count: number;
}

/** @param worker - the module to fork, which calls {@link work} */
export async function main(worker: string): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      first: { type: "string", default: String(BASE_SEED) },
      jobs: { type: "string", default: String(availableParallelism()) },
      survey: { type: "boolean", default: false },
      seed: { type: "string" },
      program: { type: "string" },
      streams: { type: "string" },
      stores: { type: "string" },
      tabs: { type: "string" },
      transcripts: { type: "string" },
    },
  });
  if (values.program) {
    const broken = await run(JSON.parse(values.program) as Program);
    console.log(broken.join("\n") || "every claim holds");
    return broken.length ? 1 : 0;
  }
  const first = Number(values.seed ?? values.first);
  if (values.streams) {
    const failure = await checkStreams(first, Number(values.streams));
    for (const claim of failure?.broken ?? []) console.log(`seed ${failure?.seed}: ${claim}`);
    console.log(
      `${values.streams} programs of streams from seed ${first}, ${failure ? 1 : 0} failures`,
    );
    return failure ? 1 : 0;
  }
  if (values.stores) {
    const failure = await checkStores(first, Number(values.stores));
    if (failure) {
      const small = await minimiseStores(randomStores(failure.seed));
      console.log(`seed ${failure.seed}: ${failure.broken.join("\n  ")}`);
      console.log(
        `the small one: ${JSON.stringify(small.program)}\n  ${small.broken.join("\n  ")}`,
      );
    }
    console.log(
      `${values.stores} programs of stores from seed ${first}, ${failure ? 1 : 0} failures`,
    );
    return failure ? 1 : 0;
  }
  if (values.transcripts) return transcripts(first, Number(values.transcripts));
  if (values.tabs) return tabs(first, Number(values.tabs), values.survey);
  const count = values.seed ? 1 : Number(values.seeds);
  const start = performance.now();
  const enough = values.survey ? Infinity : ENOUGH;
  const failures = values.seed
    ? await check(first, 1)
    : await inWorkers(worker, first, count, Number(values.jobs), enough);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  for (const [kind, { failure, times }] of byKind(failures)) {
    console.log(`${times} x ${kind}`);
    console.log(await explain(failure, undefined, kind));
  }
  console.log(`${count} programs from seed ${first}, ${failures.length} failures, ${seconds} s`);
  return failures.length ? 1 : 0;
}

/** Runs one seed again and again. */
async function transcripts(seed: number, count: number): Promise<number> {
  const first = await transcriptOf(seed);
  let same = 1;
  while (same < count && (await transcriptOf(seed)) === first) same++;
  console.log(`seed ${seed}: ${same} of ${count} runs have the same ${first.length} characters`);
  return same === count ? 0 : 1;
}

/** Programs of tabs; the first that fails is made small. With a survey: all kinds of failure, and how often they came. */
async function tabs(first: number, count: number, isSurvey: boolean): Promise<number> {
  const start = performance.now();
  const kinds = new Map<string, [seed: number, claim: string, times: number]>();
  let failed = 0;
  for (let seed = first; seed < first + count; seed++) {
    const broken = await runTabs(randomTabs(seed));
    if (!broken.length) continue;
    failed++;
    for (const claim of broken) {
      const [at, words, times] = kinds.get(kindOfClaim(claim)) ?? [seed, claim, 0];
      kinds.set(kindOfClaim(claim), [at, words, times + 1]);
    }
    if (!isSurvey) {
      console.log(JSON.stringify(await minimiseTabs(seed), null, 1));
      break;
    }
  }
  for (const [seed, claim, times] of kinds.values())
    console.log(`${times} x, first at seed ${seed}: ${claim}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${count} programs of tabs from seed ${first}, ${failed} failures, ${seconds} s`);
  return failed ? 1 : 0;
}

/** Answers to batches of seeds, in a process of its own. */
export function work(): void {
  process.on("message", ({ first, count }: Batch) => {
    void check(first, count, Infinity).then((failures) => process.send?.(failures));
  });
}

async function inWorkers(
  worker: string,
  first: number,
  count: number,
  jobs: number,
  enough: number,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  let done = 0;
  const nextBatch = (): Batch | undefined => {
    if (done >= count || failures.length >= enough) return undefined;
    const batch = { first: first + done, count: Math.min(BATCH, count - done) };
    done += batch.count;
    return batch;
  };
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const child = fork(worker);
      try {
        for (let batch = nextBatch(); batch; batch = nextBatch())
          failures.push(...(await ask(child, batch)));
      } finally {
        // it ends when nobody can ask it any more
        child.disconnect();
      }
    }),
  );
  return failures.sort((a, b) => a.seed - b.seed);
}

function ask(child: ChildProcess, batch: Batch): Promise<Failure[]> {
  return new Promise((resolve, reject) => {
    const exited = (): void => reject(new Error(`a worker died at seeds from ${batch.first}`));
    child.once("exit", exited);
    child.once("message", (failures) => {
      child.off("exit", exited);
      resolve(failures as Failure[]);
    });
    child.send(batch);
  });
}

/** The first failure of each kind of claim, and how many there are; the most frequent first. */
function byKind(failures: Failure[]): [string, { failure: Failure; times: number }][] {
  const kinds = new Map<string, { failure: Failure; times: number }>();
  for (const failure of failures)
    for (const kind of new Set(failure.broken.map(kindOf))) {
      const known = kinds.get(kind);
      if (known) known.times++;
      else kinds.set(kind, { failure, times: 1 });
    }
  return [...kinds].sort(([, a], [, b]) => b.times - a.times);
}
