import { quote, TautlineError } from "../errors.js";
import { check, checkNames, invalid, isDuration } from "./checks.js";
import { onRejection, turn } from "./event-loop.js";
import { drawFaults, type Fault, type FaultKind, KINDS } from "./faults.js";
import { network, type TestNetwork } from "./network.js";
import { seeded } from "./seeded.js";

/** Milliseconds within which faults happen. */
const DURATION = 10_000;

/** Options of {@link explore}. */
export interface ExploreOptions {
  /** How often the scenario runs, each time with other faults. @default 1000 */
  runs?: number;
  /** Of the first run; each run has one more. @default 1 */
  seed?: number;
  /** Faults happen within this many virtual milliseconds from the beginning; then all faults end. @default 10000 */
  duration?: number;
  /** The highest number of faults in one run. @default 5 */
  maxFaults?: number;
  /** Which kinds of faults are used. @default all but "clock" */
  kinds?: readonly FaultKind[];
  /** Exactly these faults, in one run: as printed by a failure. */
  faults?: readonly Fault[];
}

/** Which faults a run of {@link explore} has. */
export type FaultOptions = Pick<ExploreOptions, "seed" | "duration" | "maxFaults" | "kinds">;

/** What {@link explore} throws: an error with the code `run-failed`, and how to see it again. */
export interface RunFailure {
  readonly seed: number;
  /** The smallest set of faults with which it was seen to fail. */
  readonly faults: readonly Fault[];
  /** Of the run with these faults. */
  readonly transcript: string;
}

/** A scenario: adds servers to the network, acts as an app, and throws when a result is wrong. */
export type Scenario = (net: TestNetwork) => unknown;

/**
 * Runs a scenario many times, each with other faults of the network, drawn from a seed. The first failure is made small: faults
 * without which it fails too are left out.
 *
 * @returns how many runs there were
 * @throws TautlineError `run-failed`: its message says how to replay it, its `data` is a {@link RunFailure}, its `cause` what was thrown
 * @example await explore({ runs: 10_000 }, async (net) => { const server = net.server("http://chat.test"); });
 */
export async function explore(
  options: ExploreOptions,
  scenario: Scenario,
): Promise<{ runs: number }> {
  checkNames(options, NAMES, "explore()");
  if (typeof scenario !== "function") throw invalid("the scenario is a function");
  const { seed = 1, duration = DURATION } = options;
  const runs = options.faults ? 1 : (options.runs ?? 1000);
  checkOptions(options, runs);
  for (let run = seed; run < seed + runs; run++) {
    const faults = options.faults ?? faultsOf({ ...options, seed: run });
    const failure = await runOnce(run, faults, duration, scenario);
    if (failure) throw await small(run, faults, duration, scenario, failure);
  }
  return { runs };
}

const NAMES = ["runs", "seed", "duration", "maxFaults", "kinds", "faults"];

function checkOptions(options: ExploreOptions, runs: number): void {
  check("runs", runs, Number.isSafeInteger(runs) && runs > 0);
  checkKinds((options.faults ?? []).map(({ kind }) => kind));
  for (const { at } of options.faults ?? []) check("at", at, isDuration(at));
  faultsOf(options);
}

function checkKinds(kinds: readonly FaultKind[]): void {
  for (const kind of kinds)
    if (!Object.keys(KINDS).includes(kind))
      throw invalid(`there is no fault "${kind}": ${Object.keys(KINDS).join(", ")}`);
}

/**
 * The faults that {@link explore} draws for a seed: for a run of your own. `net.later(fault.at, () => net.strike(fault))` lets one happen.
 *
 * @returns in the order of their time
 * @throws TautlineError `invalid-option`
 */
export function faultsOf({
  seed = 1,
  duration = DURATION,
  maxFaults = 5,
  kinds = (Object.keys(KINDS) as FaultKind[]).filter((kind) => kind !== "clock"),
}: FaultOptions = {}): Fault[] {
  checkKinds(kinds);
  for (const [name, value] of Object.entries({ seed, duration, maxFaults }))
    check(name, value, Number.isSafeInteger(value) && (name === "seed" || value >= 0));
  return drawFaults(seeded(seed), kinds, maxFaults, duration);
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  return typeof cause === "string" ? cause : quote(cause);
}

/** Compares the first lines without numbers: "2 are missing" is the same failure as "1 are missing". */
function isSame(one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((cause) =>
    reasonOf(cause).replace(/\n.*$/s, "").replace(/\d+/g, "0"),
  );
  return a === b;
}

interface Failed {
  readonly cause: unknown;
  readonly transcript: string;
}

async function runOnce(
  seed: number,
  faults: readonly Fault[],
  duration: number,
  scenario: Scenario,
): Promise<Failed | undefined> {
  const net = network({ seed });
  const rejected: unknown[] = [];
  const unwatch = onRejection((error) => rejected.push(error));
  let failed: Failed | undefined;
  const fail = (cause: unknown): void => {
    failed ??= { cause, transcript: net.transcript };
  };
  try {
    for (const fault of faults) net.later(fault.at, () => net.strike(fault));
    if (faults.length) net.later(duration, () => net.heal());
    await scenario(net);
    // the host reports an unhandled rejection after the promises had their turn
    await turn();
  } catch (cause) {
    fail(cause);
  }
  if (rejected.length) fail(rejected[0]);
  await net.close().catch(fail);
  unwatch();
  return failed;
}

/** The scenario depends on something that a new network does not reset. */
const FICKLE =
  "\nA second run of the same went another way: the scenario depends on what earlier runs left behind, or on real time.";

/** Removes faults as long as the run still fails. */
async function small(
  seed: number,
  faults: readonly Fault[],
  duration: number,
  scenario: Scenario,
  first: Failed,
): Promise<TautlineError> {
  let least = faults;
  let failure = first;
  const again = await runOnce(seed, faults, duration, scenario);
  const isFickle = !again || again.transcript !== first.transcript;
  for (let at = 0; at < least.length;) {
    const fewer = least.filter((_, index) => index !== at);
    const still = await runOnce(seed, fewer, duration, scenario);
    // a failure other than the first is another bug of the program
    if (still && isSame(still.cause, first.cause)) {
      least = fewer;
      failure = still;
    } else at++;
  }
  const { cause, transcript } = failure;
  const replay = `explore({ seed: ${seed}, duration: ${duration}, faults: ${JSON.stringify(least)} }, scenario)`;
  return new TautlineError(
    "run-failed",
    `seed ${seed} fails: ${reasonOf(cause)}\nSee it again with: ${replay}` +
      (isFickle ? FICKLE : ""),
    {
      cause,
      data: { seed, faults: least, transcript } satisfies RunFailure,
    },
  );
}
