import { reportError } from "../errors.js";
import { atEndOfTick } from "../platform/browser.js";

interface Timers {
  setImmediate?: (task: () => void) => void;
}

interface Process {
  nextTick?: (task: () => void) => void;
  getBuiltinModule?(name: "node:timers"): Timers;
  on?(event: "unhandledRejection", listener: (error: unknown) => void): unknown;
  listeners?(event: "unhandledRejection"): ((error: unknown) => void)[];
  removeAllListeners?(event: "unhandledRejection"): unknown;
}

interface Loop extends Timers {
  MessageChannel?: typeof MessageChannel;
  setTimeout(task: () => void): unknown;
  process?: Process;
}

/**
 * The real event loop, saved before somebody replaced it. It is used only to give ticks and promises their turn. If
 * fake timers were installed before this module, Node's own timers are still in `node:timers`.
 */
const {
  MessageChannel: Channel,
  setTimeout: later,
  setImmediate,
  process,
} = globalThis as unknown as Loop;
const immediate = process?.getBuiltinModule?.("node:timers").setImmediate ?? setImmediate;
const ownTick = process?.nextTick;
/**
 * Node's own `nextTick`. If it was replaced before this module, there is no other; the fakes of Jest and Vitest have
 * their clock on it.
 */
const tick = ownTick && "clock" in ownTick ? undefined : ownTick;
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/**
 * Helpers of servers wait for ticks, which are not events of the network: while it is open, they happen by themselves.
 *
 * @param replace - puts a property in the place of another
 */
export function keepTicks(replace: (target: object, name: string, value: unknown) => void): void {
  const asTask = (task: (...args: unknown[]) => void, ...args: unknown[]): void =>
    atEndOfTick(() => task(...args));
  if (process?.nextTick) replace(process, "nextTick", tick ?? asTask);
}

/** Resolves when ticks and promises have had their turn. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (immediate) return void immediate(resolve);
    if (!Channel) return void later(resolve);
    if (!channel) {
      channel = new Channel();
      channel.port1.onmessage = () => waiting.shift()?.();
    }
    waiting.push(resolve);
    channel.port2.postMessage(0);
  });
}

/** A tick of a server. It is Node's tick, so that `tautline/server` keeps its order with the server. */
export function nextTick(task: () => void): void {
  if (!tick) return atEndOfTick(task);
  tick(() => {
    try {
      task();
    } catch (error) {
      reportError(error);
    }
  });
}

/** Reports unhandled rejections, in place of the usual listeners. Returns a function that ends that. */
export function onRejection(told: (error: unknown) => void): () => void {
  if (process?.on && process.listeners && process.removeAllListeners) {
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", told);
    return () => {
      process.removeAllListeners?.("unhandledRejection");
      for (const other of others) process.on?.("unhandledRejection", other);
    };
  }
  const page = globalThis as Partial<EventTarget>;
  const listener = (event: Event): void => {
    event.preventDefault();
    told((event as PromiseRejectionEvent).reason);
  };
  page.addEventListener?.("unhandledrejection", listener);
  return () => page.removeEventListener?.("unhandledrejection", listener);
}
