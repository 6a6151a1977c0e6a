/**
 * Outboxes on disks that fail, in tabs that die: a seeded program of steps, and the claims that must hold whatever happens.
 * `npm run check:model -- --stores 2000` runs many.
 *
 * To extend: add a step to `Step`, to `randomStep` and to `StoreModel.#do`, and what it may break to `#brokenClaims`; a
 * fault that must be found to `StoreFault`.
 */
import { durable, type Settled } from "../../src/durable/index.js";
import { Socket } from "../../src/socket/socket.js";
import { seeded } from "../../src/test-kit/seeded.js";
import {
  Air,
  arrive,
  Clock,
  Disk,
  type Life,
  Locks,
  ModelLine,
  type Mood,
  Server,
  turn,
  type Wire,
} from "./stores-world.js";

/** What is broken on purpose: each of them breaks a claim. */
export type StoreFault =
  | "loses what it stores"
  | "reads backwards"
  | "removes nothing"
  | "keeps duplicates"
  | "lets every tab send"
  | "ignores the turn"
  | "lets newer ones pass"
  | "mixes identities"
  | "never acks"
  | "refuses all"
  | "leaves errors alone";

export type Step =
  | { do: "open" | "connect" | "up" | "down" | "wire" | "disk" | "air" | "cut"; at: number }
  | { do: "emit" | "plain"; at: number }
  | { do: "die"; at: number; late: boolean }
  | { do: "mood"; at: number; mood: Mood }
  | { do: "wait"; at: number; ms: number };

export interface StoreProgram {
  config: {
    dedupe: boolean;
    locks: boolean;
    /** Of tabs at a time. */
    tabs: number;
    identities: number;
    /** Nothing fails, no time passes, and there is one tab: what was stored is never overtaken. */
    calm: boolean;
    /** One packet in so many is poison; 0: none. Then nothing else ends a connection. */
    poison: number;
  };
  steps: Step[];
}

interface Tab extends Life {
  readonly identity: number;
  readonly line: ModelLine;
  readonly socket: Socket;
}

interface Told {
  readonly n: number;
  readonly identity: number;
  readonly kind: "good" | "refuses" | "keeps silent" | "dies";
  outcome: "stored" | "failed" | undefined;
  readonly settled: Settled[];
}

const LENGTH = 160;
const HEALING = 6000;
const ENOUGH = 40;

export function randomProgram(seed: number): StoreProgram {
  const chance = seeded(seed);
  const below = (count: number): number => Math.floor(chance() * count);
  const isCalm = chance() < 0.2;
  const poison = !isCalm && chance() < 0.2 ? 2 + below(4) : 0;
  const config = {
    dedupe: chance() < 0.7,
    locks: chance() < 0.8,
    tabs: isCalm ? 1 : 1 + below(3),
    identities: chance() < 0.3 ? 2 : 1,
    calm: isCalm,
    poison,
  };
  const moods: Mood[] = ["well", "well", "full", "broken", "hangs", "forgetful"];
  const randomStep = (): Step => {
    const at = below(6);
    const what = chance();
    if (what < 0.05) return { do: "open", at };
    if (what < 0.11) return { do: "connect", at };
    if (what < 0.28) return { do: "up", at };
    if (what < 0.42) return { do: "down", at };
    if (what < 0.45) return { do: "wire", at };
    if (what < 0.74) return { do: "disk", at };
    if (what < 0.77) return { do: "air", at };
    if (what < 0.86) return { do: "emit", at };
    if (what < 0.9) return { do: "plain", at };
    if (what < 0.93) return poison ? { do: "up", at } : { do: "cut", at };
    if (what < 0.96) return { do: "die", at, late: chance() < 0.5 };
    if (isCalm) return { do: "up", at };
    if (what < 0.98) return { do: "mood", at, mood: moods[below(moods.length)] as Mood };
    return { do: "wait", at, ms: chance() < 0.5 ? 100 : 6000 };
  };
  const steps = Array.from({ length: LENGTH }, randomStep);
  return { config, steps: [{ do: "open", at: 0 }, { do: "connect", at: 0 }, ...steps] };
}

/** Runs a program; says which claims it breaks. */
export async function runStores(program: StoreProgram, fault?: StoreFault): Promise<string[]> {
  const model = new StoreModel(program, fault);
  const errors: string[] = [];
  const note = (error: unknown): void =>
    void errors.push(`an error escaped: ${String((error as Error)?.stack ?? error)}`);
  process.on("unhandledRejection", note);
  try {
    const broken = await model.run();
    return [...broken, ...errors];
  } finally {
    process.off("unhandledRejection", note);
    model.leave();
  }
}

export interface StoreFailure {
  seed: number;
  broken: string[];
}

export async function checkStores(
  first: number,
  count: number,
  fault?: StoreFault,
): Promise<StoreFailure | undefined> {
  for (let seed = first; seed < first + count; seed++) {
    const broken = await runStores(randomProgram(seed), fault);
    if (broken.length) return { seed, broken };
  }
  return undefined;
}

/** The kind of a broken claim: the same words, whatever the numbers. */
const kindOf = (claim: string): string => claim.replace(/\d+/g, "#");

/** A failing program without the steps that it doesn't need to fail in the same way. */
export async function minimiseStores(
  program: StoreProgram,
  fault?: StoreFault,
): Promise<{ program: StoreProgram; broken: string[] }> {
  const [first = ""] = await runStores(program, fault);
  const fails = async (steps: Step[]): Promise<boolean> =>
    (await runStores({ ...program, steps }, fault)).some((one) => kindOf(one) === kindOf(first));
  let { steps } = program;
  for (let size = Math.ceil(steps.length / 2); size > 0; size = Math.floor(size / 2))
    for (let at = 0; at < steps.length;) {
      const fewer = steps.filter((_step, i) => i < at || i >= at + size);
      if (await fails(fewer)) steps = fewer;
      else at += size;
    }
  const smallest = { ...program, steps };
  return { program: smallest, broken: await runStores(smallest, fault) };
}

class StoreModel {
  readonly #program: StoreProgram;
  readonly #fault: StoreFault | undefined;
  readonly #clock = new Clock();
  readonly #air = new Air();
  readonly #locks = new Locks();
  readonly #server: Server;
  readonly #disks = new Map<string, Disk>();
  readonly #told: Told[] = [];
  readonly #broken: string[] = [];
  /** Wires that are lost for their tabs, and whose frames may still arrive. */
  readonly #old: Wire[] = [];
  readonly #wires = new Map<Wire, Tab>();
  /** Plain packets with what was stored in their tab before. */
  readonly #plain = new Map<number, number[]>();
  readonly #globals: Record<string, PropertyDescriptor | undefined> = {};
  #tabs: Tab[] = [];
  #now: Life = { isDead: false };
  #count = 0;

  constructor(program: StoreProgram, fault: StoreFault | undefined) {
    this.#program = program;
    this.#fault = fault;
    const { config } = program;
    this.#server = new Server(config.dedupe, (n, wire) => {
      const told = this.#told[n];
      const tab = this.#wires.get(wire);
      if (told && tab && told.identity !== tab.identity)
        this.#broken.push(`${n} was sent by another identity`);
      if (fault === "never acks") return "keeps silent";
      if (fault === "refuses all") return "refuses";
      if (fault === "leaves errors alone") void Promise.reject(new Error("alone"));
      return !told || told.kind === "good" ? "acks" : told.kind;
    });
    this.#server.isLying = fault === "keeps duplicates";
    this.#locks.isOpen = fault === "lets every tab send";
    // what is asked for the turn says yes at once
    const hasLocks = config.locks && fault !== "ignores the turn";
    this.#diskOf = (scope) => {
      const key = fault === "mixes identities" ? "" : scope;
      let disk = this.#disks.get(key);
      if (!disk) this.#disks.set(key, (disk = new Disk()));
      disk.isLying = fault === "loses what it stores";
      disk.isBackward = fault === "reads backwards";
      disk.isHoarding = fault === "removes nothing";
      return disk;
    };
    this.#set(
      "BroadcastChannel",
      this.#air.classFor(() => this.#now),
    );
    const locksNow = (): unknown => hasLocks && this.#locks.of(this.#now);
    this.#set("navigator", {
      get locks() {
        return locksNow() || undefined;
      },
    });
  }

  readonly #diskOf: (scope: string) => Disk;

  #set(name: string, value: unknown): void {
    this.#globals[name] = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  leave(): void {
    for (const [name, descriptor] of Object.entries(this.#globals))
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete (globalThis as Record<string, unknown>)[name];
  }

  async run(): Promise<string[]> {
    for (const step of this.#program.steps) {
      await this.#do(step);
      await turn();
    }
    await this.#heal();
    return [...this.#broken, ...this.#server.broken, ...this.#brokenClaims()];
  }

  #tab(at: number): Tab | undefined {
    const tab = this.#tabs[at % Math.max(this.#tabs.length, 1)];
    if (tab) this.#now = tab;
    return tab;
  }

  async #do(step: Step): Promise<void> {
    const { config } = this.#program;
    if (step.do === "open") {
      if (this.#tabs.length < config.tabs) this.#open(step.at % config.identities);
      return;
    }
    if (step.do === "wait") return this.#clock.pass(step.ms);
    if (step.do === "wire") {
      const [wire] = this.#old;
      if (wire && !arrive(wire, this.#server)) this.#old.shift();
      return;
    }
    if (step.do === "air") return void this.#air.step();
    if (step.do === "disk" || step.do === "mood") {
      const disk = [...this.#disks.values()][step.at % Math.max(this.#disks.size, 1)];
      if (step.do === "mood" && disk) disk.mood = step.mood;
      else disk?.step();
      return;
    }
    const tab = this.#tab(step.at);
    if (!tab) return;
    switch (step.do) {
      case "connect":
        return this.#connect(tab);
      case "up":
        tab.line.up();
        return this.#watchDoom(tab);
      case "down":
        return void tab.line.down();
      case "cut":
        return this.#cut(tab);
      case "emit":
        return this.#emit(tab);
      case "plain": {
        const n = 1000 + this.#plain.size;
        const before = this.#told.filter((one) => one.outcome === "stored").map((one) => one.n);
        this.#plain.set(n, before);
        const isHasty = this.#fault === "lets newer ones pass";
        return void (isHasty ? tab.socket.volatile : tab.socket).emit("n", n);
      }
      case "die":
        return this.#die(tab, step.late);
    }
  }

  #open(identity: number): Tab {
    const life = { isDead: false };
    this.#now = life;
    const timers = this.#clock.timersOf(life);
    const scopes: string[] = [];
    const line = new ModelLine(timers, life, this.#server, (frame) =>
      this.#watchTurn(tab, scopes[0] ?? "", frame),
    );
    const part = durable({
      name: "app",
      identity,
      tries: this.#program.config.poison ? 3 : ENOUGH,
      ackTimeout: 30_000,
      store: (scope) => {
        scopes.push(scope);
        return this.#diskOf(scope).storeOf(life);
      },
    });
    const socket = new Socket(undefined, line, "/", {}, (host) => part.wrap(host, "/", undefined));
    const tab: Tab = Object.assign(life, { identity, line, socket });
    socket.durable.on("settled", (settled) => {
      if (!life.isDead) this.#told[settled.args[0] as number]?.settled.push(settled);
    });
    socket.connect();
    this.#tabs.push(tab);
    return tab;
  }

  #connect(tab: Tab): void {
    if (tab.line.open() && tab.line.wire) this.#wires.set(tab.line.wire, tab);
  }

  #cut(tab: Tab): void {
    const wire = tab.line.cut();
    if (wire) this.#old.push(wire);
  }

  #watchDoom(tab: Tab): void {
    if (tab.line.wire?.isDoomed) this.#cut(tab);
  }

  #die(tab: Tab, isLate: boolean): void {
    tab.isDead = true;
    this.#tabs = this.#tabs.filter((one) => one !== tab);
    const { wire } = tab.line;
    if (wire) {
      wire.isOver = true;
      this.#old.push(wire);
    }
    for (const disk of this.#disks.values()) disk.bury(tab, isLate);
    this.#air.bury(tab);
    this.#locks.bury(tab);
  }

  #emit(tab: Tab): void {
    const n = this.#count++;
    const { poison } = this.#program.config;
    const kinds = ["refuses", "keeps silent", "dies"] as const;
    const kind = poison && n % poison === 1 ? (kinds[n % 3] as (typeof kinds)[number]) : "good";
    const told: Told = { n, identity: tab.identity, kind, outcome: undefined, settled: [] };
    this.#told[n] = told;
    tab.socket.durable.emit("n", n).then(
      () => (told.outcome = "stored"),
      () => (told.outcome = "failed"),
    );
  }

  /** A tab sends what is stored only while it has the lock. */
  #watchTurn(tab: Tab, scope: string, frame: string): void {
    if (!this.#program.config.locks || !frame.startsWith("2") || frame.includes('["$tautline"'))
      return;
    const n = JSON.parse(frame.slice(frame.indexOf("[")))[1] as number;
    const told = this.#told[n];
    if (told?.outcome === "stored" && !this.#locks.holds(scope, tab))
      this.#broken.push(`${n} was sent by a tab that did not have its turn`);
    const others = this.#tabs.filter((one) => one !== tab && this.#locks.holds(scope, one));
    if (told?.outcome === "stored" && others.length)
      this.#broken.push(`${n} was sent while another tab had its turn`);
  }

  /** Everything works again: what is due is done. */
  async #heal(): Promise<void> {
    const { config } = this.#program;
    for (const disk of this.#disks.values()) disk.mood = "well";
    const scopes = new Set(this.#tabs.map(({ identity }) => identity));
    for (let identity = 0; identity < config.identities; identity++)
      if (!scopes.has(identity)) this.#open(identity);
    for (const wire of this.#old.splice(0)) while (arrive(wire, this.#server));
    let quiet = 0;
    // tabs that wait for their turn ask from time to time: it is never quiet for good
    let rests = 0;
    for (let i = 0; i < HEALING && quiet < 4 && rests < 40; i++) {
      let isMoved = false;
      for (const disk of this.#disks.values()) if (disk.step(true)) isMoved = true;
      for (const tab of this.#tabs) {
        this.#now = tab;
        this.#connect(tab);
        if (tab.line.up()) isMoved = true;
        this.#watchDoom(tab);
        if (tab.line.down()) isMoved = true;
        await turn();
      }
      if (this.#air.step()) isMoved = true;
      await turn();
      if (isMoved) quiet = 0;
      else {
        // what is done soon; acks that do not come, and stores that did not answer
        quiet++;
        rests++;
        await this.#clock.pass(config.calm ? 100 : 31_000);
      }
      // what the store could not give before is read with the next connect
      if (!isMoved && rests === 2) for (const tab of this.#tabs) this.#cut(tab);
    }
  }

  #brokenClaims(): string[] {
    const { config } = this.#program;
    const { applied } = this.#server;
    const broken: string[] = [];
    const claim = (holds: boolean, words: string): void => {
      if (!holds) broken.push(words);
    };
    const firsts = new Map<number, number>();
    applied.forEach((n, at) => firsts.has(n) || firsts.set(n, at));
    for (const { n, outcome, kind, settled } of this.#told) {
      const times = applied.filter((one) => one === n).length;
      const statuses = new Set(settled.map(({ status }) => status));
      if (outcome === "stored") {
        claim(times > 0, `${n} was stored, and did not arrive`);
        const wanted = kind === "good" ? "delivered" : "refused";
        claim(statuses.has(wanted), `${n} was stored, and not ${wanted}: ${[...statuses].join()}`);
      }
      const unwanted = kind === "good" ? "refused" : "delivered";
      claim(!statuses.has(unwanted), `${n} was ${unwanted}`);
      if (config.dedupe) claim(times < 2, `${n} was handled ${times} times`);
    }
    for (const disk of this.#disks.values())
      claim(!disk.packets.size, `${disk.packets.size} packets are left in the store`);
    for (let identity = 0; identity < config.identities; identity++) {
      const stored = this.#told.filter(
        (one) => one.identity === identity && one.outcome === "stored",
      );
      // of one tab at a time, they are stored in the order of the emits
      if (config.tabs > 1) continue;
      const places = stored.map(({ n }) => firsts.get(n) ?? Infinity);
      const at = places.findIndex((place, i) => place < (places[i - 1] ?? -1));
      claim(at < 0, `${stored[at]?.n} arrived before ${stored[at - 1]?.n}`);
    }
    if (!config.calm) return broken;
    for (const [n, before] of this.#plain) {
      const place = firsts.get(n) ?? Infinity;
      for (const one of before)
        if (this.#told[one]?.identity === 0 || config.identities === 1)
          claim(
            config.identities > 1 || place >= (firsts.get(one) ?? Infinity),
            `the plain ${n} arrived before ${one}, which was stored`,
          );
    }
    return broken;
  }
}
