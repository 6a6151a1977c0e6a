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
import { hold, HostLock, type LockOwner } from "./host-lock.js";
import { watchListeners } from "./listening.js";
import { type BusMessage, GONE, messageOf, PATIENCE, type Position } from "./messages.js";
import { pipe } from "./pipe.js";
import { PortTransport, type TransportOwner } from "./port-transport.js";
import type { Seat } from "./seat.js";
import { Switch, type SwitchOwner } from "./switch.js";
import { type TabEvent, type TabState, tabTable } from "./tab-table.js";

/** A guest asks so often whether the host is alive, in milliseconds. */
const PERIOD = 500;
/** A host that is busy may be silent for longer: it handles so many bytes of a tab in a millisecond. */
const SPEED = 2000;
/** Who takes a silent host's place waits for a random part of this more, as others think the same. */
const SPREAD = 200;
/** Tabs have so long to pause when the host hands over, and the heir to take the lock. */
const HANDING = 1000;

/** One tab of a scope: who the host is, and the way to it. */
export class Tab implements ShareMember, NetworkSignals, TransportOwner, LockOwner, SwitchOwner {
  private static readonly _chart: Chart<TabState, TabEvent, void, Tab> = {
    table: tabTable,
    entries: {
      seeking: (_, tab) => tab._guard(),
      guest: (_, tab) => tab._guard(),
      host: (_, tab) => tab._rule(),
      handing: (_, tab) => tab._handOver(),
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
  /** Of a host. */
  private _switch: Switch | undefined;
  private _bus: TabPort | undefined;
  /** Who the host is, as far as is known. */
  private _hostId: string | undefined;
  private _tabs = 1;
  private _told = "";
  private _heardAt = 0;
  /** What ends with the stay among the tabs. */
  private _ends: Cancel[] = [];
  private _isWanted = false;
  /** The lock was taken from a host that does not answer. */
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
    const role = state === "alone" ? state : this._switch ? "host" : "guest";
    return { role, tabs: this._tabs };
  }

  adopt(socket: Socket): void {
    const { nsp } = socket;
    this._sockets.push(socket);
    this._listened.set(
      nsp,
      watchListeners(socket, () => this._tellListeners(nsp)),
    );
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

  /** A tab does not wait: its host does. */
  detach(transport: PortTransport): void {
    this._transports.delete(transport);
    this._leaveWhenDone();
    atEndOfTick(() => {
      const { connection } = this._manager;
      if (this._bus && connection.state === "waiting") connection.wake();
    });
  }

  began(): void {
    for (const nsp of this._listened.keys()) this._tellListeners(nsp);
  }

  told([type, first, second, third]: readonly unknown[]): void {
    this._heard();
    if (type === "data" && second !== undefined) {
      if (Array.isArray(third)) this._moved([[second, third]]);
      else this._positions.delete(second as string);
    }
    if (second instanceof Map) this._moved(second);
    if (type === "pong") this._tabs = Number(first);
    if (type === "end" && third === true) this._lock.ask(true);
    this.changed();
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

  // -- what its switch tells

  /** The role, or the number of tabs, may be another one. */
  changed(): void {
    const { state, _switch: current } = this;
    if (current) {
      this._tabs = current.seats.size || 1;
      const { seats, isIdle, line } = current;
      const all = [...seats];
      if (this._machine.state === "handing") {
        if (isIdle && all.every(({ isPaused }) => isPaused)) line.probe(() => this._finish());
      } else if (isIdle && this._host.isHidden && heirOf(all)) this._machine.send("handOver");
    }
    const text = state.role + state.tabs;
    if (text === this._told) return;
    this._told = text;
    this._manager.emit("shared", this.state);
  }

  // -- among the tabs

  private _join(): void {
    if (this._bus) return;
    const { _host: host, _scope: scope } = this;
    const depart = (): void => this._depart();
    this.id = randomId();
    this._bus = host.channel(scope);
    this._bus.onmessage = ({ data }) => {
      const read = (): void => this._receive(messageOf(data));
      if (this._switch) this._switch.read(read);
      else read();
    };
    this._ends = [
      // the host learns by this lock that the tab is gone, however it goes
      hold(host.locks, `${scope}:${this.id}`),
      host.on("pagehide", depart),
      host.on("freeze", depart),
      host.on("visibilitychange", () => this._ping()),
    ];
    this._lock.ask();
    this._machine.send("joined");
  }

  private _leaveWhenDone(): void {
    if (this._isWanted || this._transports.size) return;
    this._positions.clear();
    this._leave();
  }

  /** The page is put away, frozen or left: nothing of it may stay. */
  private _depart(): void {
    this._leave();
    for (const transport of [...this._transports]) transport.lose(GONE);
  }

  private _leave(): void {
    this._end();
    // the own lock first: the next host counts the tabs by those
    for (const end of this._ends.splice(0)) end();
    this._lock.release();
    this._bus?.close();
    this._bus = undefined;
    this._tabs = 1;
    this._machine.send("left");
  }

  private _post(message: BusMessage): void {
    this._bus?.postMessage(message);
  }

  private _receive([type, first, ...rest]: readonly unknown[]): void {
    const { _switch: current } = this;
    if (type === "out") this._disconnect();
    else if (current) {
      if (type === "who") this._announce();
      else if (type === "open" && first === this.id) current.accept(rest);
    } else if (type === "host" && typeof first === "string") {
      this._hostId = first;
      this._machine.send("heard");
    }
  }

  private _announce(): void {
    this._post(["host", this.id]);
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
        // while this tab was frozen or busy itself, the host may have said something that still waits to be read
        this._heardAt += Math.max(0, now - due);
        plan();
        // what this tab itself has given it to do takes its time
        const work = [...this._transports].reduce((sum, one) => sum + one.bufferedAmount, 0);
        if (now - this._heardAt < patience + work / SPEED) this._ping();
        else {
          this._machine.send("silent");
          this._isForced = true;
          this._lock.ask(true);
        }
      });
    };
    this._heard();
    plan();
    return () => cancel();
  }

  private _heard(): void {
    this._heardAt = this._timers.now();
  }

  private _moved(positions: Iterable<readonly [unknown, unknown]>): void {
    for (const [nsp, position] of positions)
      if (Array.isArray(position)) this._positions.set(nsp as string, position as never);
  }

  private _ping(): void {
    for (const transport of this._transports) transport.post(["ping", !this._host.isHidden]);
    if (!this._hostId || !this._transports.size) this._post(["who"]);
  }

  private _seek(): void {
    this._hostId = undefined;
    this._ping();
    this.changed();
  }

  /** There is a host, or it says so again. */
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
    const opening = [randomId(), this.id, this._positions] as const;
    if (current) {
      const [near, far] = pipe() as [TabPort, TabPort];
      transport.connect(near, hostId);
      current.accept(opening, far);
    } else {
      transport.connect(host.channel(`${scope}:${opening[0]}`), hostId);
      this._post(["open", hostId, ...opening]);
    }
  }

  private _tellListeners(nsp: string): void {
    const names = this._listened.get(nsp)?.() ?? null;
    for (const transport of this._transports)
      if (transport.isOpen) transport.post(["listen", nsp, names]);
  }

  // -- the states of a host

  private _rule(): void {
    this._hostId = this.id;
    const { _host: host, _scope: scope, _isForced: isForced } = this;
    this._isForced = false;
    this._switch = new Switch(this._createLine(), scope, host, this, isForced);
    this._announce();
  }

  private _handOver(): Cancel {
    let cancel = this._timers.after(HANDING, () => {
      this._finish();
      cancel = this._timers.after(HANDING, () => this.robbed());
    });
    return () => cancel();
  }

  /** Everything has arrived, or was waited for: another tab is to take the lock. */
  private _finish(): void {
    if (this._switch) this._end(heirOf([...this._switch.seats]));
  }

  /** The line is closed before anything else. */
  private _end(heir?: Seat): void {
    const { _switch: current } = this;
    this._switch = this._hostId = undefined;
    current?.close(heir);
    this.changed();
  }
}

function heirOf(seats: Seat[]): Seat | undefined {
  return seats.find(({ isVisible }) => isVisible);
}
