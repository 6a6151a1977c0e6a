import { keepTicks, turn } from "./event-loop.js";
import { seedCrypto } from "./host-chance.js";
import { seeded } from "./seeded.js";

interface Due {
  at: number;
  readonly order: number;
  task: (() => void) | undefined;
  readonly isTimer: boolean;
  /** Milliseconds: it comes again. */
  readonly every: number | undefined;
}

const DAY = 86_400_000;
/** Each world begins a day after the last: what a client remembers of one means nothing in the next. */
let days = 0;

/**
 * A world with its own time and its own chance: timers of the page and events of the network and the server happen in one
 * order that depends on the seed alone. `performance.now()` and timers follow `now`, which only goes forward; `Date.now()` is
 * the clock on the wall, which somebody may set.
 */
export class VirtualTime {
  now: number;
  /** The clock on the wall is so many milliseconds wrong. */
  offset = 0;
  /** Timers of 100 ms or more ring so much later, as where a page is throttled. */
  lag = 0;
  /** Until then no timer of the page rings: it is frozen. */
  frozenUntil = 0;
  readonly random: () => number;
  private readonly _start: number;
  private readonly _due: Due[] = [];
  private _order = 0;
  private readonly _ids: () => number;
  private _restore: (() => void)[] = [];
  private _setTimeout: unknown;

  constructor(seed: number) {
    this._start = this.now = 1_700_000_000_000 + ++days * DAY;
    this.random = seeded(seed);
    this._ids = seeded(seed);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.now - this._start;
  }

  /** Timers of the page that are under way. */
  get timers(): number {
    return this._due.filter(({ isTimer, task }) => isTimer && task).length;
  }

  /** Its clock and its chance are those of the page. */
  get isEntered(): boolean {
    return this._restore.length > 0;
  }

  /** Somebody has put other timers in the place of these. */
  get isReplaced(): boolean {
    return this.isEntered && globalThis.setTimeout !== this._setTimeout;
  }

  /** Whether something happens by then. */
  isDue(until: number): boolean {
    return this._due.some(({ task, at }) => task && at <= until);
  }

  /** Something of the page, after `ms`: a frozen page does not do it. */
  pageAfter(ms: number, task: () => void): void {
    this._add(ms, task, true);
  }

  /** An event of the world, after `ms`. Returns what takes it back. */
  after(ms: number, task: () => void): () => void {
    const due = this._add(ms, task, false);
    return () => {
      due.task = undefined;
    };
  }

  pick(count: number): number {
    return Math.floor(this.random() * count);
  }

  /** Puts the page into this world. */
  enter(): void {
    const clear = (due?: Due): void => {
      if (due && typeof due === "object") due.task = undefined;
    };
    const late = (ms: number): number => (ms < 100 ? ms : ms + this.lag);
    this.replace(globalThis, "setTimeout", (task: () => void, ms = 0, ...args: never[]) =>
      this._add(late(ms), args.length ? task.bind(undefined, ...args) : task, true),
    );
    this._setTimeout = globalThis.setTimeout;
    this.replace(globalThis, "clearTimeout", clear);
    this.replace(globalThis, "setInterval", (task: () => void, ms = 0, ...args: never[]) =>
      this._add(
        late(ms),
        args.length ? task.bind(undefined, ...args) : task,
        true,
        Math.max(1, ms),
      ),
    );
    this.replace(globalThis, "clearInterval", clear);
    this.replace(Date, "now", () => this.now + this.offset);
    this.replace(performance, "now", () => this.now - 1_600_000_000_000);
    this.replace(Math, "random", this.random);
    keepTicks((...call) => this.replace(...call));
    seedCrypto(this, this._ids);
  }

  /** Puts a property in the place of another, until the world is left. */
  replace(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this._restore.push(() => {
      if (own) Object.defineProperty(target, name, own);
      else Reflect.deleteProperty(target, name);
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

  /** Lets everything happen that is due in the next `ms`. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    while (await this.step(until));
  }

  /** Lets the next thing happen, if it is due by then; otherwise only the time passes. */
  async step(until: number): Promise<boolean> {
    await turn();
    return this.run(until);
  }

  /** {@link step} without a turn of ticks and promises before it. */
  run(until: number): boolean {
    const due = this._next(until);
    if (!due) {
      this.now = until;
      return false;
    }
    this.now = Math.max(this.now, due.at);
    const { task, every } = due;
    if (every === undefined) due.task = undefined;
    else this._insert(due, this.now + every);
    task?.();
    return true;
  }

  private _next(until: number): Due | undefined {
    const list = this._due;
    while (list[0] && list[0].at <= until) {
      const due = list.shift() as Due;
      if (!due.task) continue;
      if (!due.isTimer || due.at >= this.frozenUntil) return due;
      this._insert(due, this.frozenUntil);
    }
    return undefined;
  }

  private _add(ms: number, task: () => void, isTimer: boolean, every?: number): Due {
    const due = { at: 0, order: this._order++, task, isTimer, every };
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
