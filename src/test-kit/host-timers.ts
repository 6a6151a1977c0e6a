import { reportError } from "../errors.js";
import { hostError } from "./host-events.js";
import type { Due, World } from "./world.js";

/** Hosts treat a longer delay as none. */
const LONGEST = 2 ** 31 - 1;
/** The first value of `performance.now()`. */
const ORIGIN = 1_600_000_000_000;

type Task = (...args: unknown[]) => void;

/** Reads a delay as hosts do: a number in a string counts; a value that is not a number, or too long, counts as 0. */
function delayOf(ms: unknown): number {
  const delay = ms === undefined ? 0 : +(ms as number);
  return delay <= LONGEST ? delay : 1;
}

/** The methods that programs for Node expect of a timer. */
class Timer {
  constructor(public due: Due) {}

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** Timers of the page, in virtual time. */
export function replaceTimers(time: World): void {
  const { clearTimeout: clearOwn, queueMicrotask: queueOwn } = globalThis;
  const clear = (timer?: unknown): void => {
    if (timer instanceof Timer) timer.due.task = undefined;
    else clearOwn(timer as never);
  };
  const bound = (task: Task, args: unknown[]): (() => void) =>
    args.length ? () => task(...args) : (task as () => void);
  const replace = (name: string, value: (...args: never[]) => unknown): void =>
    time.replaceFunction(globalThis, name, value);
  replace(
    "setTimeout",
    (task: Task, ms?: unknown, ...args: unknown[]) =>
      new Timer(time.timer(delayOf(ms), bound(task, args))),
  );
  replace("clearTimeout", clear);
  replace(
    "setInterval",
    (task: Task, ms?: unknown, ...args: unknown[]) =>
      new Timer(time.timer(delayOf(ms), bound(task, args), true)),
  );
  replace("clearInterval", clear);
  if ("setImmediate" in globalThis) {
    replace(
      "setImmediate",
      (task: Task, ...args: unknown[]) => new Timer(time.timer(0, bound(task, args))),
    );
    replace("clearImmediate", clear);
  }
  replace("queueMicrotask", (task: () => void) =>
    queueOwn(() => {
      try {
        task();
      } catch (error) {
        reportError(error);
      }
    }),
  );
  if (typeof AbortSignal === "function" && "timeout" in AbortSignal)
    time.replaceFunction(AbortSignal, "timeout", (ms: number) => {
      const controller = new AbortController();
      time.timer(delayOf(ms), () =>
        controller.abort(hostError("TimeoutError", "The operation was aborted due to timeout")),
      );
      return controller.signal;
    });
}

/** Clocks of the page: the system clock has whole milliseconds, as in hosts. */
export function replaceClocks(time: World): void {
  const wall = (): number => Math.floor(time.now + time.offset);
  const HostDate = Date;
  time.replaceFunction(HostDate, "now", wall);
  time.replaceFunction(performance, "now", () => time.now - ORIGIN);
  const virtual: DateConstructor = new Proxy(HostDate, {
    apply: (own) => (time.isEntered ? new own(wall()).toString() : own()),
    construct: (own, args: never[], target: new () => unknown): object =>
      Reflect.construct(
        own,
        args.length || !time.isEntered ? args : [wall()],
        (target as unknown) === virtual ? own : target,
      ) as object,
  });
  time.cover(globalThis, "Date", virtual);
}
