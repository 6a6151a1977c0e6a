import { median, spread } from "./stats.mjs";

/**
 * One line of the table: what was measured in one host, and the figure that a goal is set for.
 *
 * `values` are the medians of each side in `unit`; `figure` is Tautline's and the peer's in `figureUnit`
 * ("x raw", "x peer" or the unit itself); `goal` is the bound of `figure.tautline`; `atLeast` turns the
 * bound around.
 */
export function line({
  host,
  what,
  unit,
  figureUnit = unit,
  values,
  figure,
  goal,
  spreads,
  ...rest
}) {
  return { host, what, unit, figureUnit, values, figure, goal, spreads, ...rest };
}

/** A line from the samples of `alternate()`, the figure being a ratio to the side `base`. */
export function ratioLine({ host, what, unit = "ns", samples, base = "raw", goal, atLeast }) {
  const values = mapValues(samples, median);
  const figure = {};
  for (const side of ["tautline", "peer"]) {
    if (side !== base && values[side] !== undefined) figure[side] = values[side] / values[base];
  }
  return line({
    host,
    what,
    unit,
    figureUnit: `x ${base}`,
    values,
    figure,
    goal,
    atLeast,
    spreads: mapValues(samples, spread),
  });
}

/** A line whose figure is the median of the samples itself. */
export function valueLine({ host, what, unit, samples, goal, atLeast }) {
  const values = mapValues(samples, median);
  const { tautline, peer } = values;
  return line({
    host,
    what,
    unit,
    values,
    figure: { ...(tautline !== undefined && { tautline }), ...(peer !== undefined && { peer }) },
    goal,
    atLeast,
    spreads: mapValues(samples, spread),
  });
}

/** Whether the goal is met: true, false, or undefined when there is no goal or no measurement. */
export function isMet({ figure, goal, atLeast }) {
  if (goal === undefined || figure.tautline === undefined) return undefined;
  return atLeast ? figure.tautline >= goal : figure.tautline <= goal;
}

export function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

/** A line from samples of the two clients, the figure being Tautline's part of the peer's, bounded by `goal`. */
export function peerLine({ host, what, unit, samples, goal }) {
  const result = ratioLine({ host, what, unit, samples, base: "peer", goal });
  return { ...result, figure: { ...result.figure, peer: 1 } };
}
