import { Connection } from "../connection/connection.js";
import type { SharedState } from "../connection/events.js";
import type { ConnectionSettings } from "../connection/options.js";
import type { Parts } from "../connection/parts.js";
import { signals } from "../connection/vigil.js";
import { type Chart, Machine } from "../machine.js";
import type { ShareMember, Sharer } from "../manager/share.js";
import { atEndOfTick, randomId } from "../platform/browser.js";
import { browserSignals } from "../platform/browser-signals.js";
import type { Cancel, NetworkEvent, TabPort, Timers } from "../platform/platform.js";
import type { TabHost } from "../platform/tabs.js";
import type { Codec } from "../protocol/codec.js";
import type { Socket } from "../socket/socket.js";
import { HandOver, type HandOverOwner } from "./hand-over.js";
import { HostLock, type LockOwner } from "./host-lock.js";
import { type BusMessage, type Ending, GONE } from "./messages.js";
import { pipe } from "./pipe.js";
import type { PortTransport } from "./port-transport.js";
import { Presence, type PresenceOwner } from "./presence.js";
import type { Seat } from "./seat.js";
import { Progress } from "./progress.js";
import { Switch, type SwitchOwner } from "./switch.js";
import { type SettingsOwner, tabSettings } from "./tab-settings.js";
import { TabSockets } from "./tab-sockets.js";
import { type TabEvent, type TabState, tabTable } from "./tab-table.js";
import { Watch, type WatchOwner } from "./watch.js";

/** One tab of a scope: it knows the host, and connects to it. */
export class Tab
  implements
    ShareMember,
    SettingsOwner,
    LockOwner,
    SwitchOwner,
    PresenceOwner,
    WatchOwner,
    HandOverOwner
{
  private static readonly _chart: Chart<TabState, TabEvent, void, Tab> = {
    table: tabTable,
    entries: {
      seeking: (_, { _watch: watch }) => watch.begin(),
      guest: (_, { _watch: watch }) => watch.begin(),
      host: (_, tab) => tab._rule(),
      handing: (_, { _handOver: handOver }) => handOver.begin(),
      alone: (_, tab) => tab._rule(),
    },
    announcements: {
      away: (_, tab) => tab.changed(),
      seeking: (_, tab) => tab._seek(),
      guest: (_, tab) => tab._reached(),
      host: (_, tab) => tab._reached(),
      handing: (_, tab) => tab._switch?.post(["pause"]),
      alone: (_, tab) => tab._reached(),
    },
  };

  readonly settings: ConnectionSettings;
  readonly parts: Parts;
  isMoving = false;
  private readonly _manager: Sharer;
  private readonly _host: TabHost;
  private readonly _scope: string;
  private readonly _lock: HostLock;
  private readonly _watch: Watch;
  private readonly _machine: Machine<TabState, TabEvent, void, Tab>;
  private readonly _createLine: () => Connection;
  private readonly _handOver: HandOver;
  private readonly _transports = new Set<PortTransport>();
  private readonly _sockets = new TabSockets(this._transports);
  private readonly _progress = new Progress((nsp) => this._sockets.isConnected(nsp));
  private _presence: Presence | undefined;
  /** Of a host. */
  private _switch: Switch | undefined;
  /** The host, as far as it is known. */
  private _hostId: string | undefined;
  private _tabs = 1;
  private _told = "";
  private _isWanted = false;
  /** The lock was stolen from a host that did not answer. */
  private _isForced = false;

  constructor(
    manager: Sharer,
    parts: Parts,
    timers: Timers,
    codec: Codec,
    scope: string,
    host: TabHost,
  ) {
    this._manager = manager;
    this._host = host;
    this._scope = scope;
    this._lock = new HostLock(host.locks, scope, this);
    this._watch = new Watch(timers, host, this);
    this._handOver = new HandOver(timers, this);
    this._machine = new Machine(Tab._chart, "away", this as Tab);
    this._createLine = () => new Connection(manager, parts, timers, codec, () => {});
    // invalid options are reported now
    this._createLine();
    this.settings = tabSettings(manager, this);
    this.parts = { signals, ...(parts.hints && { hints: parts.hints }) };
  }

  get state(): SharedState {
    const { state } = this._machine;
    const role = state === "alone" ? state : this._switch ? "host" : "guest";
    return { role, tabs: this._tabs };
  }

  adopt(socket: Socket): void {
    this._sockets.add(socket);
    const disconnectAll = (): void => {
      this._post(["out"]);
      this._sockets.disconnect();
    };
    Object.defineProperty(socket, "shared", {
      get: () => ({ ...this.state, disconnectAll }),
    });
  }

  // -- signals: the manager subscribes while it should be connected

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

  // -- from its transports

  attach(transport: PortTransport): void {
    // a host has one session for each tab: an earlier rival gets no answer
    for (const one of this._transports) if (!one.isOpen) one.lose(GONE);
    this._transports.add(transport);
    this._join();
    this._dial(transport);
  }

  /** A tab does not wait; its host does. */
  detach(transport: PortTransport, ending: Ending | undefined): void {
    // a session that has lost its transport also closes it
    if (!this._transports.delete(transport)) return;
    this.isMoving = ending?.description === GONE.description;
    this._progress.ended();
    this._leaveWhenDone();
    atEndOfTick(() => {
      const { connection } = this._manager;
      if (this._presence && connection.state === "waiting") connection.wake();
    });
  }

  began(): void {
    this._sockets.tellAll();
  }

  told([type, first, second, third]: readonly unknown[]): void {
    this._watch.heard();
    this._progress.read();
    if (type === "data" && second !== undefined) this._progress.note([[second, third]]);
    if (second instanceof Map) this._progress.note(second);
    if (type === "pong") this._tabs = Number(first);
    if (type === "end" && third === true) this._lock.ask(true);
    this.changed();
  }

  // -- from the lock

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

  // -- from its switch

  /** The role, or the number of tabs, may have changed. */
  changed(): void {
    const { state, _switch: current } = this;
    if (current) {
      this._tabs = current.seats.size || 1;
      const { _handOver: handOver, _machine: machine } = this;
      if (machine.state === "handing") handOver.proceed(current);
      else if (handOver.isDue(current, this._host.isHidden && !!this._heirOf(current)))
        machine.send("handOver");
    }
    const text = state.role + state.tabs;
    if (text === this._told) return;
    this._told = text;
    this._manager.emit("shared", this.state);
  }

  // -- among the tabs

  private _join(): void {
    this._presence ??= new Presence(this._host, this._scope, this);
  }

  present(): void {
    this._lock.ask();
    this._machine.send("joined");
  }

  /** The page goes into the page cache, is frozen or left: it must release everything. */
  depart(): void {
    this._leave();
    for (const transport of [...this._transports]) transport.lose(GONE);
  }

  posted(message: readonly unknown[]): void {
    const read = (): void => this._receive(message);
    if (this._switch) this._switch.read(read);
    else read();
  }

  private _leaveWhenDone(): void {
    if (this._isWanted || this._transports.size) return;
    this._progress.forget();
    this._leave();
  }

  private _leave(): void {
    this._end();
    // the tab's own lock first: the next host counts the tabs by these locks
    this._presence?.end();
    this._presence = undefined;
    this._lock.release();
    this._tabs = 1;
    this._machine.send("left");
  }

  private _post(message: BusMessage): void {
    this._presence?.post(message);
  }

  private _receive([type, first, ...rest]: readonly unknown[]): void {
    const { _switch: current, _machine: machine, _presence: presence } = this;
    if (type === "out") this._sockets.disconnect();
    else if (current) {
      if (type === "who") this._announce();
      // during a hand-over no tab is accepted: the next host will announce itself
      else if (type === "open" && first === presence?.id && machine.state === "host")
        current.accept(rest);
    } else if (type === "host" && typeof first === "string" && machine.state !== "away") {
      this._hostId = first;
      machine.send("heard");
    }
  }

  private _announce(): void {
    this._post(["host", this._hostId as string]);
  }

  // -- the states of a guest

  get work(): number {
    return [...this._transports].reduce((sum, one) => sum + one.bufferedAmount, 0);
  }

  ping(): void {
    for (const transport of this._transports) transport.post(["ping", !this._host.isHidden]);
    if (!this._hostId || !this._transports.size) this._post(["who"]);
  }

  silent(): void {
    this._machine.send("silent");
    this._isForced = true;
    this._lock.ask(true);
  }

  private _seek(): void {
    this._hostId = undefined;
    this.ping();
    this.changed();
  }

  /** A host has announced itself, possibly again. */
  private _reached(): void {
    for (const transport of [...this._transports])
      if (transport.host === this._hostId) continue;
      else if (transport.isOpen) transport.lose(GONE);
      else this._dial(transport);
    this.changed();
  }

  private _dial(transport: PortTransport): void {
    const { _switch: current, _hostId: hostId, _host: host, _scope: scope } = this;
    if (hostId === undefined) return;
    const session = randomId();
    const opening = [
      session,
      this._presence?.id,
      this._progress.positions,
      !this._host.isHidden,
    ] as const;
    if (current) {
      const [near, far] = pipe() as [TabPort, TabPort];
      transport.connect(near, hostId);
      current.accept(opening, far);
    } else {
      transport.connect(host.channel(`${scope}:${session}`), hostId);
      this._post(["open", hostId, ...opening]);
    }
  }

  // -- the states of a host

  private _rule(): void {
    this._hostId = this._presence?.id;
    const { _host: host, _scope: scope, _isForced: isForced } = this;
    this._isForced = false;
    this._switch = new Switch(this._createLine(), scope, host, this, isForced);
    this._announce();
  }

  /** Lets another tab take the lock, if a visible one exists. */
  yield(): void {
    const { _switch: current } = this;
    const heir = current && this._heirOf(current);
    if (heir) this._end(heir);
    else if (current) this.robbed();
  }

  private _heirOf({ seats }: Switch): Seat | undefined {
    return [...seats].find(({ isVisible, tab }) => isVisible && tab !== this._hostId);
  }

  /** The connection is closed before anything else. */
  private _end(heir?: Seat): void {
    const { _switch: current } = this;
    this._switch = this._hostId = undefined;
    current?.close(heir);
    this.changed();
  }
}
