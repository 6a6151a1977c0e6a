import { TautlineError } from "../errors.js";

/**
 * The options without those that stand for their default, undefined and null. Later values of a getter are not checked.
 *
 * @throws TautlineError `invalid-option`
 */
export function checkOptions<T extends object>(options: T | null): T {
  const checked: PropertyDescriptorMap = {};
  for (const [name, own] of Object.entries(Object.getOwnPropertyDescriptors(options ?? {}))) {
    const value: unknown = (options as Record<string, unknown>)[name];
    // a getter stays one
    if (value != null || own.get) checked[name] = own;
    if (value == null) continue;
    // the names of all numbers, with those of a buffer
    if (/^m|eout|Fac/.test(name))
      checkNumber(name, value, /Grow|^maxRec/.test(name) ? 1 : 0, /^ra/.test(name) ? 1 : Infinity);
    if (name === "buffer") checked[name] = { value: checkOptions(value) };
  }
  return Object.defineProperties({}, checked) as T;
}

/** @throws TautlineError `invalid-option` for what is not a number from `least` to `most` */
export function checkNumber(name: string, value: unknown, least = 0, most = Infinity): void {
  if (typeof value !== "number" || !(value >= least && value <= most))
    throw new TautlineError("invalid-option", name);
}
