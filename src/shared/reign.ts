import type { Connection } from "../connection/connection.js";
import type { TabPort, Timers } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import { GONE } from "./messages.js";
import type { Seat } from "./seat.js";
import { Switch } from "./switch.js";

/** A new host waits so many milliseconds for the other tabs to say how far they have got. */
const ROSTER_TIMEOUT = 200;

export interface ReignOwner {
  /** The number of tabs, as the host knows it. */
  counted(tabs: number): void;
  /** There is a connection. */
  opened(): void;
}

/** The time for which a tab is the host: the switch, and who its tabs are. */
export class Reign {
  private readonly _switch: Switch;
  private readonly _scope: string;
  private readonly _host: TabHost;
  private readonly _abort = new AbortController();
  /** Tabs whose end is waited for. */
  private readonly _watched = new Set<string>();
  private readonly _owner: ReignOwner;
  /** How many tabs there are, until all of them have come. */
  private _missing: number | undefined;
  private _isOpen = false;

  constructor(line: Connection, scope: string, host: TabHost, timers: Timers, owner: ReignOwner) {
    this._scope = scope;
    this._host = host;
    this._owner = owner;
    const { signal } = this._abort;
    const settle = (): void => {
      cancel();
      this._missing = undefined;
      this._switch.settle();
    };
    const cancel = timers.after(ROSTER_TIMEOUT, settle);
    signal.addEventListener("abort", cancel);
    this._settle = settle;
    this._switch = new Switch(line, () => this._changed());
    host.locks.query().then(({ held = [] }) => {
      this._missing = held.filter(({ name }) => name?.startsWith(`${scope}:`)).length;
      this._changed();
    }, settle);
  }

  private readonly _settle: () => void;

  get isOpen(): boolean {
    return this._switch.line.isOpen;
  }

  /** Another tab wants a session. */
  accept([session, tab, positions]: readonly unknown[]): void {
    if (typeof session !== "string" || typeof tab !== "string") return;
    this._watch(tab);
    this.seat(this._host.channel(`${this._scope}:${session}`), tab, positions);
  }

  seat(port: TabPort, tab: string, positions: unknown): void {
    this._switch.accept(port, tab, positions);
  }

  end(heir?: Seat): void {
    this._abort.abort();
    this._switch.close(GONE, heir);
  }

  /** The lock of a tab is free when the tab is gone. */
  private _watch(tab: string): void {
    if (this._watched.has(tab)) return;
    this._watched.add(tab);
    const { signal } = this._abort;
    this._host.locks
      .request(`${this._scope}:${tab}`, { mode: "shared", signal }, () => this._switch.gone(tab))
      .catch(() => {});
  }

  private _changed(): void {
    const { tabs, line } = this._switch;
    if (this._abort.signal.aborted) return;
    if (this._missing !== undefined && tabs.size >= this._missing) this._settle();
    this._owner.counted(tabs.size);
    const { isOpen } = line;
    const isNew = isOpen && !this._isOpen;
    this._isOpen = isOpen;
    if (isNew) this._owner.opened();
  }
}
