import { Connection } from "../connection/connection.js";
import type { SharedState } from "../connection/events.js";
import type { ConnectionSettings } from "../connection/options.js";
import type { Parts } from "../connection/parts.js";
import { signals } from "../connection/vigil.js";
import { type Chart, Machine } from "../machine.js";
import type { ShareMember, Sharer } from "../manager/share.js";
import { atEndOfTick, randomId } from "../platform/browser.js";
import { browserSignals } from "../platform/browser-signals.js";
import type {
  Cancel,
  NetworkEvent,
  NetworkSignals,
  TabPort,
  Timers,
} from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import type { Codec } from "../protocol/codec.js";
import type { Socket } from "../socket/socket.js";
import { HostLock, type LockOwner, untilAborted } from "./host-lock.js";
import { watchListeners } from "./listening.js";
import {
  type BusMessage,
  GONE,
  messageOf,
  type Position,
  positionsIn,
  positionsOf,
} from "./messages.js";
import { pipe } from "./pipe.js";
import { PortTransport, type TransportOwner } from "./port-transport.js";
import { Reign, type ReignOwner } from "./reign.js";
import { type TabEvent, type TabState, tabTable } from "./tab-table.js";

/** A guest asks so often whether the host is alive, in milliseconds.. */
const PERIOD = 600;
/** ..and takes its place when it has been silent for so long.. */
const PATIENCE = 1800;
/** ..and a random part of this, as others think the same. */
const SPREAD = 200;
/** A timer that is so late was frozen or throttled, and what the host has said may wait behind it. */
const LATE = 1000;

/** One tab of a scope: who the host is, and the way to it. */
export class Tab implements ShareMember, NetworkSignals, TransportOwner, LockOwner, ReignOwner {
  private static readonly _chart: Chart<TabState, TabEvent, void, Tab> = {
    table: tabTable,
    entries: {
      seeking: (_, tab) => tab._guard(),
      guest: (_, tab) => tab._guard(),
      host: (_, tab) => tab._rule(),
      alone: (_, tab) => tab._rule(),
    },
    announcements: {
      away: (_, tab) => tab.changed(),
      seeking: (_, tab) => tab._seek(),
      guest: (_, tab) => tab._reached(),
      host: (_, tab) => tab._reached(),
      alone: (_, tab) => tab._reached(),
    },
  };

  /** Another one for each stay among the tabs. */
  id = "";
  readonly settings: ConnectionSettings;
  readonly parts: Parts;
  private readonly _manager: Sharer;
  private readonly _timers: Timers;
  private readonly _host: TabHost;
  private readonly _scope: string;
  private readonly _lock: HostLock;
  private readonly _machine: Machine<TabState, TabEvent, void, Tab>;
  private readonly _createLine: () => Connection;
  /** The events that somebody listens to, by namespace. */
  private readonly _listened = new Map<string, () => string[] | null>();
  private readonly _sockets: Socket[] = [];
  private readonly _transports = new Set<PortTransport>();
  private readonly _positions = new Map<string, Position>();
  private _reign: Reign | undefined;
  private _bus: TabPort | undefined;
  /** Who the host is, as far as is known. */
  private _hostId: string | undefined;
  /** It says that it has a connection. */
  private _isServed = false;
  private _tabs = 1;
  private _told = "";
  private _heardAt = 0;
  /** What ends with the stay among the tabs. */
  private _ends: Cancel[] = [];
  private _isWanted = false;

  constructor(
    manager: Sharer,
    parts: Parts,
    timers: Timers,
    codec: Codec,
    scope: string,
    host: TabHost,
  ) {
    this._manager = manager;
    this._timers = timers;
    this._host = host;
    this._scope = scope;
    this._lock = new HostLock(host.locks, scope, this);
    this._machine = new Machine(Tab._chart, "away", this as Tab);
    this._createLine = () => new Connection(manager, parts, timers, codec, () => {});
    // what is wrong with the options is said now
    this._createLine();
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has a `this` of its own
    const tab = this;
    class TabTransport extends PortTransport {
      constructor() {
        super(tab);
      }
    }
    // what is not the tab's own is read where the app changes it
    const opts = Object.assign(Object.create(manager.opts), {
      transports: [TabTransport],
      network: this,
      addresses: [],
      query: undefined,
      extraHeaders: undefined,
      transportOptions: undefined,
    }) as ConnectionSettings["opts"];
    const own = { opts, timeout: (): false => false };
    this.settings = Object.assign(Object.create(manager) as ConnectionSettings, own);
    this.parts = { signals, ...(parts.hints && { hints: parts.hints }) };
  }

  get state(): SharedState {
    const { state } = this._machine;
    const role = state === "alone" ? state : this._reign ? "host" : "guest";
    return { role, tabs: this._tabs };
  }

  adopt(socket: Socket): void {
    const { nsp } = socket;
    let isDue = false;
    this._sockets.push(socket);
    const changed = (): void => {
      if (isDue) return;
      isDue = true;
      atEndOfTick(() => {
        isDue = false;
        this._tellListeners(nsp);
      });
    };
    this._listened.set(nsp, watchListeners(socket, changed));
    const disconnectAll = (): void => {
      this._post(["out"]);
      this._disconnect();
    };
    Object.defineProperty(socket, "shared", {
      get: () => ({ ...this.state, disconnectAll }),
    });
  }

  // -- the connection wants to be connected while it listens to signals

  subscribe(listener: (event: NetworkEvent) => void): Cancel {
    const { network = browserSignals } = this._manager.opts;
    const stop = network && network.subscribe(listener);
    this._isWanted = true;
    this._join();
    return () => {
      this._isWanted = false;
      if (stop) stop();
      this._leaveWhenDone();
    };
  }

  // -- what its transports tell

  attach(transport: PortTransport): void {
    this._transports.add(transport);
    this._join();
    this._dial(transport);
  }

  detach(transport: PortTransport): void {
    this._transports.delete(transport);
    this._leaveWhenDone();
  }

  heard(): void {
    this._heardAt = this._timers.now();
  }

  began(): void {
    for (const nsp of this._listened.keys()) this._tellListeners(nsp);
  }

  moved(nsp: string, position: Position): void {
    this._positions.set(nsp, position);
  }

  told([type, first, second, third]: readonly unknown[]): void {
    for (const [nsp, position] of positionsOf(second)) this.moved(nsp, position);
    if (type === "pong") this.counted(Number(first));
    else if (third === true) this._lock.ask(true);
  }

  // -- what the lock tells

  elected(): void {
    this._machine.send("elected");
  }

  robbed(): void {
    this._end();
    if (this._machine.send("stolen")) this._lock.ask();
  }

  refused(): void {
    this._machine.send("refused");
  }

  // -- what a reign tells

  counted(tabs: number): void {
    this._tabs = tabs;
    this.changed();
  }

  opened(): void {
    this._announce();
    this._wake();
  }

  get isHidden(): boolean {
    return this._host.isHidden;
  }

  // -- among the tabs

  private _join(): void {
    if (!this._machine.send("joined")) return;
    const { _host: host, _scope: scope } = this;
    const own = new AbortController();
    const depart = (): void => this._depart();
    this.id = randomId();
    this._bus = host.channel(scope);
    this._bus.onmessage = ({ data }) => this._receive(messageOf(data));
    this._ends = [
      () => own.abort(),
      host.on("pagehide", depart),
      host.on("freeze", depart),
      host.on("visibilitychange", () => this._ping()),
    ];
    // the host learns by this lock that the tab is gone, however it goes
    host.locks
      .request(`${scope}:${this.id}`, { signal: own.signal }, () => untilAborted(own.signal))
      .catch(() => {});
    this._lock.ask();
    this._post(["who"]);
  }

  private _leaveWhenDone(): void {
    if (!this._isWanted && !this._transports.size) this._leave();
  }

  /** The page is put away, frozen or left: nothing of it may stay. */
  private _depart(): void {
    for (const transport of [...this._transports]) transport.lose(GONE);
    this._leave();
  }

  private _leave(): void {
    this._end();
    this._lock.release();
    for (const end of this._ends.splice(0)) end();
    this._bus?.close();
    this._bus = this._hostId = undefined;
    this._tabs = 1;
    this._machine.send("left");
  }

  private _post(message: BusMessage): void {
    this._bus?.postMessage(message);
  }

  private _receive([type, first, ...rest]: readonly unknown[]): void {
    const { _reign: reign } = this;
    if (type === "out") this._disconnect();
    else if (reign) {
      if (type === "who") this._announce();
      else if (type === "open" && first === this.id) reign.accept(rest);
    } else if (type === "host" && typeof first === "string") {
      this._hostId = first;
      this._isServed = rest[0] === true;
      this._machine.send("heard");
    }
  }

  private _announce(): void {
    if (this._reign) this._post(["host", this.id, this._reign.isOpen]);
  }

  private _disconnect(): void {
    for (const socket of this._sockets) socket.disconnect();
  }

  // -- the states of a guest

  /** Asks again and again whether the host is alive. */
  private _guard(): Cancel {
    const { _timers: timers } = this;
    const patience = PATIENCE + Math.random() * SPREAD;
    let cancel: Cancel;
    const plan = (): void => {
      const due = timers.now() + PERIOD;
      cancel = timers.after(PERIOD, () => {
        const now = timers.now();
        if (now - due > LATE) this.heard();
        plan();
        if (now - this._heardAt < patience) this._ping();
        else {
          this._machine.send("silent");
          this._lock.ask(true);
        }
      });
    };
    this.heard();
    plan();
    return () => cancel();
  }

  private _ping(): void {
    for (const transport of this._transports) transport.post(["ping", !this.isHidden]);
    if (!this._transports.size) this._post(["who"]);
  }

  private _seek(): void {
    this._hostId = undefined;
    this.changed();
  }

  /** There is a host, or it says so again. */
  private _reached(): void {
    for (const transport of [...this._transports])
      if (transport.host === this._hostId) continue;
      else if (transport.isOpen) transport.lose(GONE);
      else this._dial(transport);
    if (this._isServed) this._wake();
    this.changed();
  }

  /** There is a connection: nothing is to be waited for. */
  private _wake(): void {
    const { connection } = this._manager;
    if (connection.state === "waiting" || connection.state === "offline") connection.wake();
  }

  private _dial(transport: PortTransport): void {
    const { _reign: reign, _hostId: hostId, _host: host, _scope: scope } = this;
    if (hostId === undefined) return;
    const session = randomId();
    const positions = positionsIn(this._positions);
    if (reign) {
      const [near, far] = pipe();
      transport.connect(near, hostId);
      reign.seat(far, this.id, positions);
    } else {
      transport.connect(host.channel(`${scope}:${session}`), hostId);
      this._post(["open", hostId, session, this.id, positions]);
    }
  }

  private _tellListeners(nsp: string): void {
    const names = this._listened.get(nsp)?.() ?? null;
    for (const transport of this._transports)
      if (transport.isOpen) transport.post(["listen", nsp, names]);
  }

  // -- the state of a host

  private _rule(): void {
    const { _host: host, _scope: scope, _timers: timers } = this;
    this._hostId = this.id;
    this._isServed = true;
    this._reign ??= new Reign(this._createLine(), scope, host, timers, this);
    this._announce();
  }

  /** The line is closed before anything else. */
  private _end(): void {
    const { _reign: reign } = this;
    this._reign = undefined;
    reign?.end();
  }

  changed(): void {
    const { state } = this;
    const text = state.role + state.tabs;
    if (text === this._told) return;
    this._told = text;
    this._manager.emit("shared", state);
  }
}
