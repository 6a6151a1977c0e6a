/** How many characters of a name are kept. */
export const NAME = 64;

/** The head of a packet that was encoded by the protocol's own codec. */
export interface Head {
  type: number;
  nsp: string;
  /** -1 without one. */
  id: number;
  /** "" without one. */
  event: string;
}

/** The same for a text packet. */
export interface TextHead extends Head {
  /** Where the name of the event ends; 0 if it is not completely in a text packet. */
  end: number;
}

/** A copy of a part of a text, cut to the kept length. A slice would keep the whole text in memory. */
export function ownText(text: string, length = NAME): string {
  return JSON.parse(JSON.stringify(text.slice(0, length))) as string;
}

/** The name of an event in the form in which it is kept. */
export function nameOf(event: unknown): string {
  const name = typeof event === "string" ? event : String(event);
  return name.length > NAME ? name.slice(0, NAME) : name;
}

const ZERO = 48;
const QUOTE = 34;
const BACKSLASH = 92;

/** Reads the head of an encoded packet, and nothing after it: `51-/admin,12["name"`. */
export function headOf(text: string): TextHead {
  const type = text.charCodeAt(0) - ZERO;
  let at = type > 4 ? text.indexOf("-") + 1 : 1;
  let nsp = "/";
  if (text[at] === "/") {
    const comma = text.indexOf(",", at);
    const end = comma < 0 ? text.length : comma;
    nsp = text.slice(at, end);
    at = end + 1;
  }
  let id = -1;
  for (;;) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) break;
    id = Math.max(id, 0) * 10 + digit;
    at++;
  }
  const isEvent = type === 2 || type === 5;
  const event = isEvent ? eventIn(text, at + 1) : "";
  const end = at + event.length + 3;
  const isWhole = isEvent && end <= NAME && text.charCodeAt(end - 1) === QUOTE;
  return { type, nsp, id, event, end: isWhole ? end : 0 };
}

/** The first value of a JSON array: a string or a number. */
function eventIn(text: string, at: number): string {
  if (text.charCodeAt(at) !== QUOTE) return String(parseFloat(text.slice(at, at + NAME)));
  let end = at + 1;
  let isEscaped = false;
  for (; end < text.length && text.charCodeAt(end) !== QUOTE; end++)
    if (text.charCodeAt(end) === BACKSLASH) {
      isEscaped = true;
      end++;
    }
  return nameOf(isEscaped ? JSON.parse(text.slice(at, end + 1)) : text.slice(at + 1, end));
}
