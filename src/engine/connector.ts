import { TautlineError } from "../errors.js";
import { canSetSocketHeaders, pageLocation } from "../platform/browser.js";
import type { Timers } from "../platform/platform.js";
import {
  endpointUrl,
  originOf,
  type Transport,
  type TransportOptions,
} from "../transports/transport.js";
import { normalisePath, parseEndpoint, parseQuery } from "../url.js";
import type { EngineOptions, TransportRegistry } from "./options.js";

/** The revision of the Engine.IO protocol that is spoken here. */
const EIO = 4;

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
  /** Undefined where there is none, as in most. */
  private readonly _query: Record<string, unknown> | undefined;
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
    const { host, hostname = host, query, path, addTrailingSlash = true } = options;
    const named = hostname && `http${options.secure ? "s" : ""}://${hostname}`;
    const endpoint = parseEndpoint(address ?? named, pageLocation());
    const { secure = endpoint.secure, port } = address === undefined ? options : endpoint;
    const usual = secure ? "443" : "80";
    this.hostname = endpoint.hostname;
    this.secure = secure;
    this.port = String(port ?? (secure === endpoint.secure ? endpoint.port : usual));
    this._path = normalisePath(path).replace(/\/$/, "") + (addTrailingSlash ? "/" : "");
    const all = {
      ...(typeof query === "string" ? parseQuery(query) : query),
      ...endpoint.query,
    };
    if (Object.keys(all).length) this._query = all;
  }

  /** Origin and path: what a memory of transports belongs to. */
  get place(): string {
    return originOf(this, "http") + this._path;
  }

  /** What the `transports` option names, in its order. Names that nothing stands behind are left out. */
  candidates(): Candidate[] {
    const { transports, extraHeaders } = this.options;
    // a server that asks for a header would refuse a browser's WebSocket, which cannot have any
    const isHeaded = !!extraHeaders && !canSetSocketHeaders();
    const names =
      transports ??
      (isHeaded ? (["polling", "websocket"] as const) : (["websocket", "polling"] as const));
    const found = names.flatMap((entry) => {
      const isName = typeof entry === "string";
      const Class = isName ? this._registry[entry] : entry;
      if (!Class) return [];
      // a class tells its name only through an instance
      const name = isName ? entry : new Class(this._base("")).name;
      return { name, create: (sid?: string) => new Class(this._base(name, sid)) };
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

  private _base(name: string, sid?: string): TransportOptions {
    const { options, hostname, port, secure } = this;
    return {
      ...options,
      hostname,
      port,
      secure,
      path: this._path,
      timers: this._timers,
      query: { ...this._query, EIO, transport: name, ...(sid && { sid }) },
      ...options.transportOptions?.[name],
    };
  }
}
