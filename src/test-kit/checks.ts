import { TautlineError } from "../errors.js";

/** Milliseconds from 0 on, and finite. */
export function isDuration(ms: unknown): boolean {
  return typeof ms === "number" && ms >= 0 && ms < Infinity;
}

export function checkOneOf(name: string, value: unknown, values: readonly unknown[]): void {
  check(name, value, values.includes(value));
}

export function check(name: string, value: unknown, isRight: boolean): void {
  if (!isRight) throw invalid(`\`${name}\` can't be ${String(value)}`);
}

export function invalid(message: string): TautlineError {
  return new TautlineError("invalid-option", message);
}

/** @throws TautlineError `invalid-option` for what is no object, and for a name that is none of these */
export function checkNames(options: unknown, names: readonly string[], what: string): void {
  if (Object(options) !== options)
    throw invalid(`the options of ${what} are an object, not ${String(options)}`);
  const unknown = Object.keys(options as object).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw invalid(`${what} has no option "${unknown}": ${names.join(", ")}`);
}
