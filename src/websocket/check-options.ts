import { TautlineError } from "../errors.js";

/**
 * The options without those that stand for their default, undefined and null.
 *
 * @throws TautlineError `invalid-option`
 */
export function checkOptions<T extends object>(options: T | null): T {
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options ?? {}) as [string, unknown][]) {
    if (value == null) continue;
    // the names of all numbers, with those of a buffer
    if (/^m|eout|Fac/.test(name))
      checkNumber(name, value, /Grow|^maxRec/.test(name) ? 1 : 0, /^ra/.test(name) ? 1 : Infinity);
    checked[name] = name === "buffer" ? checkOptions(value) : value;
  }
  return checked as T;
}

/** @throws TautlineError `invalid-option` for what is not a number from `least` to `most` */
export function checkNumber(name: string, value: unknown, least = 0, most = Infinity): void {
  if (typeof value !== "number" || !(value >= least && value <= most))
    throw new TautlineError("invalid-option", name);
}
