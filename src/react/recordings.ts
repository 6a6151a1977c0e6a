import { hostTimers, isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { listen } from "../adapters/listen.js";

/** A render that isn't shown within as many milliseconds is not waited for. */
const PATIENCE = 5000;

/** Takes what came since the render, once. */
export type Take = () => unknown[][];

/** Begins to record for one more render. */
type Mark = () => Take;

const recordings = /* @__PURE__ */ new WeakMap<object, Map<string, Mark>>();

/**
 * Records what comes for one event between a render and its effects: these may be far apart, and a render may never be
 * shown. It ends when all who wait for it have taken their part.
 */
export function record(source: object, event: string): Take {
  if (isServer()) return () => [];
  let marks = recordings.get(source);
  if (!marks) recordings.set(source, (marks = new Map<string, Mark>()));
  let mark = marks.get(event);
  if (!mark) marks.set(event, (mark = recording(source, event, () => marks.delete(event))));
  return mark();
}

function recording(source: object, event: string, ended: Cancel): Mark {
  const calls: unknown[][] = [];
  const stopListening = listen(source, event, (...args: unknown[]) => calls.push(args));
  let waiting = 0;
  let stopTimer: Cancel | undefined;
  const stop = (): void => {
    stopTimer?.();
    stopListening();
    ended();
  };
  return () => {
    const start = calls.length;
    waiting++;
    stopTimer?.();
    stopTimer = hostTimers().after(PATIENCE, stop);
    let isTaken = false;
    return () => {
      if (isTaken) return [];
      isTaken = true;
      if (!--waiting) stop();
      return calls.slice(start);
    };
  };
}
