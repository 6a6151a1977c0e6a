import { type ErrorCode, TautlineError } from "../errors.js";

/** The code of a store's error, by the error's name. */
export function storageError(cause: unknown): TautlineError {
  if (cause instanceof TautlineError) return cause;
  const name = String((cause as Error | undefined)?.name);
  const what = /^Quota/.test(name)
    ? "full"
    : /^Version/.test(name)
      ? "newer"
      : /^Timeout/.test(name)
        ? "blocked"
        : "failed";
  const code: ErrorCode = `storage-${what}`;
  return new TautlineError(code, `the store of the outbox: ${what}`, { cause });
}
