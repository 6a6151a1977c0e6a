import { TautlineError, quote } from "./errors.js";

/** What is read of the page's own address. */
export interface PageLocation {
  /** With its colon: "https:". */
  protocol: string;
  /** Host name and, unless default, port. */
  host: string;
}

/** Where a server is, taken apart. */
export interface Endpoint {
  secure: boolean;
  /** Without the brackets of an IPv6 address. */
  hostname: string;
  /** Always filled in: 80 or 443 where the address names none. */
  port: string;
  /** The path of the address: in Socket.IO the namespace. "/" when there is none. */
  path: string;
  query: Record<string, string>;
  /** `proto://host:port`, the same for each spelling of one origin. */
  origin: string;
}

const ADDRESS =
  /^(?:http|ws)(s)?:\/\/(?:[^/?#@]*@)?(?:\[([^\]]+)\]|([^:/?#]+))(?::(\d+))?(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/i;

/**
 * Takes an address apart without `URL`, which is wrong in React Native. `//host` and `/nsp` are relative to
 * the page, and so is an absent address; an address without protocol gets the page's, or https.
 *
 * @throws TautlineError `invalid-option` when there is no host in it.
 */
export function parseEndpoint(
  address: string | undefined,
  page: PageLocation | undefined,
): Endpoint {
  const protocol = page?.protocol ?? "https:";
  let text = address ?? "/";
  if (text.startsWith("//")) text = protocol + text;
  else if (text.startsWith("/") && page) text = `${protocol}//${page.host}${text}`;
  else if (!/^\w+:\/\//.test(text)) text = `${protocol}//${text}`;
  const match = ADDRESS.exec(text);
  if (!match)
    throw new TautlineError(
      "invalid-option",
      address === undefined
        ? "there is no page address here to connect to: hand the server's address to io()"
        : `${quote(address)} is not an http(s) or ws(s) address`,
    );
  const [, tls, ipv6, name, given, path = "/", query = ""] = match;
  const secure = tls !== undefined;
  const hostname = (ipv6 ?? name) as string;
  const port = given ?? (secure ? "443" : "80");
  return {
    secure,
    hostname,
    port,
    path,
    query: parseQuery(query),
    origin: `http${secure ? "s" : ""}://${bracketed(hostname).toLowerCase()}:${port}`,
  };
}

/** "a=1&b=2" -> its decoded pairs. What is not valid percent-encoding is kept as it stands. */
export function parseQuery(text: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const pair of text.replace(/^\?/, "").split("&")) {
    const at = pair.indexOf("=");
    const key = at < 0 ? pair : pair.slice(0, at);
    if (key) query[decode(key)] = at < 0 ? "" : decode(pair.slice(at + 1));
  }
  return query;
}

/** The pairs as "a=1&b=2", in insertion order; undefined and null values are left out. */
export function formatQuery(query: Record<string, unknown>): string {
  return Object.entries(query)
    .filter(([, value]) => value != null)
    .map((pair) => pair.map((part) => encodeURIComponent(String(part))).join("="))
    .join("&");
}

/** True for the names and addresses of this very machine, which need no network. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d+){1,3}|\[?::1]?)$/i.test(hostname);
}

/** An IPv6 address in the brackets that an URL needs; anything else as it is. */
export function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
