import { keepTicks, turn } from "./event-loop.js";
import { TautlineError } from "../errors.js";
import { seedCrypto } from "./host-chance.js";
import { replaceClocks, replaceTimers } from "./host-timers.js";
import type { Due, World } from "./world.js";
import { seeded } from "./seeded.js";

/** The owner of a timer: a frozen page does not delay those of a server. */
type Side = Due["side"];

/** How many tasks may run at one moment: a program with more of them is in an endless loop. */
const MOST_AT_ONCE = 100_000;
/** As in hosts: timers that are nested deeper have at least this delay in milliseconds. */
const DEPTH = 5;
const NESTED = 4;
/** The first date of a world whose dates are in a transcript. */
export const BEGINNING = 1_700_000_000_000;
const DAY = 86_400_000;
/** Each world begins a day after the last, so that memory of one does not affect the next. */
let days = 0;

/**
 * A world with its own time and its own random numbers: timers of the page and events of the network and the server
 * happen in one order that depends only on the seed. `performance.now()` and timers follow `now`, which only increases;
 * `Date.now()` is the system clock, which may be set.
 */
export class VirtualTime implements World {
  now: number;
  /** How many milliseconds the system clock is wrong. */
  offset = 0;
  /** Timers of 100 ms or more fire this much later, as on a throttled page. */
  lag = 0;
  /** Until then no timer of the page fires: it is frozen. */
  frozenUntil = 0;
  readonly random: () => number;
  private readonly _start: number;
  private readonly _due: Due[] = [];
  /** The owner of the running task. */
  private _side: Side = "page";
  private _depth = 0;
  private _atOnce = 0;
  private readonly _ids: () => number;
  private _restore: (() => void)[] = [];
  private _own: readonly unknown[] = [];

  /** @param start - the date at the beginning. @default a day after the last world */
  constructor(seed: number, start = BEGINNING + ++days * DAY) {
    this._start = this.now = start;
    this.random = seeded(seed);
    this._ids = seeded(seed);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.now - this._start;
  }

  /** How many timers of the page are pending. */
  get timers(): number {
    return this._due.filter(({ isTimer, task }) => isTimer && task).length;
  }

  /** Its clock and its random numbers are used by the page. */
  get isEntered(): boolean {
    return this._restore.length > 0;
  }

  /** Other timers have replaced these. */
  get isReplaced(): boolean {
    return this.isEntered && [setTimeout, Date, Date.now].some((one, at) => one !== this._own[at]);
  }

  /** Whether an event is due by then. */
  isDue(until: number): boolean {
    return this._due.some(({ task, at }) => task && at <= until);
  }

  /** Runs a task of the page after `ms`, unless the page is frozen. */
  pageAfter(ms: number, task: () => void): Due {
    return this._add(ms, task, "page", true);
  }

  /** The same for events from the network, which are not timers. Returns a function that cancels it. */
  tellAfter(ms: number, task: () => void): () => void {
    return takingBack(this._add(ms, task, "page", false));
  }

  /** A timer of the running owner: the page or a server. */
  timer(ms: number, task: () => void, isRepeated = false): Due {
    const late = ms < 100 ? ms : ms + this.lag;
    const least = isRepeated ? 1 : this._depth > DEPTH ? NESTED : 0;
    const wait = Math.max(least, late);
    const side = this._side === "server" ? "server" : "page";
    return this._add(wait, task, side, true, isRepeated ? wait : undefined);
  }

  /** The code that follows belongs to a server, and so do its timers. Until the next task. */
  asServer(): void {
    this._side = "server";
  }

  /** Ends the freeze: timers that came due meanwhile fire now. */
  thaw(): void {
    this.frozenUntil = 0;
    for (const due of this._due.filter(({ isHeld }) => isHeld)) {
      this._due.splice(this._due.indexOf(due), 1);
      due.isHeld = false;
      this._insert(due, this.now);
    }
  }

  /** An event of the world, after `ms`. Returns a function that cancels it. */
  after(ms: number, task: () => void): () => void {
    return takingBack(this._add(ms, task, this._side === "server" ? "server" : "world", false));
  }

  pick(count: number): number {
    return Math.floor(this.random() * count);
  }

  /** Makes the page use this world. */
  enter(): void {
    replaceTimers(this);
    replaceClocks(this);
    this._own = [setTimeout, Date, Date.now];
    this.replace(Math, "random", this.random);
    keepTicks((...call) => this.replace(...call));
    seedCrypto(this, this._ids);
  }

  /** Replaces a property of an object until the world is left. */
  replace(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this._restore.push(() => {
      if (own) Object.defineProperty(target, name, own);
      else Reflect.deleteProperty(target, name);
    });
  }

  /**
   * The same for a function that fakes may be put over: they keep it, and give it back when this world is left. It does then
   * what the host's own does, and theirs stay where they are.
   */
  replaceFunction(target: object, name: string, inside: (...args: never[]) => unknown): void {
    const outside = (target as Record<string, unknown>)[name];
    const value = (...args: never[]): unknown =>
      this.isEntered || typeof outside !== "function"
        ? inside(...args)
        : (Reflect.apply(outside, target, args) as unknown);
    this.cover(target, name, value);
  }

  /** {@link replace}, but a replacement that was made on top of it meanwhile stays. */
  cover(target: object, name: string, value: unknown): void {
    this.replace(target, name, value);
    const restore = this._restore.pop() as () => void;
    this._restore.push(() => {
      if ((target as Record<string, unknown>)[name] === value) restore();
    });
  }

  /** The same for a property that is read anew each time. */
  replaceGetter(target: object, name: string, get: () => unknown): void {
    this.replace(target, name, undefined);
    Object.defineProperty(target, name, { get, configurable: true });
  }

  /** Something to undo when the world is left. */
  onLeave(undo: () => void): void {
    this._restore.push(undo);
  }

  leave(): void {
    for (const restore of this._restore.splice(0).reverse()) restore();
  }

  /** Runs everything that is due in the next `ms`. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    while (await this.step(until));
  }

  /** Runs the next event, if it is due by then; otherwise only the time advances. */
  async step(until: number): Promise<boolean> {
    await turn();
    return this.run(until);
  }

  /** {@link step} without a turn of ticks and promises before it. */
  run(until: number): boolean {
    const due = this._next(until);
    if (!due) {
      this._begin(until, "page", 0);
      return false;
    }
    const { task, every, side, depth } = due;
    this._begin(due.at, side, depth);
    if (every === undefined) due.task = undefined;
    else this._insert(due, this.now + every);
    task?.();
    return true;
  }

  /**
   * Whether a condition is true before the next thing happens, because of the time alone. If so, the time is then the first
   * millisecond at which it is.
   */
  waitFor(until: number, isTrue: () => boolean): boolean {
    const from = this.now;
    const last = this._due.reduce(
      (at, due) => (due.task ? Math.min(at, this._runsAt(due)) : at),
      until,
    );
    const timeAt = (ms: number): number => Math.min(from + ms, last);
    const isTrueAfter = (ms: number): boolean => {
      this.now = timeAt(ms);
      try {
        return isTrue();
      } finally {
        this.now = from;
      }
    };
    let early = 0;
    let late = Math.ceil(last - from);
    if (late <= 0 || !isTrueAfter(late)) return false;
    while (late - early > 1) {
      const middle = (early + late) >> 1;
      if (isTrueAfter(middle)) late = middle;
      else early = middle;
    }
    this._begin(timeAt(late), "page", 0);
    return true;
  }

  private _begin(at: number, side: Side, depth: number): void {
    if (at > this.now) this._atOnce = 0;
    this.now = Math.max(this.now, at);
    this._side = side;
    this._depth = depth;
    if (++this._atOnce <= MOST_AT_ONCE) return;
    this._atOnce = 0;
    throw new TautlineError(
      "timeout",
      `time stands still at ${this.elapsed} ms: ${MOST_AT_ONCE} tasks at one moment, each of which sets another`,
    );
  }

  private _next(until: number): Due | undefined {
    const list = this._due;
    while (list[0] && list[0].at <= until) {
      const due = list.shift() as Due;
      if (!due.task) continue;
      const at = this._runsAt(due);
      if (at <= due.at) return due;
      due.isHeld = true;
      this._insert(due, at);
    }
    return undefined;
  }

  /** A frozen page holds its timers. */
  private _runsAt({ at, side }: Due): number {
    return side === "page" ? Math.max(at, this.frozenUntil) : at;
  }

  private _add(ms: number, task: () => void, side: Side, isTimer: boolean, every?: number): Due {
    const depth = isTimer ? this._depth + 1 : 0;
    const due = { at: 0, task, side, isTimer, depth, every };
    return this._insert(due, this.now + Math.max(0, ms));
  }

  private _insert(due: Due, at: number): Due {
    const list = this._due;
    due.at = at;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] as Due).at <= at) low = middle + 1;
      else high = middle;
    }
    list.splice(low, 0, due);
    return due;
  }
}

function takingBack(due: Due): () => void {
  return () => {
    due.task = undefined;
  };
}
