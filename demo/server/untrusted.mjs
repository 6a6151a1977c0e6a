/** What clients send can be anything: an object where a text is expected, or no function where an ack is. */

/** A text, cut to its most characters; "" for anything else. */
export function textOf(value, most) {
  return typeof value === "string" ? value.slice(0, most) : "";
}

/** Answers, if the client wants an answer. */
export function reply(ack, answer) {
  if (typeof ack === "function") ack(answer);
}
