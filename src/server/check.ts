import { TautlineError } from "../errors.js";

/** @throws TautlineError `invalid-option`, which names the option */
export function check(isValid: boolean, option: string): void {
  if (!isValid) throw new TautlineError("invalid-option", `dedupe(): invalid ${option}`);
}
