import { originOf, type TransportOptions } from "../transports/transport.js";
import { CookieJar } from "./cookie-jar.js";

/** By manager, and by origin. */
const jars = new WeakMap<object, Map<string, CookieJar>>();

/** The cookies of a transport's manager at its server; undefined without `withCredentials`. */
export function jarOf(options: TransportOptions): CookieJar | undefined {
  const { withCredentials, owner, hostname, secure } = options;
  if (!withCredentials) return undefined;
  const ours = jars.get(owner) ?? new Map<string, CookieJar>();
  jars.set(owner, ours);
  const origin = originOf(options, "http");
  const jar = ours.get(origin) ?? new CookieJar(hostname, secure);
  ours.set(origin, jar);
  return jar;
}

/** Headers with the cookies of the jar behind those that the app itself sends. */
export function withCookies(
  headers: Record<string, string>,
  jar: CookieJar | undefined,
  path: string,
): Record<string, string> {
  const kept = jar?.header(path);
  if (!kept) return headers;
  const name = Object.keys(headers).find((one) => one.toLowerCase() === "cookie") ?? "Cookie";
  const own = headers[name];
  return { ...headers, [name]: own ? `${own}; ${kept}` : kept };
}
