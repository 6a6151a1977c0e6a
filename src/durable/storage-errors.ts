import { TautlineError } from "../errors.js";

const SAYS = {
  "storage-full": "there is no room in the store of the outbox",
  "storage-newer": "the store of the outbox was written by a newer version",
  "storage-blocked": "the store of the outbox does not answer",
  "storage-failed": "the store of the outbox has failed",
};

const BY_NAME: Readonly<Record<string, keyof typeof SAYS>> = {
  QuotaExceededError: "storage-full",
  VersionError: "storage-newer",
  TimeoutError: "storage-blocked",
};

/** What a store did, by its name. */
export function storageError(cause: unknown): TautlineError {
  if (cause instanceof TautlineError) return cause;
  const code = BY_NAME[String((cause as Error | undefined)?.name)] ?? "storage-failed";
  return new TautlineError(code, SAYS[code], { cause });
}
