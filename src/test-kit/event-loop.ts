import { reportError } from "../errors.js";
import { atEndOfTick } from "../platform/browser.js";

interface Timers {
  setImmediate?: (task: () => void) => void;
}

interface Process {
  nextTick?: (task: () => void) => void;
  getBuiltinModule?(name: string): unknown;
}

interface Loop extends Timers {
  MessageChannel?: typeof MessageChannel;
  setTimeout(task: () => void): unknown;
  process?: Process;
}

/**
 * The real event loop, from before somebody replaced it: it is used for nothing but letting ticks and promises have their turn.
 * Where fake timers came before this module, Node's own are still in its modules.
 */
const { MessageChannel: Channel, setTimeout: later, setImmediate, process } = globalThis as Loop;
const builtin = (name: string): unknown => process?.getBuiltinModule?.(name);
const immediate = (builtin("node:timers") as Timers | undefined)?.setImmediate ?? setImmediate;
const { nextTick: tick } = (builtin("node:process") as Process | undefined) ?? process ?? {};
let channel: MessageChannel | undefined;
const waiting: (() => void)[] = [];

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
