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
 * The real event loop, from before somebody replaced it: it is used for nothing but letting ticks and promises have their turn.
 * Where fake timers came before this module, Node's own are still in `node:timers`.
 */
const {
  MessageChannel: Channel,
  setTimeout: later,
  setImmediate,
  process,
} = globalThis as unknown as Loop;
const immediate = process?.getBuiltinModule?.("node:timers").setImmediate ?? setImmediate;
const ownTick = process?.nextTick;
/** Node's own. Where it was faked before this module came, there is no other; the fakes of Jest and Vitest have their clock on them. */
const tick = ownTick && "clock" in ownTick ? undefined : ownTick;
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

/**
 * Helpers of servers wait for ticks, which are nothing of the network's: while it is open they come by themselves.
 *
 * @param replace - puts a property in the place of another
 */
export function keepTicks(replace: (target: object, name: string, value: unknown) => void): void {
  const asTask = (task: (...args: unknown[]) => void, ...args: unknown[]): void =>
    atEndOfTick(() => task(...args));
  if (process?.nextTick) replace(process, "nextTick", tick ?? asTask);
}

/** Ticks and promises have had their turn. */
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

/** A tick of a server: Node's, so that what `tautline/server` does keeps its order with what the server does. */
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

/** Tells of rejections that nobody handles, in the place of whoever hears of them otherwise. Returns what ends that. */
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
