/**
 * Tabs that share a connection, and come, go, freeze and crash: a seeded program of tabs, one server and their networks,
 * in the time of a world. `npm run check:model -- --tabs 2000` runs many.
 *
 * To extend: add a step to `TabStep`, to `randomTabs` and to `#act`, and what it may break to `#brokenClaims`; a fault of the
 * browser or the server, which must be found, to `TabFault`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { atLeastOnce, exactlyOnce } from "../../src/delivery/index.js";
import { Manager, type NetworkEvent, type Socket } from "../../src/index.js";
import { WINDOW } from "../../src/shared/messages.js";
import { shared } from "../../src/shared/share.js";
import { Network } from "../../src/test-kit/lines.js";
import { seeded } from "../../src/test-kit/seeded.js";
import type { ServerSocket } from "../../src/test-kit/server-socket.js";
import { VirtualTime } from "../../src/test-kit/virtual-time.js";
import { FakeBrowser, type FakeTab } from "../support/tabs.js";
import { hostClasses, type HostClasses } from "./host.js";
import { dropSeen, SharedMemory } from "./server-api.js";
import { ServerNode } from "./server-client.js";
import { ModelServer, withPeriods } from "./server.js";

/** What no browser and no server does: each of them breaks a claim. */
export type TabFault =
  | "gives a lock to two"
  | "loses messages"
  | "swaps messages"
  | "doubles messages"
  | "keeps duplicates"
  | "forgets to free locks"
  | "hides what waits";

type Mode = "at-most-once" | "at-least-once" | "exactly-once";

interface Config {
  readonly mode: Mode;
  readonly recovery: boolean;
  readonly transport: "websocket" | "polling";
  readonly keys: number;
  readonly tabs: number;
}

/** `tab`: which one of those that live. */
export type TabStep = { at: number } & (
  | { do: "open" }
  | { do: "say"; count: number }
  | { do: "emit"; tab: number; count: number; ack: boolean }
  | { do: "close" | "leave" | "hide" | "show" | "garbage" | "out" | "ask"; tab: number }
  | { do: "crash"; tab: number; ms: number }
  | { do: "freeze" | "hang" | "cache"; tab: number; ms: number }
  | { do: "cut"; ms: number }
  /** Nothing reaches the server for a while, and a tab emits very much meanwhile. */
  | { do: "flood"; tab: number; ms: number }
);

export interface TabProgram {
  readonly seed: number;
  readonly config: Config;
  readonly steps: readonly TabStep[];
}

const KEYS = ["alice", "bob"];
const MOST = 6;
/** Packets of a flood, and the bytes of each. */
const FLOOD = 200;
const BULK = 6000;
/** So many bytes may wait in the line: those that make it busy, and a window and a packet of each tab. */
const MOST_WAITING = WINDOW + MOST * (WINDOW + 2 * BULK);
/** What orderly programs are made of: nobody has a reason to lose a session of the server. */
const ORDERLY = ["open", "emit", "say", "close", "crash", "hide", "show", "ask"];
/** A hidden host has handed over after so long, whatever is due. */
const HANDED = 9000;
const HEALING = 20_000;
const ENDING = 12_000;

export function randomTabs(seed: number): TabProgram {
  const chance = seeded(seed);
  const below = (count: number): number => Math.floor(chance() * count);
  const pick = <T>(...list: T[]): T => list[below(list.length)] as T;
  const pour = seeded(~seed);
  const steps: TabStep[] = [];
  const length = 5 + below(40);
  const isOrderly = chance() < 0.35;
  let at = 0;
  for (let i = 0; i < length; i++) {
    at += pick(0, 1, below(10), below(60), below(400), below(chance() < 0.2 ? 3000 : 60));
    const tab = below(100);
    const what = chance();
    if (what < 0.34) steps.push({ at, do: "emit", tab, count: 1 + below(4), ack: chance() < 0.5 });
    else if (what < 0.52) steps.push({ at, do: "say", count: 1 + below(3) });
    else if (what < 0.6) steps.push({ at, do: "open" });
    else if (what < 0.66) steps.push({ at, do: "close", tab });
    else if (what < 0.73) {
      const ms = isOrderly ? 0 : pick(0, 0, below(20), below(800));
      steps.push({ at, do: "crash", tab, ms });
    } else if (what < 0.75) steps.push({ at, do: "ask", tab });
    else if (isOrderly) steps.push({ at, do: pick("hide", "show"), tab });
    else if (what < 0.77) steps.push({ at, do: "hang", tab, ms: pick(below(300), below(5000)) });
    else if (what < 0.81) steps.push({ at, do: "freeze", tab, ms: below(3000) });
    else if (what < 0.84) steps.push({ at, do: "cache", tab, ms: below(3000) });
    else if (what < 0.88) steps.push({ at, do: "hide", tab });
    else if (what < 0.92) steps.push({ at, do: "show", tab });
    else if (what < 0.95) steps.push({ at, do: "leave", tab });
    else if (what < 0.98) steps.push({ at, do: "cut", ms: below(200) });
    else if (what < 0.99) steps.push({ at, do: "garbage", tab });
    else steps.push({ at, do: "out", tab });
    if (pour() < 0.04 && !isOrderly)
      steps.push({ at, do: "flood", tab, ms: Math.floor(pour() * 1500) });
  }
  const config: Config = {
    mode: pick("at-most-once", "at-least-once", "exactly-once", "exactly-once"),
    recovery: chance() < 0.7,
    transport: pick("websocket", "websocket", "polling"),
    keys: chance() < 0.2 ? 2 : 1,
    tabs: 1 + below(5),
  };
  return { seed, config, steps };
}

/** Runs a program; says which claims it breaks. */
export async function runTabs(program: TabProgram, fault?: TabFault): Promise<string[]> {
  const world = new VirtualTime(program.seed);
  const errors: string[] = [];
  const note = (error: unknown): void => void errors.push(`an error escaped: ${String(error)}`);
  const reporting = globalThis as { reportError?: unknown };
  const { reportError } = reporting;
  reporting.reportError = note;
  process.on("unhandledRejection", note);
  world.enter();
  try {
    return [...(await new Tabs(world, program, fault).run()), ...errors];
  } finally {
    world.leave();
    reporting.reportError = reportError;
    process.off("unhandledRejection", note);
  }
}

export interface TabFailure {
  seed: number;
  broken: string[];
}

/** The first of `count` programs that fails. */
export async function checkTabs(
  first: number,
  count: number,
  fault?: TabFault,
): Promise<TabFailure | undefined> {
  for (let seed = first; seed < first + count; seed++) {
    const broken = await runTabs(randomTabs(seed), fault);
    if (broken.length) return { seed, broken };
  }
  return undefined;
}

/** The same words, whatever the numbers. */
export const kindOfClaim = (claim: string): string => claim.replace(/\d+/g, "#");

/** A failing program without the steps that it does not need. */
export async function minimiseTabs(seed: number, fault?: TabFault): Promise<TabProgram> {
  let smallest = randomTabs(seed);
  const [claim = ""] = await runTabs(smallest, fault);
  const kind = kindOfClaim(claim);
  const fails = async (candidate: TabProgram): Promise<boolean> =>
    (await runTabs(candidate, fault)).some((one) => kindOfClaim(one) === kind);
  for (let size = Math.ceil(smallest.steps.length / 2); size > 0; size = Math.floor(size / 2))
    for (let at = 0; at < smallest.steps.length;) {
      const steps = smallest.steps.filter((_step, i) => i < at || i >= at + size);
      if (await fails({ ...smallest, steps })) smallest = { ...smallest, steps };
      else at += size;
    }
  for (const simpler of [{ keys: 1 }, { recovery: false }, { tabs: 2 }, { tabs: 1 }]) {
    const candidate = { ...smallest, config: { ...smallest.config, ...simpler } };
    if (await fails(candidate)) smallest = candidate;
  }
  return smallest;
}

/** A tab of the program, with its app. */
interface Page {
  readonly name: string;
  readonly key: string;
  readonly tab: FakeTab;
  readonly network: Network;
  socket: Socket<any, any, Manager>;
  signal: ((event: NetworkEvent) => void) | undefined;
  emitted: number;
  /** How often each ack was called, and with what. */
  readonly acks: Map<number, unknown[]>;
  /** By session of the server: what was heard of it. */
  readonly heard: Map<string, number[]>;
  /** It was told that something may be missing. */
  mayMiss: boolean;
  /** It has lost the server, and was not told yet that it is back. */
  isBack: boolean;
  /** An event since it was disconnected for the last time. */
  hasHeard?: boolean;
  /** An event of the session in which it was then. */
  knows?: boolean | undefined;
  isLeft: boolean;
}

class Tabs {
  readonly #world: VirtualTime;
  readonly #program: TabProgram;
  readonly #fault: TabFault | undefined;
  readonly #browser: FakeBrowser;
  readonly #server: ModelServer;
  readonly #within = new AsyncLocalStorage<FakeTab>();
  readonly #classes = new Map<FakeTab, HostClasses>();
  readonly #timers = new Map<FakeTab, Set<unknown>>();
  readonly #pages: Page[] = [];
  readonly #broken: string[] = [];
  /** By tab: what the server has handled, in order. */
  readonly #handled = new Map<string, number[]>();
  readonly #sockets = new Set<ServerSocket>();
  /** Sessions whose connection was lost once. */
  readonly #lost = new Set<string>();
  /** By session: how much was said to it, and whose it is. */
  readonly #said = new Map<string, number>();
  readonly #owners = new Map<string, string>();
  #count = 0;

  constructor(world: VirtualTime, program: TabProgram, fault: TabFault | undefined) {
    this.#world = world;
    this.#program = program;
    this.#fault = fault;
    const node = new ServerNode(world);
    const { mode, recovery } = program.config;
    const memory = new SharedMemory();
    if (mode === "exactly-once" && fault !== "keeps duplicates")
      dropSeen(node.of("/"), memory.store);
    if (mode === "exactly-once" && fault === "keeps duplicates") this.#pretend(node);
    node.of("/").on("connection", (socket: ServerSocket) => this.#connected(socket));
    const limits = { limit: 60_000, toldLimit: 60_000 };
    const config = { recovery, catchAll: false, upgrades: false, ...limits };
    this.#server = new ModelServer(world, withPeriods(config), [node]);
    this.#browser = this.#openBrowser();
    this.#replaceHost();
  }

  async run(): Promise<string[]> {
    const { steps, config } = this.#program;
    for (let i = 0; i < config.tabs; i++) this.#open();
    for (const step of steps) {
      await this.#world.pass(step.at - this.#world.elapsed);
      this.#act(step);
    }
    await this.#world.pass(6000);
    await this.#claimHandOver();
    for (const page of this.#live) {
      page.tab.show(true);
      page.network.heal();
      page.tab.run(() => page.socket.connect());
    }
    for (let left = HEALING; left > 0 && !this.#isWhole; left -= 500) await this.#world.pass(500);
    await this.#world.pass(1000);
    this.#brokenClaims();
    await this.#end();
    return this.#broken;
  }

  /** The hosts are hidden, and all others are shown. */
  async #claimHandOver(): Promise<void> {
    const isHost = ({ socket }: Page): boolean => socket.shared?.role === "host";
    const hosts = this.#live.filter(isHost);
    for (const page of this.#live) page.tab.show(!hosts.includes(page));
    await this.#world.pass(HANDED);
    for (const { key, name } of hosts) {
      const others = this.#live.filter(
        ({ socket, ...page }) =>
          page.key === key && socket.active && !hosts.some((one) => one.name === page.name),
      );
      const isHeld = hosts.some((page) => page.key === key && isHost(page));
      this.#claim(!others.length || !isHeld, `${name} is hidden, and has not handed over`);
    }
  }

  get #live(): Page[] {
    return this.#pages.filter(({ tab }) => !tab.isDead);
  }

  get #isWhole(): boolean {
    return this.#live.every(
      ({ socket, name, emitted }) =>
        socket.connected &&
        (this.#program.config.mode === "at-most-once" ||
          new Set(this.#handled.get(name)).size === emitted),
    );
  }

  #claim(holds: boolean, words: string): void {
    if (!holds) this.#broken.push(words);
  }

  // -- the host

  #openBrowser(): FakeBrowser {
    const world = this.#world;
    let due = 0;
    const browser = new FakeBrowser(
      (task) => {
        due = Math.max(due, world.now + world.random() * 3);
        world.after(due - world.now, task);
      },
      (tab, task) => this.#within.run(tab, task),
    );
    const asked = new Map<FakeTab, number>();
    browser.ask = (tab, arrive) => {
      const at = Math.max(asked.get(tab) ?? 0, world.now + world.random() * 3);
      asked.set(tab, at);
      world.after(at - world.now, arrive);
    };
    const post = browser.post.bind(browser);
    let held: (() => void) | undefined;
    browser.post = (arrive) => {
      if (this.#fault === "loses messages" && world.pick(15) === 0) return;
      if (this.#fault === "doubles messages" && world.pick(8) === 0) post(arrive);
      if (this.#fault === "swaps messages" && world.pick(6) === 0 && !held) {
        held = arrive;
        return;
      }
      post(arrive);
      if (held) post(held);
      held = undefined;
    };
    browser.isForgetful = this.#fault === "forgets to free locks";
    browser.isGenerous = this.#fault === "gives a lock to two";
    return browser;
  }

  /** What the library finds in the global scope: of the tab whose code asks. */
  #replaceHost(): void {
    const world = this.#world;
    const within = this.#within;
    const { setTimeout: set, clearTimeout: clear } = globalThis as unknown as {
      setTimeout: (task: () => void, ms?: number) => unknown;
      clearTimeout: (timer: unknown) => void;
    };
    // a timer of a frozen tab has not fired before it is thawed
    const cleared = new WeakSet<object>();
    world.replace(globalThis, "clearTimeout", (timer?: object) => {
      if (timer) cleared.add(timer);
      clear(timer);
    });
    world.replace(globalThis, "setTimeout", (task: () => void, ms?: number) => {
      const tab = within.getStore();
      if (tab?.isDead) return undefined;
      const fire = (): void => {
        if (!cleared.has(timer as object)) task();
      };
      const timer = set(tab ? () => tab.run(fire) : task, ms);
      if (tab) this.#timers.set(tab, (this.#timers.get(tab) ?? new Set()).add(timer));
      return timer;
    });
    const hidden = this.#fault === "hides what waits";
    const make = (name: keyof HostClasses): unknown => {
      const own = (): FakeTab => within.getStore() as FakeTab;
      const classes = this.#classes;
      return function (url: string) {
        const tab = own();
        const Class = classes.get(tab)?.[name] as new (url: string) => object;
        if (tab.isDead) throw new Error("the tab is gone");
        return new Proxy(new Class(url), {
          get: (target, key) => {
            if (hidden && key === "bufferedAmount") return 0;
            const value: unknown = Reflect.get(target, key, target);
            return typeof value === "function" ? (value.bind(target) as unknown) : value;
          },
          set: (target, key, value: unknown) =>
            Reflect.set(
              target,
              key,
              typeof value === "function" ? (event: unknown) => tab.run(() => value(event)) : value,
              target,
            ),
        });
      };
    };
    world.replace(globalThis, "WebSocket", make("WebSocket"));
    world.replace(globalThis, "XMLHttpRequest", make("XMLHttpRequest"));
    world.replace(globalThis, "fetch", undefined);
  }

  #open(): void {
    const { keys, mode, transport } = this.#program.config;
    if (this.#live.length >= MOST) return;
    const tab = this.#browser.open();
    const network = new Network(this.#world);
    const key = KEYS[this.#pages.length % keys] as string;
    this.#classes.set(tab, hostClasses(network, this.#server));
    tab.run(() => {
      const page = { name: `t${++this.#count}`, key, tab, network } as Page;
      const delivery = { "at-least-once": atLeastOnce, "exactly-once": exactlyOnce };
      const manager = new Manager("http://model.test", {
        transports: [transport],
        network: {
          subscribe: (listener) => {
            page.signal = listener;
            return () => (page.signal = undefined);
          },
        },
        reconnectionDelay: 30,
        reconnectionDelayMax: 300,
        timeout: 1500,
        probeTimeout: 300,
        minUptime: 400,
        share: shared({ key, host: () => tab }),
      });
      const socket = manager.socket("/", {
        ...(mode !== "at-most-once" && { delivery: delivery[mode]() }),
      });
      Object.assign(page, { socket, emitted: 0, acks: new Map(), heard: new Map() });
      page.mayMiss = true;
      page.isBack = false;
      page.isLeft = false;
      socket.on("connect", () => {
        page.isBack = false;
        this.#entered(page);
      });
      socket.on("disconnect", () => {
        page.isBack = true;
        page.knows = page.hasHeard || (page.knows && socket.recovered);
        page.hasHeard = false;
      });
      socket.on("down", (session: string, m: number) => this.#heard(page, session, m));
      this.#pages.push(page);
    });
  }

  // -- the server

  /** A server that says that it drops what it has seen, and does not. */
  #pretend(node: ServerNode): void {
    node.of("/").on("connection", (socket: ServerSocket) => {
      const pass = socket.onevent.bind(socket);
      socket.onevent = (packet: { data?: unknown; id?: unknown }) => {
        const args = packet.data as unknown[];
        if (args[0] === "$tautline") socket.ack(packet.id as number)(true);
        else pass({ ...packet, data: args.slice(0, -1) });
      };
    });
  }

  #connected(socket: ServerSocket): void {
    this.#sockets.add(socket);
    socket.on("disconnect", (reason: string) => {
      this.#sockets.delete(socket);
      if (!reason.endsWith("namespace disconnect")) this.#lost.add(socket.id);
    });
    socket.on("n", (name: string, n: number, ...rest: unknown[]) => {
      const ack = rest.pop();
      this.#handled.set(name, [...(this.#handled.get(name) ?? []), n]);
      const isTagged = typeof ack === "object";
      this.#claim(!isTagged, `${name} has sent ${n} before its question was answered`);
      if (typeof ack === "function") ack(2 * n);
    });
  }

  #say(): void {
    // a session may be restored before the server knows that its last connection is dead
    const latest = new Map([...this.#sockets].map((socket) => [socket.id, socket]));
    for (const [session, socket] of latest) socket.emit(...this.#next(session));
    // who is away for a moment gets it later
    const { recovery } = this.#server;
    for (const session of this.#lost)
      if (!latest.has(session))
        recovery?.record("/", this.#next(session), new Set([session]), new Set());
  }

  #next(session: string): [event: string, ...args: unknown[]] {
    const m = (this.#said.get(session) ?? 0) + 1;
    this.#said.set(session, m);
    return ["down", session, m];
  }

  #entered(page: Page): void {
    const { socket, name, knows } = page;
    page.mayMiss ||= !socket.recovered;
    const isOrderly = this.#program.steps.every(
      (step) => ORDERLY.includes(step.do) && !(step.do === "crash" && step.ms),
    );
    // a server does not see that a client has gone which was not polling
    const { recovery, transport } = this.#program.config;
    if (isOrderly && recovery && transport === "websocket" && !this.#fault)
      this.#claim(socket.recovered || !knows, `${name} has lost its session`);
  }

  #heard(page: Page, session: string, m: number): void {
    // what comes while a question of `delivery` is open is handed on before "connect"
    page.mayMiss ||= page.isBack && !page.socket.recovered;
    page.isBack = false;
    const list = page.heard.get(session) ?? [];
    const last = list.at(-1);
    page.heard.set(session, [...list, m]);
    const owner = this.#owners.get(session) ?? page.key;
    this.#owners.set(session, owner);
    this.#claim(owner === page.key, `${page.name} has heard what was said to ${owner}`);
    if (last !== undefined) {
      this.#claim(m > last, `${page.name} has heard ${m} after ${last}`);
      this.#claim(
        m <= last + 1 || page.mayMiss,
        `${page.name} has heard ${m} after ${last}: one is missing`,
      );
    }
    page.mayMiss = false;
    page.hasHeard = true;
  }

  // -- steps

  #act(step: TabStep): void {
    if (step.do === "open") return this.#open();
    if (step.do === "say") {
      for (let i = 0; i < step.count; i++) this.#say();
      return;
    }
    const live = this.#live;
    if (step.do === "cut") {
      for (const { network } of live) network.cutAll({ keep: "none", client: 1, server: step.ms });
      return;
    }
    const page = live[step.tab % live.length];
    if (page) this.#actIn(page, step);
  }

  #actIn(page: Page, step: Extract<TabStep, { tab: number }>): void {
    const { tab, socket } = page;
    const world = this.#world;
    switch (step.do) {
      case "emit":
        return tab.isFrozen ? undefined : tab.run(() => this.#emit(page, step.count, step.ack));
      case "flood":
        return tab.isFrozen || !socket.connected ? undefined : this.#flood(page, step.ms);
      case "close":
        tab.fire("pagehide");
        return this.#kill(page, 0);
      case "crash":
        return this.#kill(page, step.ms);
      case "hang":
      case "freeze":
      case "cache": {
        if (tab.isFrozen) return;
        const [away, back] =
          step.do === "freeze"
            ? ["freeze", "resume"]
            : step.do === "cache"
              ? ["pagehide", "pageshow"]
              : [];
        if (away) tab.fire(away);
        if (step.do === "cache") tab.run(() => page.signal?.("sleep"));
        tab.freeze();
        world.after(step.ms, () => {
          tab.thaw();
          if (back) tab.fire(back);
          if (back) tab.run(() => page.signal?.("wake"));
        });
        return;
      }
      case "hide":
        return tab.show(false);
      case "show":
        tab.show(true);
        return tab.run(() => page.signal?.("wake"));
      case "ask":
        // a policy would send it again for ever
        if (this.#program.config.mode !== "at-most-once") return;
        return tab.run(() => void socket.timeout(200).emit("mute", () => {}));
      case "leave":
        page.isLeft = !page.isLeft;
        return tab.run(() => (page.isLeft ? socket.disconnect() : socket.connect()));
      case "out":
        return tab.run(() => socket.shared?.disconnectAll());
      case "garbage":
        return this.#shout();
    }
  }

  #emit(page: Page, count: number, hasAck: boolean): void {
    for (let i = 0; i < count; i++) {
      const n = ++page.emitted;
      if (!hasAck) page.socket.emit("n", page.name, n);
      else
        page.socket.emit("n", page.name, n, (...answer: unknown[]) => {
          page.acks.set(n, [...(page.acks.get(n) ?? []), answer.at(-1)]);
        });
    }
  }

  #flood(page: Page, ms: number): void {
    const world = this.#world;
    for (const { network } of this.#live) network.stalledUntil.up = world.now + ms;
    page.tab.run(() => {
      for (let i = 0; i < FLOOD; i++)
        page.socket.emit("n", page.name, ++page.emitted, "x".repeat(BULK));
    });
    for (const part of [0.2, 0.5, 0.9]) world.after(ms * part, () => this.#weigh());
  }

  /** What waits in the tabs is theirs, and bounded; what waits in the line is lost with it. */
  #weigh(): void {
    for (const { name, network } of this.#live) {
      let bytes = 0;
      for (const { up } of network.lines) bytes += up.bytes;
      this.#claim(bytes <= MOST_WAITING, `${bytes} bytes wait in the line of ${name}`);
    }
  }

  #kill({ tab, network }: Page, ms: number): void {
    tab.crash();
    for (const timer of this.#timers.get(tab) ?? []) clearTimeout(timer as NodeJS.Timeout);
    network.cutAll({ keep: "none", client: -1, server: ms });
    network.reach = "refuse";
  }

  /** Posts nonsense to every channel that is open. */
  #shout(): void {
    const odd: unknown[] = [
      null,
      7,
      "host",
      [],
      ["host"],
      ["host", null],
      ["open"],
      ["open", 1, 2, 3, 4],
      ["x", "who"],
      ["data", "4xyz"],
      ["data", ["9"], 5],
      ["data", [new ArrayBuffer(3)]],
      ["data", ["4zzz"]],
      ["data", [null]],
      ["data", [new ArrayBuffer(2), "9"]],
      ["listen"],
      ["listen", 5, 6],
      ["data"],
      ["data", null],
      ["taken", "x"],
      ["end"],
      ["end", 5, 5, 5],
      ["pong", "x", new Map([["/", 7]])],
      { length: 2 },
    ];
    const stranger = this.#browser.open();
    const names = [...this.#browser.ports.keys()];
    for (const name of names) {
      const port = stranger.channel(name);
      port.postMessage(odd[this.#world.pick(odd.length)]);
      port.close();
    }
    stranger.crash();
  }

  // -- claims

  #brokenClaims(): void {
    const { mode } = this.#program.config;
    const live = this.#live;
    for (const page of this.#pages) {
      const { name, emitted, acks, tab } = page;
      const handled = this.#handled.get(name) ?? [];
      const all = new Set(handled);
      const isSorted = handled.every((n, i) => !i || n > (handled[i - 1] as number));
      if (mode !== "at-least-once")
        this.#claim(isSorted, `${name}: handled not once, or not in order: ${handled.join(" ")}`);
      for (const [n, answers] of acks) {
        this.#claim(answers.length === 1, `${name}: ${answers.length} answers to ${n}`);
        this.#claim(answers[0] === 2 * n, `${name}: ${String(answers[0])} is the answer to ${n}`);
      }
      if (tab.isDead || mode === "at-most-once") continue;
      this.#claim(all.size === emitted, `${name}: ${all.size} of ${emitted} were handled`);
    }
    for (const { socket, name } of live) {
      this.#claim(
        !socket.bufferedAmount,
        `${name}: ${socket.bufferedAmount} bytes wait in the end`,
      );
      this.#claim(socket.connected, `${name} is ${socket.state} and ${socket.io.state} in the end`);
    }
    for (const key of KEYS) {
      const tabs = live.filter((page) => page.key === key);
      const hosts = tabs.filter(({ socket }) => socket.shared?.role === "host");
      const counts = tabs.map(({ socket }) => socket.shared?.tabs);
      if (!tabs.length) continue;
      this.#claim(hosts.length === 1, `${hosts.length} hosts for ${tabs.length} tabs`);
      this.#claim(
        counts.every((count) => count === tabs.length),
        `${tabs.length} tabs count ${counts.join(" ")}`,
      );
    }
    const { sessions, offences } = this.#server;
    const keys = new Set(live.map(({ key }) => key)).size;
    this.#claim(sessions.size === keys, `${sessions.size} connections for ${keys} keys`);
    const avoidable = offences.filter(({ isAvoidable }) => isAvoidable);
    this.#claim(!avoidable.length, `offences: ${avoidable.map(({ what }) => what).join("; ")}`);
  }

  async #end(): Promise<void> {
    const browser = this.#browser;
    for (const { tab, socket } of this.#live) tab.run(() => socket.disconnect());
    await this.#world.pass(ENDING);
    this.#claim(!browser.held.length, `${browser.held.length} locks are held in the end`);
    this.#claim(!browser.waiting, `${browser.waiting} locks are asked for in the end`);
    this.#claim(!browser.channels, `${browser.channels} channels are open in the end`);
    const listeners = this.#live.reduce((sum, { tab }) => sum + tab.listeners, 0);
    this.#claim(!listeners, `${listeners} listeners of pages are left`);
    this.#claim(!this.#server.sessions.size, `${this.#server.sessions.size} connections are left`);
    this.#claim(!this.#world.timers, `${this.#world.timers} timers are left`);
  }
}
