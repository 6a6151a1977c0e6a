import type { AnySchema, SchemaIssue } from "./standard-schema.js";

/** What is wrong with a value, and where. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly PropertyKey[];
}

/** What became of a value: what the schema made of it, or what is wrong with it. */
export interface Verdict {
  /** Transformed. */
  readonly value?: unknown;
  readonly issues?: readonly Issue[];
  /** What the validator threw. */
  readonly cause?: unknown;
}

/** The verdict where the contract has no value, whatever was sent. */
export const NOTHING: Verdict = {};
/** The number of issues reported for one value: a sender can cause any number. */
const MAX_ISSUES = 10;
/** Characters of a message, or of a name in a path. They are the sender's, and travel back to it. */
const MAX_LENGTH = 200;
const MAX_DEPTH = 20;

/** What holds schemas, by key. */
export interface Holder {
  readonly [key: string]: unknown;
}

/**
 * A map, because the names to look up come from outside: `__proto__`, or anything.
 *
 * @param key - of what a bare schema stands for
 */
export const mapOf = (
  object: { readonly [name: string]: unknown } | undefined,
  key: string,
): ReadonlyMap<unknown, Holder> =>
  new Map(
    Object.entries(object ?? {}).map(([name, holder]) => [
      name,
      // arktype's schemas are functions
      ((holder as Partial<AnySchema> | undefined)?.["~standard"]
        ? { [key]: holder }
        : holder) as Holder,
    ]),
  );

/**
 * Calls a schema's validator. A throw, a rejection and an invalid result all count as violations.
 *
 * @param origin - the cause that is told where there is no schema to ask
 */
export function validate(
  holder: Holder | undefined,
  key: string,
  value: unknown,
  origin?: unknown,
): Verdict | Promise<Verdict> {
  if (!holder) return failed(origin, "not in the contract");
  try {
    const schema = holder[key] as AnySchema | undefined;
    if (!schema) return NOTHING;
    const result: unknown = schema["~standard"].validate(value);
    return (result as PromiseLike<unknown>).then
      ? Promise.resolve(result)
          .then(read)
          .catch((error: unknown) => failed(error))
      : read(result);
  } catch (error) {
    return failed(error);
  }
}

/** A violation that did not come from the schema itself. */
export const failed = (cause: unknown, message = "the validator failed"): Verdict => ({
  issues: [{ message }],
  cause,
});

/** May throw: `result` is whatever a validator made. */
function read(result: unknown): Verdict {
  const { issues, value } = result as { issues?: readonly SchemaIssue[]; value?: unknown };
  if (!issues) return "value" in (result as object) ? { value } : failed(result);
  return {
    issues: issues.slice(0, MAX_ISSUES).map(({ message, path }) => ({
      // it may quote the value
      message: `${message}`.slice(0, MAX_LENGTH),
      // arktype's issues are not a plain array
      path: Array.from(path ?? [], (key) => {
        const plain = (key as { key?: PropertyKey }).key ?? key;
        return typeof plain === "number" ? plain : String(plain).slice(0, MAX_LENGTH);
      }).slice(0, MAX_DEPTH),
    })),
  };
}
