import { TautlineError } from "../errors.js";
import { pageLocation } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import {
  endpointUrl,
  type TransportClass,
  type TransportOptions,
} from "../transports/transport.js";
import { bracketed, parseEndpoint, parseQuery } from "../url.js";
import type { ProbeTarget } from "./diagnosis.js";
import type { EngineOptions, TransportName, TransportRegistry } from "./options.js";
import type { Candidate } from "./transport-manager.js";

/** The revision of the Engine.IO protocol that is spoken here. */
const EIO = 4;

/** Where a session goes, and with what: made from the options once, for all of its transports. */
export class Connector {
  readonly #registry: TransportRegistry;
  readonly #timers: Timers;
  readonly hostname: string;
  readonly port: string;
  readonly secure: boolean;
  readonly path: string;
  /** Origin and path: what a memory of transports belongs to. */
  readonly place: string;
  readonly #query: Record<string, unknown>;
  readonly #crossOrigin: boolean;

  /** @param address - http(s) or ws(s); undefined: where the options, or the page, say */
  constructor(
    address: string | undefined,
    readonly options: EngineOptions,
    registry: TransportRegistry,
    timers: Timers,
  ) {
    this.#registry = registry;
    this.#timers = timers;
    const page = pageLocation();
    const { host, hostname = host, secure, port, query, path = "/socket.io" } = options;
    const from = address ?? (hostname && `${secure ? "https" : "http"}://${hostname}`);
    const endpoint = parseEndpoint(from, page);
    this.hostname = endpoint.hostname;
    this.secure = address === undefined ? (secure ?? endpoint.secure) : endpoint.secure;
    this.port =
      address === undefined && port !== undefined
        ? String(port)
        : endpoint.secure === this.secure
          ? endpoint.port
          : this.secure
            ? "443"
            : "80";
    this.path = path.replace(/\/$/, "") + ((options.addTrailingSlash ?? true) ? "/" : "");
    const origin = `${this.secure ? "https" : "http"}://${bracketed(this.hostname)}:${this.port}`;
    this.place = origin + this.path;
    this.#query = {
      ...(typeof query === "string" ? parseQuery(query) : query),
      ...endpoint.query,
    };
    this.#crossOrigin = !!page && parseEndpoint("/", page).origin !== origin;
  }

  /** What the `transports` option names, in its order. Names that nothing stands behind are left out. */
  candidates(): Candidate[] {
    const names = this.options.transports ?? (["websocket", "polling"] as const);
    const found = names.flatMap((entry) => {
      const Class = typeof entry === "string" ? this.#registry[entry] : entry;
      if (!Class) return [];
      const name =
        typeof entry === "string" ? entry : nameOf(Class, this.#registry, this.#base(""));
      return { name, create: (sid?: string) => new Class(this.#base(name, sid)) };
    });
    if (!found.length)
      throw new TautlineError(
        "invalid-option",
        `none of the transports [${names.map(String).join(", ")}] is available here`,
      );
    return found;
  }

  /** An address that an engine.io server refuses without making a session, for a diagnosis. */
  probeTarget(): ProbeTarget {
    const base = this.#base("polling", "tautline-diagnosis");
    return {
      url: endpointUrl(base, "http", true),
      crossOrigin: this.#crossOrigin,
      withCredentials: this.options.withCredentials ?? false,
    };
  }

  #base(name: string, sid?: string): TransportOptions {
    const options = this.options;
    const hostname = this.hostname;
    const port = this.port;
    const secure = this.secure;
    const path = this.path;
    const timers = this.#timers;
    return {
      ...options,
      hostname,
      port,
      secure,
      path,
      timers,
      query: { ...this.#query, EIO, transport: name, ...(sid && { sid }) },
      ...options.transportOptions?.[name],
    };
  }
}

/** A class tells its name only through an instance. */
function nameOf(
  Class: TransportClass,
  registry: TransportRegistry,
  base: TransportOptions,
): string {
  for (const name of Object.keys(registry) as TransportName[])
    if (registry[name] === Class) return name;
  return new Class(base).name;
}
