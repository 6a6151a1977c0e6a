import { Connector } from "../engine/connector.js";
import type { SessionOwner } from "../engine/events.js";
import type { Outage } from "../engine/parts.js";
import { Session } from "../engine/session.js";
import { TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { Codec } from "../protocol/codec.js";
import type { ConnectionSettings } from "./options.js";
import type { Parts } from "./parts.js";

type Address = string | undefined;

/**
 * The sessions of one connect: one, and another one where a wake finds the first silent. The first to open counts. When both
 * have failed, the next address is tried (docs/adr/0017-addresses.md).
 */
export class Contest {
  /** Where the newest session goes. */
  hostname = "";
  private _sessions: Session[] = [];
  /** The address that is tried, or the last that was. */
  private _address: Address;
  /** The next connect begins with this one, where it is in the list, which the app may change at any time. */
  private _from: Address;
  /** What is left of this connect's addresses, as they were when it began. */
  private _left: Address[] = [];
  /** The first error for which a retry may help, else the first: the error of the connect when no address works. */
  private _error: TautlineError | undefined;
  private _outage!: Outage;
  private _made!: (session: Session) => void;
  /** The timeout of the connect. */
  private _giveUp: Cancel | undefined;
  private readonly _settings: ConnectionSettings;
  private readonly _parts: Parts;
  private readonly _timers: Timers;
  private readonly _codec: Codec;
  private readonly _owner: SessionOwner<Session>;

  constructor(
    settings: ConnectionSettings,
    parts: Parts,
    timers: Timers,
    codec: Codec,
    owner: SessionOwner<Session>,
  ) {
    this._settings = settings;
    this._parts = parts;
    this._timers = timers;
    this._codec = codec;
    this._owner = owner;
    // what is wrong with the options is said now, not at the first connect
    for (const address of this._addresses) this._connector(address);
  }

  /** The one that was begun first, of those that have not failed. */
  get first(): Session | undefined {
    return this._sessions[0];
  }

  /** Each of them once. */
  private get _addresses(): Address[] {
    const { uri, opts } = this._settings;
    return [...new Set([uri, ...(opts.addresses ?? [])])];
  }

  /**
   * Begins the first session.
   *
   * @param made - told of it, and of one at another address, before it opens
   * @throws TautlineError when the options don't allow one
   */
  begin(outage: Outage, made: (session: Session) => void): void {
    this._outage = outage;
    this._made = made;
    this._error = undefined;
    const all = this._addresses;
    const at = Math.max(all.indexOf(this._from), 0);
    this._left = [...all.slice(at), ...all.slice(0, at)];
    this._start();
  }

  /** Begins another one beside it, at most once. */
  addRival(): void {
    if (this._sessions.length === 1) this._join(this._create());
  }

  /** The session opened. False when it takes no part. */
  won(session: Session): boolean {
    const others = this._sessions.filter((one) => one !== session);
    const isOurs = others.length < this._sessions.length;
    if (isOurs) {
      this._from = this._address;
      this._close(others);
    }
    return isOurs;
  }

  /** The session failed. Returns the error of the whole connect; undefined while others, or other addresses, are tried. */
  lost(session: Session, error: TautlineError): TautlineError | undefined {
    const others = this._sessions.filter((one) => one !== session);
    const isLast = this._sessions.length === 1 && !others.length;
    this._sessions = others;
    if (!isLast) return undefined;
    if (!this._error || (this._error.isFinal && !error.isFinal)) this._error = error;
    if (!this._left.length) return this._error;
    try {
      this._start();
    } catch {
      // the app has changed the settings to invalid ones
      return this._error;
    }
    return undefined;
  }

  /** It did not last where it opened: the next connect begins with the address behind that one. */
  moveOn(): void {
    const all = this._addresses;
    this._from = all[all.indexOf(this._from) + 1];
  }

  /** Nobody wants it any more. What has opened is not in it. */
  end(): void {
    this._giveUp?.();
    this._giveUp = undefined;
    this._close(this._sessions.slice(1));
  }

  private _start(): void {
    this._address = this._left.shift();
    const session = this._create();
    this._made(session);
    this._giveUp?.();
    const timeout = this._settings.timeout();
    if (timeout !== false)
      this._giveUp = this._timers.after(timeout, () => {
        for (const one of this._sessions) one.giveUp();
      });
    this._join(session);
  }

  private _join(session: Session): void {
    this._sessions.push(session);
    session.open();
  }

  /** Made anew for each session: the settings may be changed in between. */
  private _connector(address: Address): Connector {
    const { opts } = this._settings;
    const connector = new Connector(address, opts, this._parts.transports ?? {}, this._timers);
    connector.candidates();
    return connector;
  }

  private _create(): Session {
    const { _timers: timers, _parts: parts, _outage: outage } = this;
    const connector = this._connector(this._address);
    // on a server that renders pages, sockets are made and never meant to connect
    if (!connector.hostname)
      throw new TautlineError("invalid-option", "no page here: hand the server's address to io()");
    this.hostname = connector.hostname;
    const decoder = this._codec.decoder();
    return new Session(connector, this._owner, { parts, decoder, timers, outage });
  }

  private _close(sessions: Session[]): void {
    this._sessions = [];
    for (const session of sessions) session.close();
  }
}
