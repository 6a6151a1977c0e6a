import { isLoopback } from "../url.js";

/** So many cookies are kept of one origin, the youngest. */
const MAX_COOKIES = 50;
/** Name and value of a cookie have no more characters together. */
const MAX_SIZE = 4096;
/** No cookie lives longer, in seconds; browsers have the same limit. */
const MAX_AGE = 400 * 24 * 60 * 60;

/** Characters that no header may have. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** One cookie, as it is sent back. */
interface Cookie {
  /** "name=value" */
  pair: string;
  path: string;
  /** On the wall clock, as servers mean it. */
  expires: number;
}

/** The attributes of a cookie, by lower-case name. */
type Attributes = ReadonlyMap<string, string>;

/** The cookies of one origin (RFC 6265). Attributes of a server are validated; invalid cookies are ignored. */
export class CookieJar {
  private readonly _hostname: string;
  private readonly _isSecure: boolean;
  private readonly _cookies = new Map<string, Cookie>();

  constructor(hostname: string, secure: boolean) {
    this._hostname = hostname.toLowerCase();
    // as in browsers, what doesn't leave the machine is safe
    this._isSecure = secure || isLoopback(hostname);
  }

  /**
   * Keeps what an answer sets.
   *
   * @param lines - its `Set-Cookie` headers
   * @param path - of the request
   */
  store(lines: readonly string[] | undefined, path: string): void {
    for (const line of lines ?? []) this._set(line, path);
  }

  /** The `Cookie` header of a request; "" when there is nothing to send. */
  header(path: string): string {
    this._expire();
    return [...this._cookies.values()]
      .filter((cookie) => isWithin(path, cookie.path))
      .sort((one, other) => other.path.length - one.path.length)
      .map(({ pair }) => pair)
      .join("; ");
  }

  private _set(line: string, requestPath: string): void {
    const [pair = "", ...rest] = line.split(";");
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    const value = pair.slice(at + 1).trim();
    const size = name.length + value.length;
    if (at < 0 || !name || size > MAX_SIZE || CONTROL.test(line)) return;
    const attributes = parseAttributes(rest);
    const domain = (attributes.get("domain") ?? "").toLowerCase().replace(/^\./, "");
    const named = attributes.get("path") ?? "";
    const path = named.startsWith("/") ? named : defaultPath(requestPath);
    if (!this._mayBeSet(name.toLowerCase(), domain, path, attributes)) return;
    const key = [name, path, domain].join(";");
    const expires = expiryOf(attributes);
    // a cookie that is set again counts as the newest
    this._cookies.delete(key);
    if (expires > Date.now()) this._cookies.set(key, { pair: `${name}=${value}`, path, expires });
    if (this._cookies.size <= MAX_COOKIES) return;
    this._expire();
    for (const oldest of this._cookies.keys())
      if (this._cookies.size > MAX_COOKIES) this._cookies.delete(oldest);
  }

  private _mayBeSet(name: string, domain: string, path: string, attributes: Attributes): boolean {
    const isSecret = attributes.has("secure");
    if (isSecret && !this._isSecure) return false;
    if (domain && !isSubdomain(this._hostname, domain)) return false;
    if (name.startsWith("__secure-")) return isSecret;
    return !name.startsWith("__host-") || (isSecret && !domain && path === "/");
  }

  private _expire(): void {
    const now = Date.now();
    for (const [key, { expires }] of this._cookies) if (expires <= now) this._cookies.delete(key);
  }
}

function parseAttributes(parts: readonly string[]): Attributes {
  return new Map(
    parts.map((part) => {
      const [name = "", ...value] = part.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
}

/** In milliseconds since the epoch; Infinity: as long as the jar. What can't be read counts as not said. */
function expiryOf(attributes: Attributes): number {
  const age = attributes.get("max-age") ?? "";
  if (/^-?\d+$/.test(age)) return Date.now() + Math.min(Number(age), MAX_AGE) * 1000;
  const at = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(at) ? Infinity : Math.min(at, Date.now() + MAX_AGE * 1000);
}

/** The folder of a path. */
function defaultPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0)) || "/";
}

function isWithin(path: string, folder: string): boolean {
  if (!path.startsWith(folder)) return false;
  return path.length === folder.length || folder.endsWith("/") || path[folder.length] === "/";
}

function isSubdomain(hostname: string, domain: string): boolean {
  if (hostname === domain) return true;
  const isAddress = hostname.includes(":") || /^[\d.]+$/.test(hostname);
  return !isAddress && hostname.endsWith("." + domain);
}
