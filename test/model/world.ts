/**
 * A world with its own time and its own chance: timers of the library and events of the network and the server happen
 * in one order that depends on the seed alone. `performance.now()` and timers follow `now`, which only goes forward;
 * `Date.now()` is the clock on the wall, which somebody may set.
 */
import { seeded } from "../support/seeded.js";

interface Due {
  at: number;
  order: number;
  task: (() => void) | undefined;
  isTimer: boolean;
}

const DAY = 86_400_000;
/** Each world begins a day after the last: what the library remembers of one means nothing in the next. */
let days = 0;

export class World {
  now: number;
  /** The clock on the wall is so many milliseconds wrong. */
  offset = 0;
  /** A fault that no host has: timers of 100 ms or more ring so much later. */
  lag = 0;
  readonly random: () => number;
  readonly #start: number;
  readonly #due: Due[] = [];
  #order = 0;
  readonly #ids: () => number;
  #restore: (() => void)[] = [];

  constructor(seed: number) {
    this.#start = this.now = 1_700_000_000_000 + ++days * DAY;
    this.random = seeded(seed);
    this.#ids = seeded(seed);
  }

  /** Milliseconds since the beginning. */
  get elapsed(): number {
    return this.now - this.#start;
  }

  /** Timers of the library that are under way. */
  get timers(): number {
    return this.#due.filter(({ isTimer, task }) => isTimer && task).length;
  }

  /** An event of the world, after `ms`. */
  after(ms: number, task: () => void): () => void {
    const due = this.#add(ms, task, false);
    return () => {
      due.task = undefined;
    };
  }

  pick(count: number): number {
    return Math.floor(this.random() * count);
  }

  /** Puts the library into this world. */
  enter(): void {
    const replace = this.replace.bind(this);
    replace(globalThis, "setTimeout", (task: () => void, ms = 0) =>
      this.#add(ms < 100 ? ms : ms + this.lag, task, true),
    );
    replace(globalThis, "clearTimeout", (due?: Due) => {
      if (due) due.task = undefined;
    });
    replace(globalThis, "fetch", undefined);
    replace(Date, "now", () => this.now + this.offset);
    replace(performance, "now", () => this.now - 1_600_000_000_000);
    replace(Math, "random", this.random);
    // ids have a generator of their own: what is drawn for them shifts nothing else
    replace(crypto, "getRandomValues", (numbers: Uint32Array) =>
      numbers.map(() => this.#ids() * 2 ** 32),
    );
    // nobody reads the stacks of ten thousand errors
    replace(Error, "stackTraceLimit", 0);
  }

  /** Puts a property in the place of another, until the world is left. */
  replace(target: object, name: string, value: unknown): void {
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    this.#restore.push(() => {
      if (own) Object.defineProperty(target, name, own);
      else Reflect.deleteProperty(target, name);
    });
  }

  leave(): void {
    for (const restore of this.#restore.splice(0)) restore();
  }

  /** Lets everything happen that is due in the next `ms`. */
  async pass(ms: number): Promise<void> {
    const until = this.now + ms;
    await turn();
    for (;;) {
      const due = this.#due[0];
      if (!due || due.at > until) break;
      this.#due.shift();
      if (!due.task) continue;
      this.now = Math.max(this.now, due.at);
      const { task } = due;
      due.task = undefined;
      task();
      await turn();
    }
    this.now = until;
  }

  #add(ms: number, task: () => void, isTimer: boolean): Due {
    const due = { at: this.now + Math.max(0, ms), order: this.#order++, task, isTimer };
    let low = 0;
    let high = this.#due.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#due[middle] as Due).at <= due.at) low = middle + 1;
      else high = middle;
    }
    this.#due.splice(low, 0, due);
    return due;
  }
}

/** Ticks and promises have had their turn; the real event loop is used for nothing else. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
