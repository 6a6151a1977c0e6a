import { quote, TautlineError } from "../errors.js";

/** A name, a line end (which neither may have), and a value. */
const HEADER = /^[\w!#$%&'*+.^`|~-]+\n[\t -~\x80-\xff]*$/;

/**
 * Headers as every host takes them: texts, without space around them. Numbers become text; pairs (`Headers`, a Map) count too.
 *
 * @param headers - null and undefined stand for none
 * @throws TautlineError `invalid-option` with the header's name, and without what it holds, which may be a secret
 */
export function checkHeaders(
  headers: object | null | undefined,
): Record<string, string> | undefined {
  if (!headers) return undefined;
  const checked: Record<string, string> = {};
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const [name, value] of pairs as Iterable<[string, unknown]>) {
    const type = typeof value;
    const text = type === "string" || type === "number" ? String(value).trim() : "\0";
    if (!HEADER.test(name + "\n" + text))
      throw new TautlineError(
        "invalid-option",
        `\`extraHeaders\`: ${quote(name)} or its value (${type}) can't be sent`,
      );
    checked[name] = text;
  }
  return checked;
}
