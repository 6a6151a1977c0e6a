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
  /** Without the brackets of an IPv6 address. "" for what is relative to a page where there is none. */
  hostname: string;
  /** Always filled in: 80 or 443 where the address names none. */
  port: string;
  /** The path of the address: in Socket.IO the namespace. "/" when there is none. */
  path: string;
  query: Record<string, string>;
  /** `proto://host:port`, the same for each spelling of one origin; "" without a host. */
  origin: string;
}

/** A host name has none of the characters that no URL has in its host; an IPv6 address may stand without brackets. */
const ADDRESS =
  /^(?:http|ws)(s)?:\/\/(?:[^/?#]*@)?(\[[\da-f.]*:[\da-f:.]*]|(?:[\da-f]*:){2,7}[\da-f.]*|[^\s:/?#@[\]<>^|%]+)(?::(\d*))?(\/[^?#]*)?(?:\?([^#]*))?(?:#.*)?$/i;

/**
 * Takes an address apart without `URL`, which is wrong in React Native. `//host`, `/nsp`, `?query` and the empty address
 * are relative to the page, and so is an absent one; an address without protocol gets the page's, or https. A backslash
 * is a slash, as in `URL`.
 *
 * @throws TautlineError `invalid-option` when there is no host in it, or an impossible port.
 */
export function parseEndpoint(
  address: string | undefined,
  page: PageLocation | undefined,
): Endpoint {
  // pages from a file, a frame's srcdoc or a blob have no origin that a server could have
  const isPage = !!page && /^https?:$/.test(page.protocol);
  const protocol = isPage ? page.protocol : "https:";
  const given = `${address ?? ""}`.trim();
  let text = given.replace(/^[^?#]+/, (path) => path.replace(/\\/g, "/"));
  const isRelative = /^(?:$|\/(?!\/)|[?#])/.test(text);
  if (text.startsWith("//")) text = protocol + text;
  else if (isRelative) text = `${protocol}//${isPage ? page.host : "nowhere"}${text}`;
  else if (!/^\w+:\/\//.test(text)) text = `${protocol}//${text}`;
  const [, tls = "", host, digits, path = "/", query = ""] = ADDRESS.exec(text) ?? [];
  const port = Number(digits || (tls ? 443 : 80));
  if (!host || port > 65535)
    throw new TautlineError("invalid-option", `${quote(given)} is not an http(s) or ws(s) address`);
  const hostname = isRelative && !isPage ? "" : host.replace(/[[\]]/g, "");
  return {
    secure: !!tls,
    hostname,
    port: String(port),
    path,
    query: parseQuery(query),
    origin: hostname && `http${tls}://${bracketed(hostname)}:${port}`.toLowerCase(),
  };
}

/** The path of the server on its host, with its leading slash: without one it would become a part of the host's name. */
export function normalisePath(path: string | undefined): string {
  return path ? path.replace(/^(?!\/)/, "/") : "/socket.io";
}

/** "a=1&b=2" -> its decoded pairs. What is not valid percent-encoding is kept as it stands. */
export function parseQuery(text: string): Record<string, string> {
  const query: Record<string, string> = {};
  for (const pair of text.replace(/^\?/, "").split("&")) {
    const [key, ...value] = pair.split("=");
    if (key) query[decode(key)] = decode(value.join("="));
  }
  return query;
}

/**
 * The pairs as "a=1&b=2", in insertion order; undefined and null values are left out.
 *
 * @throws TautlineError `invalid-option` for a lone surrogate, or what can't be made a text
 */
export function formatQuery(query: Record<string, unknown>): string {
  try {
    return Object.entries(query)
      .filter(([, value]) => value != null)
      .map((pair) => pair.map((part) => encodeURIComponent(String(part))).join("="))
      .join("&");
  } catch (cause) {
    throw new TautlineError("invalid-option", "`query` can't be part of an address", {
      cause,
    });
  }
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
