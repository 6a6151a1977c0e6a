import { call } from "../emitter.js";
import { host, listenTo, monotonicNow } from "./browser.js";
import type { Cancel, NetworkEvent, NetworkSignals } from "./platform.js";

/** A clock that went on for longer than the page did, in milliseconds, means that the machine slept. */
const JUMP = 2000;

type Listener = (event: NetworkEvent) => void;

/** All share one set of listeners to the page, which may have hundreds of managers. */
const listeners = new Set<Listener>();
let ears: Cancel[] = [];
/** How far the clock was from the page's own time. */
let drift = 0;

/**
 * What a browser tells of its network and of the page's life: online and offline, visible again, back from the page
 * cache or from being frozen, another kind of connection, and a clock that jumped. Where a host lacks one of them, it is
 * left out.
 */
export const browserSignals: NetworkSignals = {
  subscribe(listener: Listener): Cancel {
    if (!listeners.size) listen();
    listeners.add(listener);
    return () => {
      if (listeners.delete(listener) && !listeners.size) for (const stop of ears) stop();
    };
  },
};

function listen(): void {
  drift = offset();
  const to = (target: unknown, ...types: string[]): Cancel[] =>
    types.map((type) => listenTo(target, type, hear));
  ears = [
    ...to(globalThis, "online", "offline", "pageshow", "pagehide", "focus"),
    ...to(host.document, "visibilitychange", "resume"),
    ...to(host.navigator?.connection, "change"),
  ];
}

function hear(event: Event): void {
  const signal = meaning(event);
  if (!signal) return;
  for (const listener of [...listeners])
    // another one may have unsubscribed it meanwhile
    if (listeners.has(listener)) call(listener as () => void, undefined, [signal]);
}

function meaning({ type, persisted }: Event & { persisted?: boolean }): NetworkEvent | undefined {
  switch (type) {
    case "online":
    case "offline":
      return type;
    case "change":
      return "networkchange";
    case "pagehide":
      return persisted ? "sleep" : undefined;
    case "pageshow":
      return persisted ? "wake" : undefined;
    case "focus": {
      const before = drift;
      drift = offset();
      return Math.abs(drift - before) > JUMP ? "wake" : undefined;
    }
    // a page is resumed before it is shown, if it is shown at all
    case "resume":
      return "wake";
    default: // visibilitychange
      return host.document?.visibilityState === "visible" ? "wake" : undefined;
  }
}

/** Where the clock and the page's own time differ by more than before, the machine slept. */
function offset(): number {
  return Date.now() - monotonicNow();
}
