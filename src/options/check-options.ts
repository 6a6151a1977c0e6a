import { TautlineError, quote } from "../errors.js";
import { formatQuery, parseQuery } from "../url.js";

/**
 * What an option takes: numbers of 0 or more, or the types that are named. Falsy values stand for the default, as in
 * socket.io-client, but for the numbers that are false here.
 */
const TAKES: Readonly<Record<string, boolean | string>> = {
  timeout: false,
  ackTimeout: false,
  probeTimeout: false,
  linger: false,
  requestTimeout: false,
  idleTimeout: false,
  fallbackDelay: false,
  minUptime: false,
  ttl: false,
  "timeout(ms)": false,
  randomizationFactor: false,
  maxAttachments: false,
  maxPackets: false,
  maxBytes: false,
  below: false,
  limit: false,
  maxPacketsPerRequest: true,
  reconnectionAttempts: true,
  reconnectionDelay: false,
  reconnectionDelayMax: true,
  retries: true,
  port: true,
  uri: "string",
  path: "string",
  host: "string",
  hostname: "string",
  query: "object or string or function",
  "query()": "object or string",
  auth: "object or function",
  retryConnectError: "function",
  listener: "function",
  filter: "function",
  transports: "array",
  addresses: "array",
  extraHeaders: "object or function",
  "extraHeaders()": "object",
  "transportOptions[..].query": "object or string",
  "transportOptions[..].extraHeaders": "object",
  "key(key)": "string",
  signal: "AbortSignal",
  overflow: "reject drop-oldest drop-newest",
  "reading overflow": "error drop-oldest drop-newest",
  buffer: "object",
  parser: "object",
  delivery: "object",
  share: "object",
};

/** Objects that are known by a method. */
const METHODS: Readonly<Record<string, string>> = {
  transports: "map",
  addresses: "map",
  signal: "addEventListener",
  network: "subscribe",
  delivery: "createPolicy",
  outbox: "wrap",
  share: "join",
};

/**
 * The options without those that stand for their default: undefined, null, and what socket.io-client takes for it
 * (`reconnectionAttempts: 0`, `path: ""`). Options that are not known here are left as they are.
 *
 * @throws TautlineError `invalid-option` with the name and the value
 */
export function checkOptions<T extends object>(options: T): T {
  const checked = copyOf(options) as Record<string, unknown>;
  // no for..in: some pages add to Object.prototype
  for (const name of Object.keys(checked)) {
    const value = checked[name];
    // NaN never means the default
    if (value == null || (!value && value === value && TAKES[name])) delete checked[name];
    else checkOption(name, value);
  }
  return checked as T;
}

function copyOf<T extends object>(options: T): T {
  try {
    return { ...options };
  } catch (cause) {
    throw new TautlineError("invalid-option", "the options can't be read", { cause });
  }
}

/**
 * One option, as a setter or a method takes it: there, 0 is 0. Undefined stands for none.
 *
 * @throws TautlineError `invalid-option` with the name and the value
 */
export function checkOption(name: string, value: unknown): void {
  const takes = TAKES[name];
  const type = typeof value;
  const isPort = name === "port";
  const most = isPort ? 65535 : name === "randomizationFactor" ? 1 : Infinity;
  const method = METHODS[name];
  const isRight = method
    ? (value === false && name === "network") ||
      typeof (value as Record<string, unknown> | null)?.[method] === "function"
    : typeof takes === "string"
      ? takes.split(" ").includes(name.endsWith("overflow") ? (value as string) : type)
      : typeof takes !== "boolean" ||
        ((type === "number" || (isPort && type === "string")) &&
          Number(value) >= 0 &&
          Number(value) <= most) ||
        (value === false && name === "timeout");
  if (!isRight && value !== undefined)
    throw new TautlineError(
      "invalid-option",
      `\`${name}\` takes ${method ? `what has ${method}()` : typeof takes === "string" ? takes : `0 to ${most}`}, not ${type} ${quote(value)}` +
        (name === "delivery"
          ? ': import { atLeastOnce, exactlyOnce } from "tautline/delivery"'
          : ""),
    );
  if (/query/.test(name) && value != null)
    formatQuery(
      type === "string" ? parseQuery(value as string) : (value as Record<string, unknown>),
    );
  if (name === "buffer") checkOptions(value as object);
}

/**
 * What is assigned to a list that can be emptied, and not filled.
 *
 * @throws TautlineError `invalid-option`
 */
export function checkEmpty(name: string, list: unknown): void {
  if (!Array.isArray(list) || list.length)
    throw new TautlineError("invalid-option", `\`${name}\` takes [] alone`);
}
