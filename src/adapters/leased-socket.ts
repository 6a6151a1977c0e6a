import type { Auth } from "../connection/auth.js";
import type { ChannelState } from "../connection/channel-table.js";
import { reportError } from "../errors.js";
import type { LookupOptions } from "../io.js";
import { atEndOfTick, isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { SocketLike } from "../reading/waiting.js";
import { createLease, type Leasable, type Lease, leaseOf } from "./leases.js";
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
  auth?: Auth | undefined;
  /**
   * What the `auth` function depends on, the user's id for one, compared by what it says. When it changes, the function is
   * asked at once, and a socket that the server has refused connects.
   */
  authKey?: unknown;
}

/** Which `io()` of several: the default one has no name, so that a module that is evaluated again finds its connections. */
export type IoName = string;

/** What gives sockets: an `io()`, or a function that does more with what that gives. */
export type SocketSource = (address: string | undefined, options: LookupOptions) => SocketLike;

export function nameOf(io: SocketSource): IoName {
  return numberOf(io);
}

/** A socket that several use, and its credentials: the last ones that were given count. */
export interface LeasedSocket extends Leasable {
  readonly socket: AnySocket;
  /** The app wants it so: fresh credentials don't change that. */
  disconnect(): void;
  /**
   * What is sent with the next CONNECT. When the server has others, it is told at the end of the tick.
   *
   * @param key - a text: what is compared
   */
  give(auth: Auth, key: string): void;
  /** What is sent with the next connection. */
  giveHeaders(headers: LookupOptions["extraHeaders"]): void;
}

function leasable(io: SocketSource, url: string | undefined, options: LookupOptions): LeasedSocket {
  const isManual = options.autoConnect === false;
  // a server keeps nothing of a page that it has rendered
  const once = isServer() && { forceNew: true };
  const given = { ...options, autoConnect: false, ...once, [OURS]: true };
  const socket = io(url, given) as unknown as AnySocket;
  const { opts } = socket.io;
  // other namespaces may share this manager; one that the app has made is the app's
  if (!isManual && OURS in opts) delete opts.autoConnect;

  let stops: Cancel[] = [];
  let known: string | undefined;
  /** The server has been told older ones. */
  let isStale = false;
  let hasHeaders = false;
  /** The state in which a refusal has left the socket. */
  let refused: ChannelState | undefined;

  const hand = (): void => {
    const { state, connected } = socket;
    // an answer to older ones is under way
    if (!isStale || /^(auth|ask|ques)/.test(state)) return;
    isStale = false;
    // a refusal here does not end the connection
    if (connected) socket.reauth().catch(reportError);
    else if (state === refused) socket.connect();
  };
  const settled = (): void => {
    refused = socket.active ? undefined : socket.state;
    hand();
  };
  const disconnect = (): void => {
    refused = undefined;
    socket.disconnect();
  };
  return {
    socket,
    disconnect,
    begin() {
      stops[0] ??= listen(socket, "connect", settled);
      stops[1] ??= listen(socket, "connect_error", settled);
      if (!isManual) socket.connect();
    },
    end() {
      for (const stop of stops) stop();
      stops = [];
      disconnect();
      // credentials of former users are dropped
      socket.auth = {};
      known = undefined;
      if (hasHeaders) opts.extraHeaders = {};
      hasHeaders = false;
    },
    give(auth, key) {
      socket.auth = auth;
      isStale ||= known !== undefined && known !== key;
      known = key;
      atEndOfTick(hand);
    },
    giveHeaders(headers) {
      opts.extraHeaders = headers ?? {};
      hasHeaders = !!headers;
    },
  };
}

/**
 * The lease of the socket that all get who ask with this key: not connected before somebody retains it.
 *
 * @throws TautlineError `invalid-option`
 */
export function leaseSocket(
  io: SocketSource,
  url: string | undefined,
  key: string,
  options: LookupOptions,
): Lease<LeasedSocket> {
  const make = (): LeasedSocket => leasable(io, url, options);
  const found = isServer() ? createLease(make) : leaseOf(key, make);
  // it shares a manager that connects at once, and this render may never be shown
  if (found.isIdle() && found.value.socket.active) found.retain()();
  return found;
}

/** Gives what one user has, as often as it likes. A user without credentials leaves alone what others gave. */
export function createGiver(): (
  lease: Lease<LeasedSocket>,
  auth: Auth | undefined,
  key: string,
  headers: LookupOptions["extraHeaders"],
) => void {
  let last: unknown[] = [];
  return (lease, auth, key, headers) => {
    const [lastLease, lastKey, hadAuth, hadHeaders] = last;
    const { value } = lease;
    last = [lease, key, !!auth, !!headers];
    if (headers || hadHeaders) value.giveHeaders(headers);
    // the same again is no news: another user may have given others since
    const isNews = lease !== lastLease || key !== lastKey || typeof auth === "function";
    if (isNews && (auth || hadAuth)) value.give(auth ?? {}, key);
  };
}
