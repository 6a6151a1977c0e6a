import type { Auth } from "../connection/auth.js";
import type { ChannelState } from "../connection/channel-table.js";
import { reportError } from "../errors.js";
import type { Lookup, LookupOptions } from "../io.js";
import { isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { createLease, type Lease, leaseOf } from "./leases.js";
import { listen } from "./listen.js";
import { numberOf } from "./option-key.js";
import type { AnySocket } from "./socket-state.js";

/** An option of managers that are made here. */
const OURS = /* @__PURE__ */ Symbol();

/** What users give beside the options by which connections are told apart. */
export interface CredentialOptions {
  /**
   * Compared by what it says, where it is no function: when it changes, the server is given it at once, by `socket.reauth()`.
   * A function is asked whenever the server needs data: see `authKey`.
   */
  auth?: Auth;
  /**
   * What the `auth` function depends on, the user's id for one, compared by what it says. When it changes, the function is
   * asked at once, and a socket that the server has refused connects.
   */
  authKey?: unknown;
}

/** Which `io()` of several: the default one has no name, so that a module that is evaluated again finds its connections. */
export type IoName = string;

export function nameOf(io: Lookup): IoName {
  return numberOf(io);
}

/** A socket that several use, and its credentials: the last ones that were given count. */
export class LeasedSocket {
  readonly socket: AnySocket;
  private readonly _isManual: boolean;
  private _stops: Cancel[] = [];
  /** The credentials that it has, as a text. */
  private _known: string | undefined;
  /** The server has been told older ones, and has not answered yet. */
  private _isStale = false;
  /** The state in which a refusal has left it. */
  private _refused: ChannelState | undefined;

  constructor(io: Lookup, url: string | undefined, options: LookupOptions) {
    this._isManual = options.autoConnect === false;
    // a server keeps nothing of a page that it has rendered
    const once = isServer() && { forceNew: true };
    const given = { ...options, autoConnect: false, ...once, [OURS]: true };
    this.socket = io(url, given) as AnySocket;
    const { opts } = this.socket.io;
    // other namespaces may share this manager; one that the app has made is the app's
    if (!this._isManual && OURS in opts) delete opts.autoConnect;
  }

  begin(): void {
    const { socket } = this;
    const settled = (): void => {
      this._refused = socket.active ? undefined : socket.state;
      this._hand();
    };
    if (!this._stops.length)
      this._stops = ["connect", "connect_error"].map((name) => listen(socket, name, settled));
    if (!this._isManual) socket.connect();
  }

  end(): void {
    for (const stop of this._stops.splice(0)) stop();
    this.disconnect();
  }

  /** The app wants it so: fresh credentials don't change that. */
  disconnect(): void {
    this._refused = undefined;
    this.socket.disconnect();
  }

  /** They count when it connects next. */
  give(auth: Auth | undefined): void {
    this.socket.auth = auth ?? {};
  }

  /** @param key - of what it was given: when it was given others before, the server is told */
  tell(key: string): void {
    this._isStale ||= this._known !== undefined && this._known !== key;
    this._known = key;
    this._hand();
  }

  private _hand(): void {
    const { socket, _isStale: isStale } = this;
    const { state, connected } = socket;
    // an answer to older ones is under way
    if (/^(auth|ask|ques)/.test(state)) return;
    this._isStale = false;
    if (!isStale) return;
    // what a server refuses here is no end of the connection
    if (connected) socket.reauth().catch(reportError);
    else if (state === this._refused) socket.connect();
  }
}

/**
 * The lease of the socket that all get who ask with this key: not connected before somebody retains it.
 *
 * @throws TautlineError `invalid-option`
 */
export function leaseSocket(
  io: Lookup,
  url: string | undefined,
  key: string,
  options: LookupOptions,
): Lease<LeasedSocket> {
  const make = (): LeasedSocket => new LeasedSocket(io, url, options);
  const found = isServer() ? createLease(make) : leaseOf(key, make);
  // it shares a manager that connects at once, and this render may never be shown
  if (found.isIdle() && found.value.socket.active) found.retain()();
  return found;
}
