import { TautlineError, quote } from "../errors.js";

/**
 * Servers close the connection of a client that asks for a namespace without a slash. For a name with a comma or a lone
 * surrogate, they never answer under that name.
 *
 * @throws TautlineError `invalid-option`
 */
export function checkNamespace(nsp: unknown): void {
  if (typeof nsp !== "string" || !/^\/[^,\ud800-\udfff]*$/u.test(nsp))
    throw new TautlineError(
      "invalid-option",
      `${quote(nsp)} is not a namespace: it begins with a slash`,
    );
}
