import { TautlineError } from "../errors.js";

/**
 * An option was given whose code is not in the bundle.
 *
 * @param option - its name
 * @param part - the export that brings it, and the module that has it: `["retries", "tautline/slim"]`
 */
export function missingPart(
  option: string,
  [name, module]: readonly [string, string],
): TautlineError {
  return new TautlineError(
    "invalid-option",
    `\`${option}\` needs a part that is not there: import { ${name} } from "${module}"`,
  );
}
