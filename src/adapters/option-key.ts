import { TautlineError } from "../errors.js";
import { pageWide } from "./page-wide.js";

/**
 * A text that is equal for options with equal values, in any objects. Functions and classes are compared by name,
 * because an inline function is a new one at each render. Instances of classes are compared by identity.
 *
 * @throws TautlineError `invalid-option`
 */
export function optionKey(options: unknown): string {
  try {
    return JSON.stringify(options, (_name, value: unknown) => {
      if (typeof value === "function") return `${value.name}()`;
      if (Object(value) !== value || Array.isArray(value)) return value;
      const object = value as Record<string, unknown>;
      if ((object.constructor ?? Object) === Object)
        return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
      return numberOf(object);
    });
  } catch (cause) {
    throw new TautlineError("invalid-option", "an option can't be compared: it is no JSON", {
      cause,
    });
  }
}

/** The same for the same object. */
export function numberOf(object: object): string {
  const known = pageWide("numbers", () => ({ of: new WeakMap<object, number>(), count: 0 }));
  if (!known.of.has(object)) known.of.set(object, ++known.count);
  return `#${known.of.get(object)}`;
}
