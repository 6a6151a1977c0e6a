import { quantile } from "./stats.mjs";

/**
 * Measures subjects that do the same work, in turns of a few milliseconds, so that whatever else the machine
 * does meets all of them alike. The order of the turns rotates.
 *
 * A subject is `{ name, prepare?(count), run(count) }`: `run` does the work `count` times and may return a
 * promise; what `prepare` does is not measured.
 *
 * @returns nanoseconds for one operation: `{ [name]: number[] }`, one number a round, each the lower
 * quartile of its slices: those above it were interrupted, by the collector or by whatever else runs
 */
export async function alternate(
  subjects,
  { rounds = 7, slices = 12, sliceMs = 4, warmupMs = 250 } = {},
) {
  const counts = new Map();
  for (const subject of subjects) counts.set(subject, await warmUp(subject, warmupMs, sliceMs));
  const results = Object.fromEntries(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const samples = new Map(subjects.map((subject) => [subject, []]));
    for (let slice = 0; slice < slices; slice++) {
      for (let turn = 0; turn < subjects.length; turn++) {
        const subject = subjects[(turn + slice + round) % subjects.length];
        samples.get(subject).push(await time(subject, counts.get(subject)));
      }
    }
    for (const [subject, slicesOfRound] of samples)
      results[subject.name].push(quantile(slicesOfRound, 0.25));
  }
  return results;
}

/** One slice: nanoseconds for one operation. */
export async function time(subject, count) {
  subject.prepare?.(count);
  const start = performance.now();
  const pending = subject.run(count);
  if (pending !== undefined) await pending;
  return ((performance.now() - start) * 1e6) / count;
}

async function warmUp(subject, warmupMs, sliceMs) {
  const end = performance.now() + warmupMs;
  let count = 16;
  do {
    const latest = await time(subject, count);
    count = Math.max(1, Math.min(count * 4, Math.round((sliceMs * 1e6) / Math.max(latest, 1))));
  } while (performance.now() < end);
  return count;
}
