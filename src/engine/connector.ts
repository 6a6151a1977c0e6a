import { TautlineError } from "../errors.js";
import { checkHeaders } from "../options/check-headers.js";
import { checkOption } from "../options/check-options.js";
import { canSetSocketHeaders, pageLocation } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import {
  endpointUrl,
  originOf,
  unmakeable,
  type Transport,
  type TransportClass,
  type TransportOptions,
} from "../transports/transport.js";
import { type Endpoint, normalisePath, parseEndpoint, parseQuery } from "../url.js";
import type { EngineOptions, TransportName, TransportRegistry } from "./options.js";

const { hasOwnProperty } = Object.prototype;
/** The revision of the Engine.IO protocol that is spoken here. */
const EIO = 4;

/** What the app may say of one transport alone, and is looked at here. */
type Own = Pick<EngineOptions, "query" | "extraHeaders">;

/** A transport that may be tried. */
export interface Candidate {
  name: string;
  /** @param sid - of the session that it joins; undefined: it begins one */
  create(sid?: string): Transport;
}

/** An address that an engine.io server refuses without making a session. */
export interface ProbeTarget {
  url: string;
  isCrossOrigin: boolean;
  withCredentials: boolean;
}

/** Where a session goes, and with what: made from the options once, for all of its transports. */
export class Connector {
  readonly hostname: string;
  readonly port: string;
  readonly secure: boolean;
  private readonly _path: string;
  private readonly _endpoint: Endpoint;
  /** Undefined where there is none, as in most. */
  private _query: Record<string, unknown> | undefined;
  private _headers: Record<string, string> | undefined;
  private readonly _registry: TransportRegistry;
  private readonly _timers: Timers;

  /** @param address - http(s) or ws(s); undefined: where the options, or the page, say */
  constructor(
    address: string | undefined,
    readonly options: EngineOptions,
    registry: TransportRegistry,
    timers: Timers,
  ) {
    this._registry = registry;
    this._timers = timers;
    const { host, hostname = host, path, addTrailingSlash = true } = options;
    const named = hostname && `http${options.secure ? "s" : ""}://${hostname}`;
    const endpoint = (this._endpoint = parseEndpoint(address ?? named, pageLocation()));
    const { secure = endpoint.secure, port } = address === undefined ? options : endpoint;
    // the page's port belongs to the page's protocol
    const usual = secure === endpoint.secure ? endpoint.port : secure ? "443" : "80";
    this.hostname = endpoint.hostname;
    this.secure = secure;
    this.port = String(port ?? usual);
    this._path = normalisePath(path).replace(/\/$/, "") + (addTrailingSlash ? "/" : "");
    this._take(options.query, options.extraHeaders);
    // what is wrong in them is said now
    for (const name of Object.keys(options.transportOptions ?? {}))
      try {
        this._base(name);
      } catch (error) {
        // a getter that throws fails its transport alone
        if (error instanceof TautlineError) throw error;
      }
  }

  /** Origin and path: what a memory of transports belongs to. */
  get place(): string {
    return originOf(this, "http") + this._path;
  }

  /**
   * Asks the app for the query and the headers of this session, where it handed in functions.
   *
   * @param done - called once all is known: at once, when there is nothing to ask
   * @param failed - called instead with an `invalid-option`
   */
  prepare(done: () => void, failed: (error: TautlineError) => void): void {
    const { query, extraHeaders } = this.options;
    const given = [query, extraHeaders] as const;
    if (!given.some(isFunction)) return done();
    void Promise.all(given.map(async (one): Promise<unknown> => (isFunction(one) ? one() : one)))
      .then(([query, headers]) => {
        checkOption("query()", query);
        checkOption("extraHeaders()", headers);
        this._take(query as EngineOptions["query"], headers as EngineOptions["extraHeaders"]);
      })
      .then(done, (cause: unknown) => failed(invalid("`query` or `extraHeaders` failed", cause)));
  }

  /**
   * The classes of the `transports` option, in its order. Names of transports that are not in the bundle are ignored.
   */
  candidates(): Candidate[] {
    const { transports, extraHeaders } = this.options;
    // a server that requires a header would refuse a browser's WebSocket, which cannot send any
    const isHeaded = !!extraHeaders && !canSetSocketHeaders();
    const names =
      transports ??
      (isHeaded ? (["polling", "websocket"] as const) : (["websocket", "polling"] as const));
    const found = names.flatMap((entry) => {
      const isName = typeof entry === "string";
      // a name of the address bar may be one that every object has
      const isKnown = isName && hasOwnProperty.call(this._registry, entry);
      const Class = isName ? isKnown && this._registry[entry as TransportName] : entry;
      if (!Class) return [];
      // a class tells its name only through an instance
      const name = isName ? entry : this._make(Class, "").name;
      const create = (sid?: string): Transport => {
        try {
          return this._make(Class, name, sid);
        } catch (error) {
          return unmakeable(name, error);
        }
      };
      return { name, create };
    });
    if (!found.length)
      throw new TautlineError(
        "invalid-option",
        `none of the transports [${names.map(String).join(", ")}] is there: import { WebSocket, XHR } from "tautline/slim"`,
      );
    return found;
  }

  /** For a diagnosis. Pages without an http address (files, Blob workers) are of another origin than any server. */
  probeTarget(): ProbeTarget {
    const page = pageLocation();
    const options = this._base("polling", "tautline-diagnosis");
    return {
      url: endpointUrl(options, "http", true),
      isCrossOrigin: !!page && `${page.protocol}//${page.host}` !== originOf(options, "http"),
      withCredentials: this.options.withCredentials ?? false,
    };
  }

  /** @throws TautlineError `invalid-option` where the app's own class throws, or a getter of its options */
  private _make(Class: TransportClass, name: string, sid?: string): Transport {
    try {
      return new Class(this._base(name, sid));
    } catch (cause) {
      throw invalid("a class in `transports` can't be used", cause);
    }
  }

  /** What all transports send: the query of the address counts before that of the app. */
  private _take(query: EngineOptions["query"], headers: EngineOptions["extraHeaders"]): void {
    const all = { ...parsed(query), ...this._endpoint.query };
    this._query = Object.keys(all).length ? all : undefined;
    this._headers = checkHeaders(headers);
  }

  /** What a transport is made with: the options, those of it alone, and where it goes. */
  private _base(name: string, sid?: string): TransportOptions {
    const { options, hostname, port, secure } = this;
    const { query, extraHeaders, ...own } = (options.transportOptions?.[name] ?? {}) as Own;
    checkOption("transportOptions[..].query", query);
    checkOption("transportOptions[..].extraHeaders", extraHeaders);
    return {
      ...options,
      hostname,
      port,
      secure,
      path: this._path,
      timers: this._timers,
      owner: options,
      ...own,
      extraHeaders: extraHeaders ? checkHeaders(extraHeaders) : this._headers,
      query: { ...this._query, ...parsed(query), EIO, transport: name, ...(sid && { sid }) },
    };
  }
}

function isFunction(value: unknown): value is () => unknown {
  return typeof value === "function";
}

function parsed(query: EngineOptions["query"]): object | undefined {
  return typeof query === "string" ? parseQuery(query) : query;
}

/** What went wrong, unless the cause says it itself. */
function invalid(message: string, cause: unknown): TautlineError {
  return cause instanceof TautlineError
    ? cause
    : new TautlineError("invalid-option", message, { cause });
}
