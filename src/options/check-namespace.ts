import { TautlineError, quote } from "../errors.js";

/**
 * Servers close the connection of whoever asks for a namespace without a slash, or never answer under the name that was
 * asked for: with a comma, or a lone surrogate in it.
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
